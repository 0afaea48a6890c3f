"""Activations between two bounds, and those that shrink or gate."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from kerasish.activations._family import register
from kerasish.core.errors import ShapeError
from kerasish.core.scope import set_metadata
from kerasish.core.types import Array

__all__ = [
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "log_sigmoid",
    "sigmoid",
    "soft_shrink",
    "sparse_sigmoid",
]


@register()
def sigmoid(x: Array) -> Array:
    """`1 / (1 + exp(-x))`. A loss on the result is computed from `x`.

    Args:
        x: an array.

    Examples:
        >>> sigmoid([-100.0, 0.0, 100.0]).tolist()
        [0.0, 0.5, 1.0]
    """
    y = jax.nn.sigmoid(x)
    set_metadata(y, sigmoid_logits=x)
    return y


@register()
def log_sigmoid(x: Array) -> Array:
    """The logarithm of `sigmoid`.

    Args:
        x: an array.

    Examples:
        >>> log_sigmoid([-100.0, 100.0]).tolist()
        [-100.0, -0.0]
    """
    return jax.nn.log_sigmoid(x)


@register()
def hard_sigmoid(x: Array) -> Array:
    """`clip(x / 6 + 1/2, 0, 1)`.

    Args:
        x: an array.

    Examples:
        >>> hard_sigmoid([-3.0, 0.0, 3.0]).tolist()
        [0.0, 0.5, 1.0]
    """
    return jax.nn.hard_sigmoid(x)


@register()
def sparse_sigmoid(x: Array) -> Array:
    """`clip((x + 1) / 2, 0, 1)` (Martins & Astudillo, 2016).

    Args:
        x: an array.

    Examples:
        >>> sparse_sigmoid([-1.0, 0.5, 1.0]).tolist()
        [0.0, 0.75, 1.0]
    """
    return jax.nn.sparse_sigmoid(x)


@register()
def hard_tanh(x: Array) -> Array:
    """`clip(x, -1, 1)`.

    Args:
        x: an array.

    Examples:
        >>> hard_tanh([-3.0, 0.5, 3.0]).tolist()
        [-1.0, 0.5, 1.0]
    """
    return jax.nn.hard_tanh(x)


@register("hard_swish")
def hard_silu(x: Array) -> Array:
    """`x * hard_sigmoid(x)`, also called hard swish (Howard et al., 2019).

    Args:
        x: an array.

    Examples:
        >>> hard_silu([-3.0, 0.0, 3.0]).tolist()
        [-0.0, 0.0, 3.0]
    """
    return jax.nn.hard_silu(x)


@register()
def hard_shrink(x: Array, threshold: float = 0.5) -> Array:
    """0 up to `threshold` away from zero, `x` beyond.

    Args:
        x: an array.
        threshold: the distance.

    Examples:
        >>> hard_shrink([-1.0, 0.25, 1.0]).tolist()
        [-1.0, 0.0, 1.0]
    """
    return jnp.where(jnp.abs(x) > threshold, x, jnp.zeros_like(x))


@register()
def soft_shrink(x: Array, threshold: float = 0.5) -> Array:
    """0 up to `threshold` away from zero, beyond `x` moved towards zero by it.

    Args:
        x: an array.
        threshold: the distance.

    Examples:
        >>> soft_shrink([-1.0, 0.25, 1.0]).tolist()
        [-0.5, 0.0, 0.5]
    """
    return jnp.where(jnp.abs(x) > threshold, x - jnp.sign(x) * threshold, jnp.zeros_like(x))


@register()
def glu(x: Array, axis: int = -1) -> Array:
    """Gated linear unit: one half times the sigmoid of the other (Dauphin et al., 2017).

    Args:
        x: an array `(..., 2 * units, ...)`.
        axis: which is cut into halves.

    Returns:
        `(..., units, ...)`.

    Raises:
        ShapeError: if the axis has an odd size.

    Examples:
        >>> glu([1.0, 2.0, 0.0, 100.0]).tolist()
        [0.5, 2.0]
    """
    if x.shape[axis] % 2:
        raise ShapeError(f"glu cuts axis {axis} into halves; its size {x.shape[axis]} is odd.")
    return jax.nn.glu(x, axis)
