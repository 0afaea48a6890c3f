"""ConvLSTMCell: the cell of convolutional LSTMs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from kerasish import activations
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.types import ActivationLike, Array, InitializerLike, Shape
from kerasish.kernels import convolution
from kerasish.layers._shared import (
    conv_dimension_numbers,
    positive_int,
    standardize_data_format,
    standardize_padding,
    standardize_tuple,
)
from kerasish.layers.recurrent.gated_cell import GatedCell
from kerasish.layers.recurrent.lstm import ForgetBias, LSTMStep

__all__ = ["ConvLSTMCell"]


@dataclass(frozen=True)
class _StateConvolution:
    """The convolution of the state, whose size stays."""

    rank: int
    layout: tuple[str, str, str]

    def __call__(self, h: Array, kernel: Array) -> Any:
        ones = (1,) * self.rank
        return convolution(h, kernel, ones, "SAME", ones, 1, self.layout)


class ConvLSTMCell(GatedCell):
    """One timestep of a convolutional LSTM over `rank` spatial axes.

    Inside, the channels come last; `data_format` says where they are in inputs and states.
    """

    gates = 4
    _kerasish_foreign_config: ClassVar = {"units": None}

    recurrent_activation: Callable[..., Array]

    def __init__(
        self,
        *,
        rank: int,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int],
        padding: str,
        data_format: str | None,
        dilation_rate: int | Sequence[int],
        recurrent_activation: ActivationLike,
        unit_forget_bias: bool,
        **settings: Any,
    ) -> None:
        super().__init__(units=positive_int(filters, "filters"), **settings)
        self.rank = rank
        self.filters = self.units
        self.kernel_size = standardize_tuple(kernel_size, rank, "kernel_size")
        self.strides = standardize_tuple(strides, rank, "strides")
        self.padding = standardize_padding(padding)
        self.data_format, self.channels = standardize_data_format(data_format, rank)
        self.dilation_rate = standardize_tuple(dilation_rate, rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError("strides above 1 and dilation_rate above 1 exclude each other.")
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.step = LSTMStep(self.activation, self.recurrent_activation)
        self.input_spec = InputSpec(ndim=rank + 2)
        self._layout = conv_dimension_numbers("channels_last", rank)
        self.product = _StateConvolution(rank, self._layout)

    @property
    def state_size(self) -> list[int]:
        """The channels of `h` and `c`."""
        return [self.filters, self.filters]

    def bias_init(self) -> InitializerLike:
        return ForgetBias(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer

    def shapes(self, input_shape: Shape) -> tuple[Shape, Shape]:
        channels = input_shape[self.channels]
        if channels is None:
            raise ShapeError(
                f"Layer {self.name!r} must know how many channels there are; the input of a "
                f"timestep, {input_shape}, has None. Give that size in `Input(shape=...)`."
            )
        width = self.gates * self.filters
        return (*self.kernel_size, channels, width), (*self.kernel_size, self.filters, width)

    def project(self, x: Array) -> Array:
        """Convolve all timesteps at once, as one large batch."""
        y = self._input_product(x.reshape(-1, *x.shape[2:]), self.kernel.value)
        return y.reshape(*x.shape[:2], *y.shape[1:])

    def _input_product(self, x: Array, kernel: Array) -> Array:
        padding = self.padding.upper()
        return convolution(x, kernel, self.strides, padding, self.dilation_rate, 1, self._layout)

    def initial_states(self, timestep_shape: tuple[Any, ...]) -> list[Array]:
        """Return zeros for the states, given the shape of the input of one timestep."""
        x = jax.eval_shape(
            self.channels_last, jax.ShapeDtypeStruct(timestep_shape, self.compute_dtype)
        )
        shape = (*self.kernel_size, x.shape[-1], self.filters)
        kernel = jax.ShapeDtypeStruct(shape, self.compute_dtype)
        found = jax.eval_shape(lambda *a: self.channels_back(self._input_product(*a)), x, kernel)
        if any(isinstance(n, int) and n < 1 for n in found.shape[1:]):
            raise ShapeError(
                f"Layer {self.name!r} has kernels of {self.kernel_size}, larger than its input "
                f"{timestep_shape[1:]}; use padding='same' or a smaller kernel."
            )
        return [jnp.zeros(found.shape, found.dtype) for _ in self.state_size]

    def scan(
        self, x: Array, carry: tuple[Any, ...], *, training: bool, **loop: Any
    ) -> tuple[Array, tuple[Array, ...]]:
        states = tuple(self.channels_last(each) for each in carry)
        outputs, states = super().scan(self.channels_last(x, 1), states, training=training, **loop)
        return self.channels_back(outputs, 1), tuple(self.channels_back(each) for each in states)

    def channels_last(self, x: Array, before: int = 0) -> Array:
        """Move the channels of an array to the end; `before` axes stand before the batch."""
        return jnp.moveaxis(x, self.channels + before, -1)

    def channels_back(self, x: Array, before: int = 0) -> Array:
        """Move the channels back to where `data_format` has them."""
        return jnp.moveaxis(x, -1, self.channels + before)
