"""Conv1D, Conv2D, Conv3D."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)
from kerasish.kernels import convolution
from kerasish.layers._lora import LoraMixin, LoraWeight
from kerasish.layers._shared import positive_int, register
from kerasish.layers._weights import add_weight_for, set_weight_options
from kerasish.layers.convolution._base import Convolutional

__all__ = ["Conv1D", "Conv2D", "Conv3D"]


class _Conv(LoraMixin, Convolutional):
    """`activation(conv(x, kernel) + bias)`; see `Conv1D` for its arguments."""

    kernel = LoraWeight()

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
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
        self._check_dilation()
        self.filters = positive_int(filters, "filters")
        self.groups = positive_int(groups, "groups")
        if self.filters % self.groups:
            raise ArgumentError(f"{self.filters} filters cannot be split into {groups} groups.")
        set_weight_options(
            self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_lora_options(lora_rank, lora_alpha)

    def build(self, input_shape: Shape) -> None:
        channels = self._channels_of(input_shape)
        if channels % self.groups:
            raise ShapeError(
                f"Layer {self.name!r} needs a number of channels that {self.groups} groups "
                f"divide; the input {input_shape} has {channels} in axis {self._channels}."
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = add_weight_for(self, "kernel", shape)
        self._add_bias(self.filters)
        self._add_lora_weights()

    def convolve(self, x: Array) -> Array:
        padding: str | list[tuple[int, int]] = self.padding.upper()
        if self.padding == "causal":
            # All before the first step: no output sees what comes after it.
            reach = zip(self.kernel_size, self.dilation_rate, strict=True)
            padding = [((size - 1) * rate, 0) for size, rate in reach]
        kernel, groups = self._lora_weight(), self.groups
        return convolution(
            x, kernel, self.strides, padding, self.dilation_rate, groups, self._layout
        )


@register("Convolution1D")
class Conv1D(_Conv):
    """A convolution over time: `activation(conv(x, kernel) + bias)`.

    Shapes: `(batch, steps, channels) -> (batch, new_steps, filters)`, or channels first with
    `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        strides: stride.
        padding: `"valid"` (no padding), `"same"` (zeros on both sides, so that with stride 1 the
            length stays) or `"causal"` (zeros before the first step only, as in WaveNet: van den
            Oord et al., 2016).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        groups: number of groups that the channels are split into.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(*kernel_size, channels / groups,
            filters)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        lora_rank: rank of low-rank adapters (LoRA; Hu et al., 2021). The kernel is then frozen and
            the adapters are trained. None for no adapters.
        lora_alpha: scale of the adapters: their product is multiplied by `lora_alpha / lora_rank`;
            equal to `lora_rank` by default.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the channels cannot be split into `groups`.

    Examples:
        >>> import numpy as np
        >>> Conv1D(8, 3, padding="causal")(np.ones((2, 10, 4), "float32")).shape
        (2, 10, 8)
    """

    rank = 1
    modes = ("valid", "same", "causal")


@register("Convolution2D")
class Conv2D(_Conv):
    """A convolution over height and width: `activation(conv(x, kernel) + bias)`.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, filters)`, or
    channels first with `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel along each spatial axis.
        strides: stride along each spatial axis.
        padding: `"valid"` (no padding) or `"same"` (zeros, so that with stride 1 the size stays).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        groups: number of groups that the channels are split into.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(*kernel_size, channels / groups,
            filters)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        lora_rank: rank of low-rank adapters (LoRA; Hu et al., 2021). The kernel is then frozen and
            the adapters are trained. None for no adapters.
        lora_alpha: scale of the adapters: their product is multiplied by `lora_alpha / lora_rank`;
            equal to `lora_rank` by default.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the channels cannot be split into `groups`.

    Examples:
        >>> import numpy as np
        >>> Conv2D(8, 3, padding="same")(np.ones((2, 28, 28, 1), "float32")).shape
        (2, 28, 28, 8)
    """

    rank = 2


@register("Convolution3D")
class Conv3D(_Conv):
    """A convolution over three spatial axes: `activation(conv(x, kernel) + bias)`.

    Shapes: `(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    filters)`, or channels first with `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel along each spatial axis.
        strides: stride along each spatial axis.
        padding: `"valid"` (no padding) or `"same"` (zeros, so that with stride 1 the size stays).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        groups: number of groups that the channels are split into.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(*kernel_size, channels / groups,
            filters)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        lora_rank: rank of low-rank adapters (LoRA; Hu et al., 2021). The kernel is then frozen and
            the adapters are trained. None for no adapters.
        lora_alpha: scale of the adapters: their product is multiplied by `lora_alpha / lora_rank`;
            equal to `lora_rank` by default.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the channels cannot be split into `groups`.

    Examples:
        >>> import numpy as np
        >>> Conv3D(8, 2, strides=2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 3, 3, 2, 8)
    """

    rank = 3
