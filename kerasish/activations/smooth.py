"""Activations that are curved everywhere, and softer kin of the rectified ones."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from kerasish.activations._family import register
from kerasish.core.types import Array

__all__ = [
    "exponential",
    "gelu",
    "mish",
    "silu",
    "softplus",
    "softsign",
    "squareplus",
    "tanh",
    "tanh_shrink",
]


@register()
def tanh(x: Array) -> Array:
    """The hyperbolic tangent.

    Args:
        x: an array.

    Examples:
        >>> tanh([-100.0, 0.0, 100.0]).tolist()
        [-1.0, 0.0, 1.0]
    """
    return jnp.tanh(x)


@register()
def tanh_shrink(x: Array) -> Array:
    """`x - tanh(x)`.

    Args:
        x: an array.

    Examples:
        >>> tanh_shrink([-100.0, 0.0, 100.0]).tolist()
        [-99.0, 0.0, 99.0]
    """
    return x - jnp.tanh(x)


@register()
def exponential(x: Array) -> Array:
    """`exp(x)`.

    Args:
        x: an array.

    Examples:
        >>> exponential(0.0).item()
        1.0
    """
    return jnp.exp(x)


@register()
def gelu(x: Array, approximate: bool = False) -> Array:
    """Gaussian error linear unit: `x * P(X <= x)` (Hendrycks & Gimpel, 2016).

    Args:
        x: an array.
        approximate: whether to use the tanh form.

    Examples:
        >>> [round(y, 4) for y in gelu([-1.0, 0.0, 1.0]).tolist()]
        [-0.1587, 0.0, 0.8413]
    """
    if approximate or x.dtype != jnp.float32:
        # Where there are few digits, 1 + erf has none left far below zero.
        return jax.nn.gelu(x, approximate=approximate)
    # In float32 as near as makes no difference, and faster than by erfc, which JAX has.
    return 0.5 * x * (1 + jax.lax.erf(x * math.sqrt(0.5)))


@register("swish")
def silu(x: Array) -> Array:
    """`x * sigmoid(x)`, also called swish (Ramachandran et al., 2017).

    Args:
        x: an array.

    Examples:
        >>> silu([-100.0, 0.0, 100.0]).tolist()
        [-0.0, 0.0, 100.0]
    """
    return jax.nn.silu(x)


@register()
def mish(x: Array) -> Array:
    """`x * tanh(softplus(x))` (Misra, 2020).

    Args:
        x: an array.

    Examples:
        >>> mish([0.0, 100.0]).tolist()
        [0.0, 100.0]
    """
    return jax.nn.mish(x)


@register()
def softplus(x: Array) -> Array:
    """`log(1 + exp(x))`.

    Args:
        x: an array.

    Examples:
        >>> softplus([-100.0, 100.0]).tolist()
        [0.0, 100.0]
    """
    return jax.nn.softplus(x)


@register()
def squareplus(x: Array, b: float = 4) -> Array:
    """`(x + sqrt(x**2 + b)) / 2` (Barron, 2021).

    Args:
        x: an array.
        b: how far the curve is from the corner of `relu`.

    Examples:
        >>> squareplus([0.0, 1.5]).tolist()
        [1.0, 2.0]
    """
    return jax.nn.squareplus(x, b)


@register()
def softsign(x: Array) -> Array:
    """`x / (1 + |x|)`.

    Args:
        x: an array.

    Examples:
        >>> softsign([-1.0, 3.0]).tolist()
        [-0.5, 0.75]
    """
    return jax.nn.soft_sign(x)
