"""Array creation: zeros, arange, linspace, eye, windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.settings import config
from kerasish.core.types import Array, ArrayLike, DTypeLike
from kerasish.ops._define import define, family

__all__ = ["canonical_dtype", "known_dtype"]


def known_dtype(dtype: DTypeLike | None) -> np.dtype[Any] | None:
    """Return the canonical dtype for `dtype` (see `canonical_dtype`), and None for None."""
    return None if dtype is None else canonical_dtype(dtype)


def canonical_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Return the dtype that JAX uses in the place of `dtype`: 32 bits for 64, unless enabled."""
    found: np.dtype[Any] = jax.dtypes.canonicalize_dtype(
        jnp.dtype(dtype) if isinstance(dtype, str) else np.dtype(dtype)
    )
    return found


def _or_floatx(dtype: DTypeLike | None) -> np.dtype[Any]:
    return canonical_dtype(dtype or config.floatx())


def _of_shape(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda shape, dtype=None: function(shape, _or_floatx(dtype))


def _like(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, dtype=None: function(x, known_dtype(dtype))


def _window(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: function(x).astype(config.floatx())


def _arange(
    start: ArrayLike,
    stop: ArrayLike | None = None,
    step: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> Array:
    """Return evenly spaced values in `[start, stop)`; with one argument, from 0."""
    if dtype is None:
        given = [jnp.result_type(each) for each in (start, stop, step) if each is not None]
        floating = any(jnp.issubdtype(each, jnp.floating) for each in given)
        dtype = config.floatx() if floating else jnp.result_type(*given, "int32")
    return jnp.arange(start, stop, step, known_dtype(dtype))


def _linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: int = 0,
) -> Array | tuple[Array, Array]:
    return jnp.linspace(start, stop, num, endpoint, retstep, known_dtype(dtype), axis=axis)


define(
    "numpy",
    {
        **family(_of_shape, jnp, "empty ones zeros"),
        **family(_like, jnp, "array empty_like ones_like zeros_like"),
        **family(_window, jnp, "bartlett blackman hamming hanning"),
        "arange": _arange,
        "eye": lambda N, M=None, k=0, dtype=None: jnp.eye(N, M, k, _or_floatx(dtype)),
        "full": lambda shape, fill_value, dtype=None: jnp.full(
            shape, fill_value, _or_floatx(dtype)
        ),
        "full_like": lambda x, fill_value, dtype=None: jnp.full_like(
            x, fill_value, known_dtype(dtype)
        ),
        "geomspace": lambda start, stop, num=50, endpoint=True, dtype=None, axis=0: jnp.geomspace(
            start, stop, num, endpoint, known_dtype(dtype), axis
        ),
        "identity": lambda n, dtype=None: jnp.identity(n, _or_floatx(dtype)),
        "kaiser": lambda x, beta: jnp.kaiser(x, beta).astype(config.floatx()),
        "linspace": _linspace,
        "logspace": lambda start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0: (
            jnp.logspace(start, stop, num, endpoint, base, known_dtype(dtype), axis)
        ),
        "tri": lambda N, M=None, k=0, dtype=None: jnp.tri(N, M, k, _or_floatx(dtype)),
        "vander": lambda x, N=None, increasing=False: jnp.vander(x, N, increasing),
    },
    arguments={"arange": "start stop step", "full": "fill_value", "full_like": "x fill_value"},
)
