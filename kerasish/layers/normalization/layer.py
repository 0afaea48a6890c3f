"""Normalization of each sample over its features."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from kerasish.core.input_spec import InputSpec
from kerasish.layers._shared import register
from kerasish.layers.normalization._shared import Normalization, positive_axes, wide

__all__ = ["LayerNormalization"]


@register()
class LayerNormalization(Normalization):
    """Normalizes each sample over its features (Ba et al., 2016).

    Shapes: the output has the shape of the input.

    Args:
        axis: the axis or axes of the features.
        epsilon: added to the variance.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: where `beta` starts.
        gamma_initializer: where `gamma` starts.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: a projection of `beta` after each update.
        gamma_constraint: a projection of `gamma` after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axis` is no axis.
        ShapeError: if the input has no such axis.

    Examples:
        >>> import numpy as np
        >>> LayerNormalization()(np.array([[1.0, 3.0]], "float32")).round(2).tolist()
        [[-1.0, 1.0]]
    """

    _kerasish_foreign_config: ClassVar = {"rms_scaling": (False,)}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._axes = positive_axes(self.axis, len(input_shape))
        self.add_gamma_and_beta(tuple(input_shape[i] for i in self._axes))
        self.input_spec = InputSpec(ndim=len(input_shape))

    def call(self, inputs: Any) -> Any:
        x32 = wide(inputs)
        shape = tuple(n if i in self._axes else 1 for i, n in enumerate(inputs.shape))
        mean = jnp.mean(x32, self._axes, keepdims=True)
        variance = jnp.var(x32, self._axes, keepdims=True)
        return self.normalize(x32, mean, variance, shape).astype(inputs.dtype)
