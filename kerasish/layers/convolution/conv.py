"""Convolutions of one, two and three spatial axes."""

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
    """`activation(conv(x, kernel) + bias)`; its arguments are told at `Conv1D`."""

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
        self._refuse_steps_with_dilation()
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

    Shapes: `(batch, steps, channels) -> (batch, new_steps, filters)`, with the channels first
    under `data_format="channels_first"`.

    Args:
        filters: how many channels come out.
        kernel_size: the extent of the kernel.
        strides: the step.
        padding: `"valid"` (none), `"same"` (as many zeros as it takes on both sides) or `"causal"`
            (before the first step only, as in WaveNet: van den Oord et al., 2016).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring kernel elements.
        groups: into how many groups the channels are split.
        activation: a name or a function; None for none.
        use_bias: whether to add a bias.
        kernel_initializer: where the kernel, `(*kernel_size, channels / groups, filters)`, starts.
        bias_initializer: where the bias, `(filters,)`, starts.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the kernel after each update.
        bias_constraint: a projection of the bias after each update.
        lora_rank: the inner size of a product of two small weights that is learned in the
            place of the kernel, which is frozen (Hu et al., 2021); None for none.
        lora_alpha: that product is multiplied by `lora_alpha / lora_rank`; by default by 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
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

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, filters)`, with
    the channels first under `data_format="channels_first"`.

    Args:
        filters: how many channels come out.
        kernel_size: the extent of the kernel in each spatial axis.
        strides: the step in each spatial axis.
        padding: `"valid"` (none) or `"same"` (as many zeros as it takes).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring kernel elements.
        groups: into how many groups the channels are split.
        activation: a name or a function; None for none.
        use_bias: whether to add a bias.
        kernel_initializer: where the kernel, `(*kernel_size, channels / groups, filters)`, starts.
        bias_initializer: where the bias, `(filters,)`, starts.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the kernel after each update.
        bias_constraint: a projection of the bias after each update.
        lora_rank: the inner size of a product of two small weights that is learned in the
            place of the kernel, which is frozen (Hu et al., 2021); None for none.
        lora_alpha: that product is multiplied by `lora_alpha / lora_rank`; by default by 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
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

    Shapes: `(batch, depth, height, width, channels) -> (batch, new_depth, new_height,
    new_width, filters)`, with the channels first under `data_format="channels_first"`.

    Args:
        filters: how many channels come out.
        kernel_size: the extent of the kernel in each spatial axis.
        strides: the step in each spatial axis.
        padding: `"valid"` (none) or `"same"` (as many zeros as it takes).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: the distance of neighbouring kernel elements.
        groups: into how many groups the channels are split.
        activation: a name or a function; None for none.
        use_bias: whether to add a bias.
        kernel_initializer: where the kernel, `(*kernel_size, channels / groups, filters)`, starts.
        bias_initializer: where the bias, `(filters,)`, starts.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: a projection of the kernel after each update.
        bias_constraint: a projection of the bias after each update.
        lora_rank: the inner size of a product of two small weights that is learned in the
            place of the kernel, which is frozen (Hu et al., 2021); None for none.
        lora_alpha: that product is multiplied by `lora_alpha / lora_rank`; by default by 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if the channels cannot be split into `groups`.

    Examples:
        >>> import numpy as np
        >>> Conv3D(8, 2, strides=2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 3, 3, 2, 8)
    """

    rank = 3
