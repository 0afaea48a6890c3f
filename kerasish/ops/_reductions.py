"""Reductions and cumulative functions: sum, mean, max, cumsum, quantile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.ops._define import define, family


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def _reduction_with_initial(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False, initial=None: function(
        x, axis=axis, keepdims=keepdims, initial=initial
    )


def _cumulative(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, dtype=None: function(x, axis=axis, dtype=dtype)


def _quantile(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, q, axis=None, method="linear", keepdims=False: function(
        x, q, axis=axis, method=method, keepdims=keepdims
    )


_of_quantiles = "x q"

define(
    "numpy",
    {
        **family(
            _reduction,
            jnp,
            """
            all amax any amin argmax argmin mean median nanargmax nanargmin nanmax nanmean
            nanmedian nanmin nanprod nanstd nansum nanvar ptp std sum var
            """,
        ),
        **family(_reduction_with_initial, jnp, "max min"),
        **family(_cumulative, jnp, "cumprod cumsum nancumprod nancumsum"),
        **family(_quantile, jnp, "nanpercentile nanquantile percentile quantile"),
        "average": lambda x, axis=None, weights=None: jnp.average(x, axis, weights),
        "count_nonzero": lambda x, axis=None: jnp.count_nonzero(x, axis),
        "diff": lambda a, n=1, axis=-1: jnp.diff(a, n, axis),
        "prod": lambda x, axis=None, keepdims=False, dtype=None: jnp.prod(
            x, axis, dtype, keepdims=keepdims
        ),
        "trapezoid": lambda y, x=None, dx=1.0, axis=-1: jnp.trapezoid(y, x, dx, axis),
    },
    arguments={
        "average": "x weights",
        "trapezoid": "y",
        **dict.fromkeys(("nanpercentile", "nanquantile", "percentile", "quantile"), _of_quantiles),
    },
)
define(
    "math",
    {
        "logsumexp": lambda x, axis=None, keepdims=False: jax.nn.logsumexp(
            x, axis, keepdims=keepdims
        )
    },
    docs="jax.nn",
)
