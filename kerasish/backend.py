"""Settings, names and dtypes, as `keras.backend` has them.

The functions of Keras 2's backend, such as `K.mean`, are in `kerasish.ops`.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.names import get_uid
from kerasish.core.settings.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from kerasish.core.settings.process_settings import backend
from kerasish.utils import clear_session, is_keras_tensor, standardize_dtype

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]

_PYTHON = (int, float, complex)


def is_float_dtype(dtype: Any) -> bool:
    """Return whether a dtype is a real floating one.

    Args:
        dtype: as in `standardize_dtype`.

    Examples:
        >>> is_float_dtype("bfloat16"), is_float_dtype("int8")
        (True, False)
    """
    return standardize_dtype(dtype).startswith(("float", "bfloat"))


def is_int_dtype(dtype: Any) -> bool:
    """Return whether a dtype is one of integers, signed or not.

    Args:
        dtype: as in `standardize_dtype`.

    Examples:
        >>> is_int_dtype("uint8"), is_int_dtype("bool")
        (True, False)
    """
    return standardize_dtype(dtype).startswith(("int", "uint"))


def result_type(*dtypes: Any) -> str:
    """Return the name of the dtype that an operation on several has, by JAX's rules.

    Args:
        *dtypes: as in `standardize_dtype`. `int` and `float`, the types of Python's numbers,
            take the size of the others; without any dtype it is `floatx()`.

    Raises:
        ArgumentError: if one is not a dtype, or they need an explicit cast.

    Examples:
        >>> result_type("int32", "float32"), result_type("bfloat16", int)
        ('float32', 'bfloat16')
    """
    names = (each if each in _PYTHON else standardize_dtype(each) for each in dtypes or [None])
    given = [each if each in _PYTHON else jax.dtypes.canonicalize_dtype(each) for each in names]
    try:
        return str(jnp.result_type(*given))
    except ValueError as error:
        raise ArgumentError(
            f"The dtypes {', '.join(map(str, dtypes))} have no common dtype; cast one of them."
        ) from error
