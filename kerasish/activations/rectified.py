"""Activations that are `x` above zero, or nearly so, and small below."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from kerasish.activations._family import activations, register
from kerasish.core.types import Array

__all__ = [
    "celu",
    "elu",
    "leaky_relu",
    "linear",
    "relu",
    "relu6",
    "selu",
    "sparse_plus",
    "threshold",
]


@activations.register()
def linear(x: Array) -> Array:
    """Return `x` as it is.

    Examples:
        >>> linear(3.0)
        3.0
    """
    return x


@register()
def relu(
    x: Array, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Array:
    """Rectified linear unit: `max(x, 0)`, with Keras's generalizations.

    Args:
        x: an array.
        negative_slope: the slope below `threshold`.
        max_value: the largest value returned; None for no bound.
        threshold: up to it the function is `negative_slope * (x - threshold)`.

    Examples:
        >>> relu([-2.0, 3.0]).tolist()
        [0.0, 3.0]
    """
    if not threshold and max_value is None:
        return jax.nn.leaky_relu(x, negative_slope) if negative_slope else jax.nn.relu(x)
    below = negative_slope * (x - threshold) if negative_slope else jnp.zeros_like(x)
    y = jnp.where(x > threshold, x, below)
    return y if max_value is None else jnp.minimum(y, max_value)


@register()
def relu6(x: Array) -> Array:
    """`min(max(x, 0), 6)`.

    Args:
        x: an array.

    Examples:
        >>> relu6([-2.0, 3.0, 8.0]).tolist()
        [0.0, 3.0, 6.0]
    """
    return jax.nn.relu6(x)


@register()
def leaky_relu(x: Array, negative_slope: float = 0.2) -> Array:
    """`x` above zero, `negative_slope * x` below.

    Args:
        x: an array.
        negative_slope: the slope below zero.

    Examples:
        >>> leaky_relu([-2.0, 3.0], 0.5).tolist()
        [-1.0, 3.0]
    """
    return jax.nn.leaky_relu(x, negative_slope)


@register()
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Exponential linear unit: `alpha * (exp(x) - 1)` below zero (Clevert et al., 2016).

    Args:
        x: an array.
        alpha: what it tends to, negated, far below zero.

    Examples:
        >>> elu([-100.0, 3.0], 0.5).tolist()
        [-0.5, 3.0]
    """
    return jax.nn.elu(x, alpha)


@register()
def celu(x: Array, alpha: float = 1.0) -> Array:
    """Continuously differentiable `elu`: `alpha * (exp(x / alpha) - 1)` below zero (Barron, 2017).

    Args:
        x: an array.
        alpha: what it tends to, negated, far below zero.

    Examples:
        >>> celu([-100.0, 3.0], 0.5).tolist()
        [-0.5, 3.0]
    """
    return jax.nn.celu(x, alpha)


@register()
def selu(x: Array) -> Array:
    """Scaled exponential linear unit, which keeps mean and variance (Klambauer et al., 2017).

    Args:
        x: an array.

    Examples:
        >>> [round(y, 3) for y in selu([-100.0, 1.0]).tolist()]
        [-1.758, 1.051]
    """
    return jax.nn.selu(x)


@register()
def sparse_plus(x: Array) -> Array:
    """0 up to -1, `((x + 1) / 2)**2` up to 1, `x` from there (Bai et al., 2021).

    Args:
        x: an array.

    Examples:
        >>> sparse_plus([-2.0, 0.0, 2.0]).tolist()
        [0.0, 0.25, 2.0]
    """
    return jax.nn.sparse_plus(x)


@register()
def threshold(x: Array, threshold: float, default_value: float) -> Array:
    """`x` above a threshold, one value up to it.

    Args:
        x: an array.
        threshold: the threshold.
        default_value: the value.

    Examples:
        >>> threshold([0.0, 1.0, 2.0], 1.0, -5.0).tolist()
        [-5.0, -5.0, 2.0]
    """
    return jnp.where(x > threshold, x, jnp.asarray(default_value, x.dtype))
