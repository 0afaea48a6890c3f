"""Elementwise functions of one array or of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.types import Array, ArrayLike
from kerasish.ops._define import binary, define, family, unary


def _bitwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function(x, y)


def _clip(x: Array, x_min: ArrayLike, x_max: ArrayLike) -> Array:
    return jnp.clip(x, x_min, x_max)


def _divide_no_nan(x1: Array, x2: Array) -> Array:
    """Return `x1 / x2`, and 0 where `x2` is 0."""
    # Dividing by 0 would make the gradient nan, although the result would not be.
    safe = jnp.where(x2 == 0, 1, x2)
    return jnp.where(x2 == 0, 0, jnp.divide(x1, safe))


define(
    "numpy",
    {
        **family(
            unary,
            jnp,
            """
            abs absolute angle arccos=acos arccosh=acosh arcsin=asin arcsinh=asinh arctan=atan
            arctanh=atanh bitwise_invert bitwise_not cbrt ceil conj conjugate copy cos cosh deg2rad
            exp exp2 expm1 fabs floor i0 imag isfinite isinf isnan isneginf isposinf isreal log
            log10 log1p log2 logical_not negative rad2deg real reciprocal sign signbit sin sinc
            sinh sqrt square tan tanh trunc
            """,
        ),
        **family(
            binary,
            jnp,
            """
            add arctan2=atan2 divide equal floor_divide fmax fmin fmod gcd greater greater_equal
            heaviside hypot lcm ldexp less less_equal logaddexp logaddexp2 logical_and logical_or
            logical_xor maximum minimum mod multiply nextafter not_equal power=pow subtract
            true_divide
            """,
        ),
        **family(
            _bitwise,
            jnp,
            """
            bitwise_and bitwise_left_shift=left_shift bitwise_or bitwise_right_shift=right_shift
            bitwise_xor left_shift right_shift
            """,
        ),
        "clip": _clip,
        "divide_no_nan": _divide_no_nan,
        "isclose": lambda x1, x2, rtol=1e-5, atol=1e-8, equal_nan=False: jnp.isclose(
            x1, x2, rtol, atol, equal_nan
        ),
        "nan_to_num": lambda x, nan=0.0, posinf=None, neginf=None: jnp.nan_to_num(
            x, nan=nan, posinf=posinf, neginf=neginf
        ),
        "round": lambda x, decimals=0: jnp.round(x, decimals),
    },
    kinds={"abs": "Absolute", "conj": "Conjugate"},
    arguments={"isclose": "x1 x2 rtol atol"},
)
define(
    "math",
    {
        **family(unary, jax.lax, "rsqrt"),
        **family(unary, jax.scipy.special, "erf erfc erfinv"),
    },
    docs="jax.scipy.special",
)
