"""`keras.backend`: settings, unique names and dtypes.

The functions of the Keras 2 backend, such as `K.mean`, are in `kerasish.ops`.
"""

from __future__ import annotations

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
from kerasish.core.types import DTypeLike
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

_PYTHON_TYPES = (int, float, complex)


def is_float_dtype(dtype: DTypeLike | None) -> bool:
    """Return whether a dtype is a real floating-point dtype.

    Args:
        dtype: as in `standardize_dtype`.

    Examples:
        >>> is_float_dtype("bfloat16"), is_float_dtype("int8")
        (True, False)
    """
    return standardize_dtype(dtype).startswith(("float", "bfloat"))


def is_int_dtype(dtype: DTypeLike | None) -> bool:
    """Return whether a dtype is a signed or unsigned integer dtype.

    Args:
        dtype: as in `standardize_dtype`.

    Examples:
        >>> is_int_dtype("uint8"), is_int_dtype("bool")
        (True, False)
    """
    return standardize_dtype(dtype).startswith(("int", "uint"))


def result_type(*dtypes: DTypeLike | None) -> str:
    """Return the name of the result dtype of several dtypes, by the promotion rules of JAX.

    Args:
        *dtypes: as in `standardize_dtype`. The Python types `int` and `float` are weak: they
            take the size of the others. Without arguments the result is `floatx()`.

    Raises:
        ArgumentError: if an argument is not a dtype, or an explicit cast is needed.

    Examples:
        >>> result_type("int32", "float32"), result_type("bfloat16", int)
        ('float32', 'bfloat16')
    """
    names = (
        each if each in _PYTHON_TYPES else standardize_dtype(each) for each in dtypes or [None]
    )
    given = [
        each if each in _PYTHON_TYPES else jax.dtypes.canonicalize_dtype(each) for each in names
    ]
    try:
        return str(jnp.result_type(*given))
    except ValueError as error:
        raise ArgumentError(
            f"The dtypes {', '.join(map(str, dtypes))} have no common dtype; cast one of them."
        ) from error
