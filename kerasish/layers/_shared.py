"""The registry of layer classes, and helpers that several families share."""

from __future__ import annotations

import jax.numpy as jnp

from kerasish.core.argument_validation import (
    conv_dimension_numbers,
    positive_int,
    standardize_data_format,
    standardize_padding,
    standardize_tuple,
)
from kerasish.core.serialization.registry import Registry
from kerasish.core.types import Array

__all__ = [
    "broadcast_along",
    "conv_dimension_numbers",
    "layers",
    "positive_int",
    "register",
    "standardize_data_format",
    "standardize_padding",
    "standardize_tuple",
]

layers = Registry("layer", "layers")
register = layers.register


def broadcast_along(vector: Array, ndim: int, axis: int = -1) -> Array:
    """Reshape a vector to broadcast along one axis of an array of `ndim` dimensions."""
    axis %= ndim
    return jnp.reshape(vector, (1,) * axis + (-1,) + (1,) * (ndim - 1 - axis))
