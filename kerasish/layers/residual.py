"""Layers of residual blocks that Keras's application files name: LayerScale, StochasticDepth, ...

They scale the branch of a residual block before it is added; Keras's `layers` does not have them.
"""

from __future__ import annotations

from typing import Unpack

from kerasish.core.layer import Layer
from kerasish.core.serialization.registry import Registry
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Config, PyTree
from kerasish.core.variable import Variable
from kerasish.initializers import Constant
from kerasish.layers._shared import broadcast_along
from kerasish.layers.regularization._noise import Noise, standardize_rate

__all__ = ["CustomScaleLayer", "LayerScale", "StochasticDepth"]

_convnext = Registry("layer", "src.applications.convnext")
_inception_resnet = Registry("layer", "src.applications.inception_resnet_v2")


@_convnext.register()
class LayerScale(Layer):
    """Multiplies each channel by a trained weight, `x * gamma` (Touvron et al., 2021).

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        init_values: what the weights begin at.
        projection_dim: number of channels.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> LayerScale(0.5, 2)(np.ones((1, 2), "float32")).tolist()
        [[0.5, 0.5]]
    """

    gamma: Variable

    def __init__(
        self, init_values: float, projection_dim: int, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, _: PyTree) -> None:
        initializer = Constant(self.init_values)
        self.gamma = self.add_weight((self.projection_dim,), initializer, name="variable")

    def call(self, inputs: Array) -> Array:
        return inputs * broadcast_along(self.gamma.value, inputs.ndim)


@_convnext.register()
class StochasticDepth(Noise):
    """Sets whole samples to zero in training (stochastic depth; Huang et al., 2016).

    The others are divided by the share of those that stay, so that the mean is the same.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        drop_path_rate: fraction of the elements that is set to zero, from 0 to 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if the rate is not from 0 to 1.

    Examples:
        >>> import numpy as np
        >>> StochasticDepth(0.5)(np.ones((1, 2), "float32")).tolist()  # not in training
        [[1.0, 1.0]]
    """

    def __init__(self, drop_path_rate: float, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.drop_path_rate = standardize_rate(drop_path_rate, "StochasticDepth")

    def perturb(self, x: Array) -> Array:
        return self.drop(x, self.drop_path_rate, (x.shape[0],) + (1,) * (x.ndim - 1))

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("seed")  # which Keras's has not
        return config


@_inception_resnet.register()
class CustomScaleLayer(Layer):
    """`x + scale * branch` of two inputs.

    Shapes: two inputs of one shape, which is that of the output.

    Args:
        scale: what the second input is multiplied by.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> x = np.ones((1, 2), "float32")
        >>> CustomScaleLayer(0.5)([x, x]).tolist()
        [[1.5, 1.5]]
    """

    def __init__(self, scale: float, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Array) -> Array:
        x, branch = inputs
        return x + branch * self.scale
