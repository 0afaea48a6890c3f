"""standardize_dtype, is_keras_tensor and clear_session."""

from __future__ import annotations

import gc

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.names import forget_uids
from kerasish.core.settings.config import floatx
from kerasish.core.types import DTypeLike

__all__ = ["clear_session", "is_keras_tensor", "standardize_dtype"]

_PYTHON_TYPES = {bool: "bool", int: "int32", float: "float32", str: "string", "int": "int32"}


def standardize_dtype(dtype: DTypeLike | None) -> str:
    """Return the name of a dtype.

    Args:
        dtype: a name, a dtype of NumPy or JAX, or a Python type; None is `floatx()`.

    Raises:
        ArgumentError: if the dtype is unknown.

    Examples:
        >>> standardize_dtype(jnp.bfloat16), standardize_dtype(int), standardize_dtype(None)
        ('bfloat16', 'int32', 'float32')
    """
    if dtype is None:
        return floatx()
    if isinstance(dtype, (type, str)) and dtype in _PYTHON_TYPES:
        return _PYTHON_TYPES[dtype]
    if isinstance(dtype, str) and dtype == "string":
        return dtype
    try:
        name = str(jnp.dtype(dtype).name)
    except TypeError:
        name = ""
    # NumPy resolves "float" to float64, which is not intended here.
    if name in ("", "object") or (isinstance(dtype, str) and name != dtype):
        raise ArgumentError(f"There is no dtype {dtype!r}; pass a name such as 'float32'.")
    return name


def is_keras_tensor(x: object) -> bool:
    """Return whether `x` is symbolic: the result of `Input` or of a layer called on such a tensor.

    Examples:
        >>> from kerasish import Input
        >>> is_keras_tensor(Input((3,))), is_keras_tensor(jnp.ones(3))
        (True, False)
    """
    return isinstance(x, SymbolicTensor)


def clear_session(free_memory: bool = True) -> None:
    """Release compiled programs and unreferenced objects.

    Layer names need no reset: they are unique within their model only. Existing models stay
    usable and compile again.

    Args:
        free_memory: whether to collect garbage and clear the caches of JAX; otherwise only the
            counters of `backend.get_uid` are reset.

    Examples:
        >>> clear_session()
    """
    forget_uids()
    if free_memory:
        gc.collect()
        jax.clear_caches()
