"""Convolutions of each channel by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.core.variable import Variable
from kerasish.kernels import depthwise_convolution
from kerasish.layers._shared import positive_int, register
from kerasish.layers._weights import add_weight_for, set_weight_options
from kerasish.layers.convolution._base import Convolutional

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D"]


class _DepthwiseConv(Convolutional):
    """A convolution of each channel by itself; its arguments are told at `DepthwiseConv1D`."""

    kernel: Variable

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[BaseOptions],
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier")
        set_weight_options(
            self, "depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels_of(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = add_weight_for(self, "depthwise", shape, name="kernel")
        self._add_bias(channels * self.depth_multiplier)

    def convolve(self, x: Array) -> Array:
        mode, kernel = self.padding.upper(), self.kernel.value
        return depthwise_convolution(
            x, kernel, self.strides, mode, self.dilation_rate, self._layout
        )


@register()
class DepthwiseConv1D(_DepthwiseConv):
    """A convolution over time of each channel by itself, with kernels of its own.

    Shapes: `(batch, steps, channels) -> (batch, new_steps, channels * depth_multiplier)`, with
    the channels first under `data_format="channels_first"`.

    Args:
        kernel_size: the extent of the kernels.
        strides: the step.
        padding: `"valid"` (none) or `"same"` (as many zeros as it takes).
        depth_multiplier: how many channels come out for each that goes in, side by side.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring kernel elements.
        activation: a name or a function; None for none.
        use_bias: whether to add a bias.
        depthwise_initializer: where the kernel, `(*kernel_size, channels, depth_multiplier)`,
            starts.
        bias_initializer: where the bias, `(channels * depth_multiplier,)`, starts.
        depthwise_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        depthwise_constraint: a projection of the kernel after each update.
        bias_constraint: a projection of the bias after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 4), "float32")).shape
        (2, 8, 8)
    """

    rank = 1


@register()
class DepthwiseConv2D(_DepthwiseConv):
    """A convolution over height and width of each channel by itself, with kernels of its own.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels *
    depth_multiplier)`, with the channels first under `data_format="channels_first"`.

    Args:
        kernel_size: the extent of the kernels in each spatial axis.
        strides: the step in each spatial axis.
        padding: `"valid"` (none) or `"same"` (as many zeros as it takes).
        depth_multiplier: how many channels come out for each that goes in, side by side.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring kernel elements.
        activation: a name or a function; None for none.
        use_bias: whether to add a bias.
        depthwise_initializer: where the kernel, `(*kernel_size, channels, depth_multiplier)`,
            starts.
        bias_initializer: where the bias, `(channels * depth_multiplier,)`, starts.
        depthwise_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        depthwise_constraint: a projection of the kernel after each update.
        bias_constraint: a projection of the bias after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> DepthwiseConv2D(3, padding="same")(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 28, 28, 4)
    """

    rank = 2
