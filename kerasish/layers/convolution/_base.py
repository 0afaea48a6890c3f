"""Base of convolution layers: window, layout, bias and activation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Unpack

from kerasish import activations
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import (
    ActivationLike,
    Array,
    Shape,
)
from kerasish.layers._shared import (
    broadcast_along,
    conv_dimension_numbers,
    standardize_data_format,
    standardize_padding,
    standardize_tuple,
)
from kerasish.layers._weights import add_weight_for

__all__ = ["Convolutional"]


class Convolutional(Layer):
    """A convolution over `rank` spatial axes.

    A subclass sets the options of its weights in its constructor, adds them in `build`, and defines
    `convolve`.
    """

    rank: ClassVar[int]
    modes: ClassVar[tuple[str, ...]] = ("valid", "same")  # of padding

    activation: Callable[..., Array]

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int],
        padding: str,
        data_format: str | None,
        dilation_rate: int | Sequence[int],
        activation: ActivationLike,
        use_bias: bool,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = standardize_tuple(kernel_size, self.rank, "kernel_size")
        self.strides = standardize_tuple(strides, self.rank, "strides")
        self.padding = standardize_padding(padding, self.modes)
        self.data_format, self._channels = standardize_data_format(data_format, self.rank)
        self.dilation_rate = standardize_tuple(dilation_rate, self.rank, "dilation_rate")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self._layout = conv_dimension_numbers(self.data_format, self.rank)

    @abstractmethod
    def convolve(self, x: Array) -> Array:
        """Return the convolution of `x`, without bias and activation."""

    def call(self, inputs: Array) -> Array:
        y = self.convolve(inputs)
        if any(isinstance(n, int) and n < 1 for n in y.shape[1:]):
            raise ShapeError(
                f"Layer {self.name!r} has kernels of {self.kernel_size}, larger than its input "
                f"{inputs.shape[1:]}; use padding='same', a smaller kernel, or fewer poolings "
                "before it."
            )
        if self.use_bias:
            y = y + broadcast_along(self.bias.value, y.ndim, self._channels)
        return self.activation(y)

    # For the constructors and `build` of subclasses.

    def _add_bias(self, filters: int) -> None:
        if self.use_bias:
            self.bias = add_weight_for(self, "bias", (filters,))

    def _channels_of(self, input_shape: Shape) -> int:
        """Return the number of channels, and expect it from now on."""
        channels = input_shape[self._channels]
        if channels is None:
            raise ShapeError(
                f"Layer {self.name!r} must know how many channels there are; the input "
                f"{input_shape} has {channels} in axis {self._channels}. Give that size in "
                "`Input(shape=...)`."
            )
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channels: channels})
        return channels

    def _check_dilation(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError("strides above 1 and dilation_rate above 1 exclude each other.")
