"""Depthwise convolutions."""

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
    """Base of depthwise convolutions; see `DepthwiseConv1D` for its arguments."""

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
    """A depthwise convolution over time: each channel is convolved with kernels of its own.

    Shapes: `(batch, steps, channels) -> (batch, new_steps, channels * depth_multiplier)`, or
    channels first with `data_format="channels_first"`.

    Args:
        kernel_size: size of the kernel.
        strides: stride.
        padding: `"valid"` (no padding) or `"same"` (zeros, so that with stride 1 the size stays).
        depth_multiplier: number of output channels for each input channel.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        depthwise_initializer: initializer of the kernel, of shape `(*kernel_size, channels,
            depth_multiplier)`.
        bias_initializer: initializer of the bias, of shape `(channels * depth_multiplier,)`.
        depthwise_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        depthwise_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 4), "float32")).shape
        (2, 8, 8)
    """

    rank = 1


@register()
class DepthwiseConv2D(_DepthwiseConv):
    """A depthwise convolution over height and width: each channel has kernels of its own.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels *
    depth_multiplier)`, or channels first with `data_format="channels_first"`.

    Args:
        kernel_size: size of the kernel along each spatial axis.
        strides: stride along each spatial axis.
        padding: `"valid"` (no padding) or `"same"` (zeros, so that with stride 1 the size stays).
        depth_multiplier: number of output channels for each input channel.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        depthwise_initializer: initializer of the kernel, of shape `(*kernel_size, channels,
            depth_multiplier)`.
        bias_initializer: initializer of the bias, of shape `(channels * depth_multiplier,)`.
        depthwise_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        depthwise_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> DepthwiseConv2D(3, padding="same")(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 28, 28, 4)
    """

    rank = 2
