"""LayerNormalization: normalization over the features of each sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.input_spec import InputSpec
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.normalization._shared import Normalization, normalize_axes, upcast

__all__ = ["LayerNormalization"]


@register()
class LayerNormalization(Normalization):
    """Normalizes each sample over its features (Ba et al., 2016).

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        axis: the feature axis or axes.
        epsilon: added to the variance for numerical stability.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: initializer of `beta`.
        gamma_initializer: initializer of `gamma`.
        beta_regularizer: regularizer of `beta`.
        gamma_regularizer: regularizer of `gamma`.
        beta_constraint: constraint of `beta`, applied after each update.
        gamma_constraint: constraint of `gamma`, applied after each update.
        rms_scaling: an old flag of Keras's: divide by the deviation and multiply by `gamma`, no
            more. What is known by that name is `RMSNormalization`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axis` is not an integer or a list of integers.
        ShapeError: if the input has no such axis.

    Examples:
        >>> import numpy as np
        >>> LayerNormalization()(np.array([[1.0, 3.0]], "float32")).round(2).tolist()
        [[-1.0, 1.0]]
    """

    gamma: Variable

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        *,
        rms_scaling: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            axis,
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        self.rms_scaling = rms_scaling

    def build(self, input_shape: Shape) -> None:
        self._axes = normalize_axes(self.axis, len(input_shape))
        shape = tuple(input_shape[i] for i in self._axes)
        if self.rms_scaling:
            self.gamma = self._add_gamma(shape)
        else:
            self.add_gamma_and_beta(shape)
        self.input_spec = InputSpec(ndim=len(input_shape))

    def call(self, inputs: Array) -> Array:
        x32 = upcast(inputs)
        shape = tuple(n if i in self._axes else 1 for i, n in enumerate(inputs.shape))
        mean = jnp.mean(x32, self._axes, keepdims=True)
        variance = jnp.var(x32, self._axes, keepdims=True)
        if self.rms_scaling:
            factor = jax.lax.rsqrt(variance + self.epsilon) * self.gamma.value.reshape(shape)
            return (x32 * factor).astype(inputs.dtype)
        return self.normalize(x32, mean, variance, shape).astype(inputs.dtype)
