"""What concerns dtypes, tensors, and what the process holds."""

from __future__ import annotations

import gc
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.names import forget_uids
from kerasish.core.settings.config import floatx

__all__ = ["clear_session", "is_keras_tensor", "standardize_dtype"]

_PYTHON = {bool: "bool", int: "int32", float: "float32", str: "string", "int": "int32"}


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a dtype.

    Args:
        dtype: a name, a dtype of NumPy or JAX, a type of Python's; None is `floatx()`.

    Raises:
        ArgumentError: if there is no such dtype.

    Examples:
        >>> standardize_dtype(jnp.bfloat16), standardize_dtype(int), standardize_dtype(None)
        ('bfloat16', 'int32', 'float32')
    """
    if dtype is None:
        return floatx()
    if isinstance(dtype, (type, str)) and dtype in _PYTHON:
        return _PYTHON[dtype]
    if isinstance(dtype, str) and dtype == "string":
        return dtype
    try:
        name = str(jnp.dtype(dtype).name)
    except TypeError:
        name = ""
    # NumPy knows "float" as float64, which nobody means here.
    if name in ("", "object") or (isinstance(dtype, str) and name != dtype):
        raise ArgumentError(f"There is no dtype {dtype!r}; give a name such as 'float32'.")
    return name


def is_keras_tensor(x: Any) -> bool:
    """Return whether `x` is symbolic: made by `Input` or by a layer called on such.

    Examples:
        >>> from kerasish import Input
        >>> is_keras_tensor(Input((3,))), is_keras_tensor(jnp.ones(3))
        (True, False)
    """
    return isinstance(x, SymbolicTensor)


def clear_session(free_memory: bool = True) -> None:
    """Let go of compiled programs and of objects that nobody holds.

    Names need no reset: they are unique within their model only. Models that are
    still held stay usable, and compile again.

    Args:
        free_memory: whether to; otherwise only the numbers of `backend.get_uid` begin again.

    Examples:
        >>> clear_session()
    """
    forget_uids()
    if free_memory:
        gc.collect()
        jax.clear_caches()
