"""UnitNormalization: scaling to unit L2 norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.normalization._shared import normalize_axes, standardize_axis

__all__ = ["UnitNormalization"]


@register()
class UnitNormalization(Layer):
    """Scales vectors to unit L2 norm: `x / norm(x)`; zero vectors are unchanged.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        axis: the axis or axes of the vectors.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axis` is not an integer or a list of integers.
        ShapeError: if the input has no such axis.

    Examples:
        >>> import numpy as np
        >>> np.round(np.asarray(UnitNormalization()(np.array([[3.0, 4.0]], "float32"))), 2)
        array([[0.6, 0.8]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = standardize_axis(axis)
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        inputs = inputs.astype(self.compute_dtype)
        square = jnp.sum(jnp.square(inputs), normalize_axes(self.axis, inputs.ndim), keepdims=True)
        return inputs * jax.lax.rsqrt(jnp.maximum(square, jnp.asarray(1e-12, inputs.dtype)))
