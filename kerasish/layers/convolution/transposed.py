"""Transposed convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack, cast

from kerasish import ops
from kerasish.core.errors import ArgumentError
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
from kerasish.layers._shared import positive_int, register, standardize_tuple
from kerasish.layers._weights import add_weight_for, constructor_arguments, set_weight_options
from kerasish.layers.convolution._base import Convolutional

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]


class _ConvTranspose(Convolutional):
    """The transpose of a convolution; see `Conv1DTranspose` for its arguments."""

    kernel: Variable

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        output_padding: int | Sequence[int] | None = None,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
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
        self._check_dilation()
        self.filters = positive_int(filters, "filters")
        self.output_padding: tuple[int, ...] | None = None
        if output_padding is not None:
            self.output_padding = standardize_tuple(
                output_padding, self.rank, "output_padding", minimum=0
            )
            if any(o >= s for o, s in zip(self.output_padding, self.strides, strict=True)):
                raise ArgumentError(
                    f"output_padding must be less than strides in each axis; got "
                    f"{self.output_padding} with strides={self.strides}."
                )
        set_weight_options(
            self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint
        )
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        shape = (*self.kernel_size, self.filters, self._channels_of(input_shape))
        self.kernel = add_weight_for(self, "kernel", shape)
        self._add_bias(self.filters)

    def convolve(self, x: Array) -> Array:
        return ops.conv_transpose(
            x,
            self.kernel.value,
            self.strides,
            self.padding,
            cast(Any, self.output_padding),
            self.data_format,
            self.dilation_rate,
        )


@register("Convolution1DTranspose")
class Conv1DTranspose(_ConvTranspose):
    """A transposed convolution over time: `activation(conv_transpose(x, kernel) + bias)`.

    Each element of the input puts a multiple of the kernel into the output, `strides` apart
    (Zeiler et al., 2010).

    Shapes: `(batch, steps, channels) -> (batch, new_steps, filters)`, or channels first with
    `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel.
        strides: stride: output elements for each input element.
        padding: `"valid"` (the whole output) or `"same"` (cut to `strides` times the input).
        output_padding: by how much the output is longer than the shortest of those that the
            convolution would bring to the input's size; below `strides`. None makes it
            `strides` times the input, or what the kernels reach under `"valid"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(*kernel_size, filters, channels)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> Conv1DTranspose(8, 3, strides=2)(np.ones((2, 10, 4), "float32")).shape
        (2, 21, 8)
    """

    rank = 1


@register("Convolution2DTranspose")
class Conv2DTranspose(_ConvTranspose):
    """A transposed convolution over height and width, with a bias and an activation.

    Each element of the input puts a multiple of the kernel into the output, `strides` apart
    (Zeiler et al., 2010).

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, filters)`, or
    channels first with `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel along each spatial axis.
        strides: stride along each spatial axis: output elements for each input element.
        padding: `"valid"` (the whole output) or `"same"` (cut to `strides` times the input).
        output_padding: by how much the output is longer than the shortest of those that the
            convolution would bring to the input's size; below `strides`. None makes it
            `strides` times the input, or what the kernels reach under `"valid"`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        dilation_rate: distance between neighbouring kernel elements.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(*kernel_size, filters, channels)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> Conv2DTranspose(8, 3, 2, "same")(np.ones((2, 14, 14, 4), "float32")).shape
        (2, 28, 28, 8)
    """

    rank = 2


@register("Convolution3DTranspose")
class Conv3DTranspose(_ConvTranspose):
    """A transposed convolution over three spatial axes, with a bias and an activation.

    Each element of the input puts a multiple of the kernel into the output, `strides` apart
    (Zeiler et al., 2010).

    Shapes: `(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    filters)`, or channels first with `data_format="channels_first"`.

    Args:
        filters: number of output channels.
        kernel_size: size of the kernel along each spatial axis.
        strides: stride along each spatial axis: output elements for each input element.
        padding: `"valid"` (the whole output) or `"same"` (cut to `strides` times the input).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        output_padding: by how much the output is longer than the shortest of those that the
            convolution would bring to the input's size; below `strides`. None makes it
            `strides` times the input, or what the kernels reach under `"valid"`.
        dilation_rate: distance between neighbouring kernel elements.
        activation: activation function, by name or as a function; None for the identity.
        use_bias: whether to add a bias.
        kernel_initializer: initializer of the kernel, of shape `(*kernel_size, filters, channels)`.
        bias_initializer: initializer of the bias, of shape `(filters,)`.
        kernel_regularizer: regularizer of the kernel.
        bias_regularizer: regularizer of the bias.
        activity_regularizer: regularizer of the output.
        kernel_constraint: constraint of the kernel, applied after each update.
        bias_constraint: constraint of the bias, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if the number of channels is not known.

    Examples:
        >>> import numpy as np
        >>> Conv3DTranspose(8, 2, strides=2)(np.ones((2, 3, 3, 2, 1), "float32")).shape
        (2, 6, 6, 4, 8)
    """

    rank = 3

    # In Keras the order of its arguments differs from that of the other two.
    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[BaseOptions],
    ) -> None:
        super().__init__(**constructor_arguments(locals()))
