"""PReLU: a rectified linear unit with a trained slope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers._weights import add_weight_for, set_weight_options

__all__ = ["PReLU"]


@register()
class PReLU(Layer):
    """`x` above zero, `alpha * x` below, where `alpha` is a weight (He et al., 2015).

    Shapes: the output has the shape of the input, without the batch also the shape of `alpha`, with
    size 1 for the shared axes.

    Args:
        alpha_initializer: initializer of `alpha`.
        alpha_regularizer: regularizer of `alpha`.
        alpha_constraint: constraint of `alpha`, applied after each update.
        shared_axes: the axes along which `alpha` is the same, counted from 1:
            `[1, 2]` for one value for each channel of an image.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `shared_axes` is invalid.
        ShapeError: if the input has no such axis.

    Examples:
        >>> import numpy as np
        >>> layer = PReLU(alpha_initializer="ones", shared_axes=[1])
        >>> layer(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[-1.0, 2.0]]
        >>> layer.alpha.shape
        (1,)
    """

    alpha: Variable

    def __init__(
        self,
        alpha_initializer: InitializerLike = "Zeros",
        alpha_regularizer: RegularizerLike = None,
        alpha_constraint: ConstraintLike = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        set_weight_options(self, "alpha", alpha_initializer, alpha_regularizer, alpha_constraint)
        given = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes or [])
        if not all(isinstance(axis, int) and axis > 0 for axis in given):
            raise ArgumentError(
                f"shared_axes are axes counted from 1, after the batch; got {shared_axes!r}."
            )
        self.shared_axes = None if shared_axes is None else given
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        ndim, shared = len(input_shape), self.shared_axes or []
        if not all(axis < ndim for axis in shared):
            raise ShapeError(f"Layer {self.name!r}: {input_shape} has no axes {shared} to share.")
        alone = [axis for axis in range(1, ndim) if axis not in shared]
        self.alpha = add_weight_for(
            self,
            "alpha",
            tuple(input_shape[axis] if axis in alone else 1 for axis in range(1, ndim)),
        )
        axes = {axis: size for axis in alone if (size := input_shape[axis]) is not None}
        self.input_spec = InputSpec(ndim=ndim, axes=axes)

    def call(self, inputs: Array) -> Array:
        return jax.nn.relu(inputs) - self.alpha.value[None] * jax.nn.relu(-inputs)
