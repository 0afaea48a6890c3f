"""Sums, means, extremes: functions that an axis is lost in, or run along."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.ops._define import define, family


def _over(function: Any) -> Any:
    return lambda x, axis=None, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def _bounded(function: Any) -> Any:
    return lambda x, axis=None, keepdims=False, initial=None: function(
        x, axis=axis, keepdims=keepdims, initial=initial
    )


def _running(function: Any) -> Any:
    return lambda x, axis=None, dtype=None: function(x, axis=axis, dtype=dtype)


def _quantile(function: Any) -> Any:
    return lambda x, q, axis=None, method="linear", keepdims=False: function(
        x, q, axis=axis, method=method, keepdims=keepdims
    )


_of_quantiles = "x q"

define(
    "numpy",
    {
        **family(
            _over,
            jnp,
            """
            all amax any amin argmax argmin mean median nanargmax nanargmin nanmax nanmean
            nanmedian nanmin nanprod nanstd nansum nanvar ptp std sum var
            """,
        ),
        **family(_bounded, jnp, "max min"),
        **family(_running, jnp, "cumprod cumsum nancumprod nancumsum"),
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
