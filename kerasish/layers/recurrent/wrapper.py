"""Wrapper and TimeDistributed: layers that apply another layer."""

from __future__ import annotations

from typing import Unpack

import jax

from kerasish.core.dtypes import cast_floats
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, PyTree
from kerasish.layers._shared import register

__all__ = ["TimeDistributed", "Wrapper"]


@register()
class Wrapper(Layer):
    """The base of layers that wrap another layer, held as `layer`.

    Args:
        layer: the layer that is held.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if it is not a layer.

    Examples:
        >>> import numpy as np
        >>> from kerasish.layers import Dense
        >>> class Doubled(Wrapper):
        ...     def call(self, x):
        ...         return 2 * self.layer(x)
        >>> Doubled(Dense(3))(np.ones((2, 4), "float32")).shape
        (2, 3)
    """

    def __init__(self, layer: Layer, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise ArgumentError(f"{type(self).__name__} wraps a layer; got {layer!r}.")
        self.layer = layer

    def build(self, input_shape: PyTree = None) -> None:
        """Do nothing: the layer that is held is built where it is called."""
        super().build(input_shape)


@register()
class TimeDistributed(Wrapper):
    """Applies a layer to each timestep of a sequence, with the same weights.

    The steps of all samples go through the layer as one large batch.

    Shapes: `(batch, steps, ...) -> (batch, steps, ...)`.

    Args:
        layer: takes the input of one step, `(batch, ...)`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `layer` is not a layer.
        ShapeError: if the input has no steps.

    Examples:
        >>> import numpy as np
        >>> from kerasish.layers import Conv2D
        >>> videos = np.ones((2, 5, 8, 8, 3), "float32")
        >>> TimeDistributed(Conv2D(4, 3))(videos).shape
        (2, 5, 6, 6, 4)
    """

    def __init__(self, layer: Layer, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: PyTree = None) -> None:
        shapes = jax.tree.leaves(input_shape, is_leaf=lambda s: isinstance(s, tuple))
        if min(map(len, shapes)) < 3:
            raise ShapeError(
                f"Layer {self.name!r} takes an input of at least 3 dimensions, (batch, steps, "
                f"...); it got shape {input_shape}."
            )
        if isinstance(input_shape, tuple) and not self.layer.built:
            self.layer.build((input_shape[0], *input_shape[2:]))

    def call(
        self, inputs: PyTree, training: bool | None = None, mask: Array | None = None
    ) -> PyTree:
        batch, steps = jax.tree.leaves(inputs)[0].shape[:2]

        def together(x: Array) -> Array:
            return x.reshape(batch * steps, *x.shape[2:])

        def apart(y: Array) -> Array:
            return cast_floats(y.reshape(batch, steps, *y.shape[1:]), self.compute_dtype)

        inputs, mask = jax.tree.map(together, (inputs, mask))
        return jax.tree.map(apart, self.layer(inputs, mask=mask, training=training))
