"""The registry of layer classes, and what several families share."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.argument_validation import channels_axis, layout, padding_mode, sizes
from kerasish.core.serialization.registry import Registry

__all__ = ["along", "channels_axis", "layers", "layout", "padding_mode", "register", "sizes"]

layers = Registry("layer", "layers")
register = layers.register


def along(vector: Any, ndim: int, axis: int = -1) -> Any:
    """Return a vector with ones around its axis, ready to meet an array of `ndim` dimensions."""
    axis %= ndim
    return jnp.reshape(vector, (1,) * axis + (-1,) + (1,) * (ndim - 1 - axis))
