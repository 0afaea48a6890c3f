"""Masking: a mask for timesteps that hold a given value."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register

__all__ = ["Masking"]


@register()
class Masking(Layer):
    """Masks timesteps whose features all equal `mask_value`, and sets them to 0.

    Layers that follow skip these timesteps.

    Shapes: `(batch, steps, ..., features)`, unchanged.

    Args:
        mask_value: the value.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x = jnp.array([[[1.0, 2.0], [-1.0, -1.0]]])
        >>> Masking(mask_value=-1.0)(x).tolist()
        [[[1.0, 2.0], [0.0, 0.0]]]
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return jnp.where(self.compute_mask(inputs)[..., None], inputs, jnp.zeros((), inputs.dtype))

    def compute_mask(self, inputs: Array, mask: Array | None = None) -> Array:
        """Return where any feature has another value."""
        return jnp.any(inputs != self.mask_value, -1)
