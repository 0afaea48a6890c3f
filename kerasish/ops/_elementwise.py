"""Functions of each element of one array, or of two."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.ops._define import define, family


def _of_one(function: Any) -> Any:
    return lambda x: function(x)


def _of_two(function: Any) -> Any:
    return lambda x1, x2: function(x1, x2)


def _of_bits(function: Any) -> Any:
    return lambda x, y: function(x, y)


def _clip(x: Any, x_min: Any, x_max: Any) -> Any:
    return jnp.clip(x, x_min, x_max)


def _divide_no_nan(x1: Any, x2: Any) -> Any:
    """Return `x1 / x2`, and 0 where `x2` is 0."""
    # The quotient by 0 would be nan in the gradient, though it is not in the result.
    safe = jnp.where(x2 == 0, 1, x2)
    return jnp.where(x2 == 0, 0, jnp.divide(x1, safe))


define(
    "numpy",
    {
        **family(
            _of_one,
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
            _of_two,
            jnp,
            """
            add arctan2=atan2 divide equal floor_divide fmax fmin fmod gcd greater greater_equal
            heaviside hypot lcm ldexp less less_equal logaddexp logaddexp2 logical_and logical_or
            logical_xor maximum minimum mod multiply nextafter not_equal power=pow subtract
            true_divide
            """,
        ),
        **family(
            _of_bits,
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
        **family(_of_one, jax.lax, "rsqrt"),
        **family(_of_one, jax.scipy.special, "erf erfc erfinv"),
    },
    docs="jax.scipy.special",
)
