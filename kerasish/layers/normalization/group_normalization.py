"""GroupNormalization: normalization over groups of channels."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers._shared import register
from kerasish.layers.normalization._shared import Normalization, normalize_axes, single_axis, upcast

__all__ = ["GroupNormalization"]


@register()
class GroupNormalization(Normalization):
    """Normalizes each sample over groups of its channels and all places (Wu & He, 2018).

    One group for all channels is much like LayerNormalization; a group for each
    is instance normalization.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        groups: number of groups, neighbouring channels together; -1 for one each.
        axis: the channel axis.
        epsilon: added to the variance for numerical stability.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: initializer of `beta`.
        gamma_initializer: initializer of `gamma`.
        beta_regularizer: regularizer of `beta`.
        gamma_regularizer: regularizer of `gamma`.
        beta_constraint: constraint of `beta`, applied after each update.
        gamma_constraint: constraint of `gamma`, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `groups` is invalid, or `axis` not one axis.
        ShapeError: if the channels cannot be divided into so many groups.

    Examples:
        >>> import numpy as np
        >>> x = np.array([[1.0, 3.0, 10.0, 30.0]], "float32")
        >>> GroupNormalization(groups=2)(x).round(2).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """

    axis: int

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
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
        if not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise ArgumentError(
                "GroupNormalization needs a positive number of groups, or -1 for a group for each "
                f"channel; got groups={groups!r}."
            )
        self.axis = single_axis(
            self.axis, f"GroupNormalization groups one axis; got axis={axis!r}."
        )
        self.groups = groups

    def build(self, input_shape: Shape) -> None:
        (axis,) = normalize_axes(self.axis, len(input_shape))
        channels = input_shape[axis]
        self.add_gamma_and_beta((channels,))
        if channels is not None and self.groups > 0 and channels % self.groups:
            raise ShapeError(
                f"Layer {self.name!r} cannot divide {channels} channels into {self.groups} groups; "
                "give groups a divisor of the channels, or -1 for a group for each."
            )
        self.input_spec = InputSpec(
            ndim=len(input_shape), axes={axis: channels} if channels else {}
        )

    def call(self, inputs: Array) -> Array:
        axis = self.axis % inputs.ndim
        channels = inputs.shape[axis]
        groups = channels if self.groups == -1 else self.groups
        grouped = upcast(inputs).reshape(
            *inputs.shape[:axis], groups, channels // groups, *inputs.shape[axis + 1 :]
        )
        axes = tuple(i for i in range(grouped.ndim) if i not in (0, axis))
        mean = jnp.mean(grouped, axes, keepdims=True)
        variance = jnp.var(grouped, axes, keepdims=True)
        shape = tuple(
            (groups, channels // groups)[i - axis] if i in (axis, axis + 1) else 1
            for i in range(grouped.ndim)
        )
        y = self.normalize(grouped, mean, variance, shape)
        return y.reshape(inputs.shape).astype(inputs.dtype)
