"""Convolutions of any rank."""

from __future__ import annotations

from typing import Any, ClassVar

from kerasish import activations, constraints, initializers, regularizers
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.kernels import convolution
from kerasish.layers._shared import along, channels_axis, padding_mode, register, sizes

__all__ = ["Conv2D"]

_SPATIAL = "DHW"


class _Conv(Layer):
    """A convolution over `rank` spatial axes; its arguments are told at `Conv2D`."""

    rank: ClassVar[int]

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = sizes(filters, 1, "filters")[0]
        self.kernel_size = sizes(kernel_size, self.rank, "kernel_size")
        self.strides = sizes(strides, self.rank, "strides")
        self.padding = padding_mode(padding)
        self.data_format, self._channels = channels_axis(data_format, self.rank)
        self.dilation_rate = sizes(dilation_rate, self.rank, "dilation_rate")
        self.groups = sizes(groups, 1, "groups")[0]
        if self.filters % self.groups:
            raise ArgumentError(f"{self.filters} filters cannot be split into {groups} groups.")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError("strides above 1 and dilation_rate above 1 exclude each other.")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[self._channels]
        if channels is None or channels % self.groups:
            raise ShapeError(
                f"Layer {self.name!r} needs a number of channels that {self.groups} groups "
                f"divide; the input {input_shape} has {channels} in axis {self._channels}."
            )
        self.kernel = self.add_weight(
            (*self.kernel_size, channels // self.groups, self.filters),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channels: channels})

    def call(self, x: Any) -> Any:
        space = _SPATIAL[-self.rank :]
        layout = f"N{space}C" if self.data_format == "channels_last" else f"NC{space}"
        y = convolution(
            x,
            self.kernel.value,
            self.strides,
            self.padding.upper(),
            self.dilation_rate,
            self.groups,
            (layout, f"{space}IO", layout),
        )
        self._check_not_empty(x, y)
        if self.use_bias:
            y = y + along(self.bias.value, y.ndim, self._channels)
        return self.activation(y)

    def _check_not_empty(self, x: Any, y: Any) -> None:
        if any(isinstance(n, int) and n < 1 for n in y.shape[1:]):
            raise ShapeError(
                f"Layer {self.name!r} has kernels of {self.kernel_size}, larger than its input "
                f"{x.shape[1:]}; use padding='same', a smaller kernel, or fewer poolings before it."
            )


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
        data_format: `"channels_last"` (the default) or `"channels_first"`.
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
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if the channels cannot be split into `groups`.

    Example:
        >>> import numpy as np
        >>> Conv2D(8, 3, padding="same")(np.ones((2, 28, 28, 1), "float32")).shape
        (2, 28, 28, 8)
    """

    rank = 2
