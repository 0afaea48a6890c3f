"""RMSNormalization: division by the root mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.normalization._shared import normalize_axes, standardize_axis, upcast

__all__ = ["RMSNormalization"]


@register()
class RMSNormalization(Layer):
    """Divides each sample by the root mean square of its features (Zhang & Sennrich, 2019).

    The result is multiplied by a weight, `scale`, which starts at 1.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        axis: the feature axis or axes.
        epsilon: added to the mean square.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axis` is not an integer or a list of integers.
        ShapeError: if the input has no such axis.

    Examples:
        >>> import numpy as np
        >>> np.round(np.asarray(RMSNormalization()(np.array([[1.0, 7.0]], "float32"))), 2)
        array([[0.2, 1.4]], dtype=float32)
    """

    scale: Variable

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.axis = standardize_axis(axis)
        self.epsilon = epsilon
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        self._axes = normalize_axes(self.axis, len(input_shape))
        sizes = tuple(input_shape[i] for i in self._axes)
        self.scale = self.add_weight(sizes, "ones", name="scale")
        self.input_spec = InputSpec(ndim=len(input_shape))

    def call(self, x: Array) -> Array:
        x32 = upcast(x)
        shape = tuple(n if i in self._axes else 1 for i, n in enumerate(x.shape))
        square = jnp.mean(jnp.square(x32), self._axes, keepdims=True)
        scale = self.scale.value.reshape(shape)
        return (x32 * jax.lax.rsqrt(square + self.epsilon) * scale).astype(x.dtype)
