"""Separable convolutions: depthwise, then pointwise."""

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
from kerasish.kernels import convolution, depthwise_convolution
from kerasish.layers._shared import positive_int, register
from kerasish.layers._weights import add_weight_for, set_weight_options
from kerasish.layers.convolution._base import Convolutional

__all__ = ["SeparableConv1D", "SeparableConv2D"]


class _SeparableConv(Convolutional):
    """A depthwise convolution, and one of size 1; see `SeparableConv1D` for its arguments."""

    depthwise_kernel: Variable
    pointwise_kernel: Variable

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        pointwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        pointwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        pointwise_constraint: ConstraintLike = None,
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
        self.filters = positive_int(filters, "filters")
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier")
        set_weight_options(
            self, "depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        set_weight_options(
            self, "pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        channels, multiplier = self._channels_of(input_shape), self.depth_multiplier
        of_space = (*self.kernel_size, channels, multiplier)
        of_channels = (*(1,) * self.rank, channels * multiplier, self.filters)
        self.depthwise_kernel = add_weight_for(self, "depthwise", of_space, name="depthwise_kernel")
        self.pointwise_kernel = add_weight_for(
            self, "pointwise", of_channels, name="pointwise_kernel"
        )
        self._add_bias(self.filters)

    def convolve(self, x: Array) -> Array:
        each, across = self.depthwise_kernel.value, self.pointwise_kernel.value
        mode, ones = self.padding.upper(), (1,) * self.rank
        x = depthwise_convolution(x, each, self.strides, mode, self.dilation_rate, self._layout)
        return convolution(x, across, ones, "VALID", ones, 1, self._layout)


@register("SeparableConvolution1D")
class SeparableConv1D(_SeparableConv):
    """A separable convolution over time: depthwise, then pointwise.

    Each channel is convolved by itself; then a kernel of size 1 mixes the channels (Chollet,
    2017: "Xception").

    Shapes: `(batch, steps, channels) -> (batch, new_steps, filters)`, or channels first with
    `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the first kernel.
        strides: stride.
        padding: `"valid"` (no padding) or `"same"` (zeros, so that with stride 1 the size stays).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring elements of the first kernel.
        depth_multiplier: number of intermediate channels for each input channel.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        depthwise_initializer: initializer of the first kernel, of shape `(*kernel_size, channels,
            depth_multiplier)`.
        pointwise_initializer: initializer of the second kernel, of shape `(1, channels *
            depth_multiplier, filters)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        depthwise_regularizer: regularizer of the first kernel.
        pointwise_regularizer: regularizer of the second kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        depthwise_constraint: constraint of the first kernel, applied after each update.
        pointwise_constraint: constraint of the second kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> SeparableConv1D(8, 3)(np.ones((2, 10, 4), "float32")).shape
        (2, 8, 8)
    """

    rank = 1


@register("SeparableConvolution2D")
class SeparableConv2D(_SeparableConv):
    """A separable convolution over height and width: depthwise, then pointwise.

    Each channel is convolved by itself; then a kernel of size 1 mixes the channels (Chollet,
    2017: "Xception").

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, filters)`, or
    channels first with `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the first kernel along each spatial axis.
        strides: stride along each spatial axis.
        padding: `"valid"` (no padding) or `"same"` (zeros, so that with stride 1 the size stays).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring elements of the first kernel.
        depth_multiplier: number of intermediate channels for each input channel.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        depthwise_initializer: initializer of the first kernel, of shape `(*kernel_size, channels,
            depth_multiplier)`.
        pointwise_initializer: initializer of the second kernel, of shape `(1, 1, channels *
            depth_multiplier, filters)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        depthwise_regularizer: regularizer of the first kernel.
        pointwise_regularizer: regularizer of the second kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        depthwise_constraint: constraint of the first kernel, applied after each update.
        pointwise_constraint: constraint of the second kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> SeparableConv2D(8, 3, padding="same")(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 28, 28, 8)
    """

    rank = 2
