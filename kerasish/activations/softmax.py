"""Activations that add up to 1 along an axis."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from kerasish.activations._family import register
from kerasish.core.scope import set_metadata
from kerasish.core.types import Array

__all__ = ["log_softmax", "softmax", "sparsemax"]


@register()
def softmax(x: Array, axis: int | tuple[int, ...] = -1) -> Array:
    """`exp(x) / sum(exp(x))` along `axis`. A loss on the result is computed from `x`.

    Args:
        x: an array.
        axis: the axis, or several, over which the result adds up to 1.

    Examples:
        >>> softmax([[0.0, 0.0], [0.0, 100.0]]).tolist()
        [[0.5, 0.5], [0.0, 1.0]]
    """
    y = jax.nn.softmax(x, axis)
    if axis in (-1, x.ndim - 1):
        set_metadata(y, softmax_logits=x)
    return y


@register()
def log_softmax(x: Array, axis: int = -1) -> Array:
    """The logarithm of `softmax`.

    Args:
        x: an array.
        axis: see `softmax`.

    Examples:
        >>> log_softmax([0.0, 100.0]).tolist()
        [-100.0, 0.0]
    """
    return jax.nn.log_softmax(x, axis)


@register()
def sparsemax(x: Array, axis: int = -1) -> Array:
    """The nearest point whose parts add up to 1; many are 0 (Martins & Astudillo, 2016).

    Args:
        x: an array.
        axis: over which the result adds up to 1.

    Examples:
        >>> sparsemax([0.0, 1.0, 1.5]).tolist()
        [0.0, 0.25, 0.75]
    """
    x = x - jax.lax.stop_gradient(jnp.max(x, axis, keepdims=True))  # Any shift will do.
    kept = jax.lax.stop_gradient(_is_kept(x, axis))
    surplus = jnp.sum(jnp.where(kept, x, 0), axis, keepdims=True) - 1
    # With the kept parts known, the rest is linear, and so is its gradient.
    shift = surplus / jnp.sum(kept, axis, keepdims=True, dtype=x.dtype)
    return jnp.where(kept, x - shift, 0)


def _is_kept(x: Array, axis: int) -> Array:
    """Return which parts are above zero in the end: the largest ones, as long as they fit."""
    falling = jnp.flip(jnp.sort(x, axis), axis)
    shape = [1] * x.ndim
    shape[axis] = -1
    count = jnp.arange(1, x.shape[axis] + 1, dtype=x.dtype).reshape(shape)
    fits = 1 + count * falling > jnp.cumsum(falling, axis)
    least = jnp.min(jnp.where(fits, falling, jnp.inf), axis, keepdims=True)
    return x >= least
