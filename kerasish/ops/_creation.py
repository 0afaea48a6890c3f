"""New arrays: of one value, of evenly spaced ones, in the form of another."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.settings import config
from kerasish.ops._define import define, family

__all__ = ["known_dtype"]


def known_dtype(dtype: Any) -> Any:
    """Return a dtype that arrays can have here: 64 bits are 32 unless JAX is told otherwise."""
    if dtype is None:
        return None
    dtype = np.dtype(dtype) if not isinstance(dtype, str) else jnp.dtype(dtype)
    return jax.dtypes.canonicalize_dtype(dtype)


def _or_float(dtype: Any) -> Any:
    return known_dtype(dtype or config.floatx())


def _of_shape(function: Any) -> Any:
    return lambda shape, dtype=None: function(shape, _or_float(dtype))


def _like(function: Any) -> Any:
    return lambda x, dtype=None: function(x, known_dtype(dtype))


def _window(function: Any) -> Any:
    return lambda x: function(x).astype(config.floatx())


def _arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Return `start, start + step, ...` up to `stop`, without it; from 0 if it is alone."""
    if dtype is None:
        given = [jnp.result_type(each) for each in (start, stop, step) if each is not None]
        floating = any(jnp.issubdtype(each, jnp.floating) for each in given)
        dtype = config.floatx() if floating else jnp.result_type(*given, "int32")
    return jnp.arange(start, stop, step, known_dtype(dtype))


def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    return jnp.linspace(start, stop, num, endpoint, retstep, known_dtype(dtype), axis=axis)


define(
    "numpy",
    {
        **family(_of_shape, jnp, "empty ones zeros"),
        **family(_like, jnp, "array empty_like ones_like zeros_like"),
        **family(_window, jnp, "bartlett blackman hamming hanning"),
        "arange": _arange,
        "eye": lambda N, M=None, k=0, dtype=None: jnp.eye(N, M, k, _or_float(dtype)),
        "full": lambda shape, fill_value, dtype=None: jnp.full(shape, fill_value, _or_float(dtype)),
        "full_like": lambda x, fill_value, dtype=None: jnp.full_like(
            x, fill_value, known_dtype(dtype)
        ),
        "geomspace": lambda start, stop, num=50, endpoint=True, dtype=None, axis=0: jnp.geomspace(
            start, stop, num, endpoint, known_dtype(dtype), axis
        ),
        "identity": lambda n, dtype=None: jnp.identity(n, _or_float(dtype)),
        "kaiser": lambda x, beta: jnp.kaiser(x, beta).astype(config.floatx()),
        "linspace": _linspace,
        "logspace": lambda start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0: (
            jnp.logspace(start, stop, num, endpoint, base, known_dtype(dtype), axis)
        ),
        "tri": lambda N, M=None, k=0, dtype=None: jnp.tri(N, M, k, _or_float(dtype)),
        "vander": lambda x, N=None, increasing=False: jnp.vander(x, N, increasing),
    },
    arguments={"arange": "start stop step", "full": "fill_value", "full_like": "x fill_value"},
)
