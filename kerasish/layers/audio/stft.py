"""STFTSpectrogram: a short-time Fourier transform with trainable kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import initializers
from kerasish.core.errors import ArgumentError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Shape
from kerasish.core.variable import Variable
from kerasish.kernels import convolution
from kerasish.layers._shared import (
    positive_int,
    register,
    standardize_data_format,
    standardize_padding,
)

__all__ = ["STFTSpectrogram"]

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
_EPSILON = 1e-7  # the least square of a magnitude


@register()
class STFTSpectrogram(Layer):
    """The short-time Fourier transform of signals, as a convolution.

    Its kernels are weights, which start as sines and cosines under a window;
    `trainable=False` keeps them so.

    Shapes: `(batch, time, channels) -> (batch, steps, channels * frequencies)`, with
    `expand_dims` `(batch, steps, frequencies, channels)`; with the channels
    first, `(batch, channels, time) -> (batch, channels * frequencies, steps)` or
    `(batch, channels, steps, frequencies)`. There are `fft_length // 2 + 1`
    frequencies, twice as many with the mode `"stft"`.

    Args:
        mode: `"magnitude"`, its logarithm `"log"`, `"psd"` for the power of each
            frequency, `"angle"`, `"real"`, `"imag"`, or `"stft"` for the real and then
            the imaginary parts.
        frame_length: number of samples of a frame.
        frame_step: number of samples between successive frames; half of `frame_length` by default.
        fft_length: the size of the transform, at least `frame_length`; the next power
            of two unless given.
        window: the name of a window, its values, or None.
        periodic: whether a named window is periodic instead of symmetric.
        scaling: `"density"`, `"spectrum"` or None; see `kerasish.initializers.STFT`.
        padding: `"valid"` or `"same"`.
        expand_dims: whether frequencies get an axis of their own.
        data_format: `"channels_last"` (the default) or `"channels_first"`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> signal = np.ones((3, 1600, 2), "float32")
        >>> STFTSpectrogram(frame_length=256, frame_step=128)(signal).shape
        (3, 11, 258)
        >>> STFTSpectrogram(frame_length=256, frame_step=128, expand_dims=True)(signal).shape
        (3, 11, 129, 2)
    """

    real_kernel: Variable
    imag_kernel: Variable

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: str | Sequence[float] | np.ndarray | None = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        if mode not in _MODES:
            raise ArgumentError(f"mode must be {', '.join(map(repr, _MODES))}; got {mode!r}.")
        self.mode = mode
        self.frame_length = positive_int(frame_length, "frame_length")
        self.frame_step = None if frame_step is None else positive_int(frame_step, "frame_step")
        self.fft_length = None if fft_length is None else positive_int(fft_length, "fft_length")
        if self.frame_step is not None and self.frame_step > self.frame_length:
            raise ArgumentError(
                f"frame_step must be at most frame_length, {frame_length}; got {frame_step}."
            )
        if self.fft_length is not None and self.fft_length < self.frame_length:
            raise ArgumentError(
                f"fft_length must be at least frame_length, {frame_length}; got {fft_length}."
            )
        self.window = window.tolist() if isinstance(window, (np.ndarray, jax.Array)) else window
        if isinstance(self.window, (list, tuple)) and len(self.window) != self.frame_length:
            raise ArgumentError(
                f"The window of a frame of {frame_length} needs as many values; it has "
                f"{len(self.window)}."
            )
        self.periodic = periodic
        self.scaling = scaling
        for side in ("real", "imag"):  # refuses settings that cannot be
            self._wave(side)
        self.padding = standardize_padding(padding)
        self.expand_dims = expand_dims
        self.data_format, _ = standardize_data_format(data_format, 1)
        self.input_spec = InputSpec(ndim=3)

    def _wave(self, side: str) -> initializers.Initializer:
        return initializers.STFT(side, self.window, self.scaling, self.periodic)

    def build(self, input_shape: Shape) -> None:
        length = self.fft_length or 2 ** math.ceil(math.log2(self.frame_length))
        shape = (self.frame_length, 1, length // 2 + 1)
        if self.mode != "imag":
            self.real_kernel = self.add_weight(shape, self._wave("real"), name="real_kernel")
        if self.mode != "real":
            self.imag_kernel = self.add_weight(shape, self._wave("imag"), name="imag_kernel")

    def call(self, inputs: Array) -> Array:
        inputs = inputs.astype(self.compute_dtype)
        first = self.data_format == "channels_first"
        inputs = inputs if first else jnp.swapaxes(inputs, 1, 2)
        batch, channels, time = inputs.shape
        y = self._static_shape(inputs.reshape(batch * channels, time, 1))
        steps, frequencies = y.shape[1:]
        y = y.reshape(batch, channels, steps, frequencies)
        if self.expand_dims:
            return y if first else jnp.moveaxis(y, 1, -1)
        if first:
            return jnp.swapaxes(y, 2, 3).reshape(batch, channels * frequencies, steps)
        return jnp.swapaxes(y, 1, 2).reshape(batch, steps, channels * frequencies)

    def _static_shape(self, x: Array) -> Any:
        """Return what `mode` says of single signals: `(batch, steps, frequencies)`."""
        if self.mode == "real":
            return self._convolve(x, self.real_kernel)
        if self.mode == "imag":
            return self._convolve(x, self.imag_kernel)
        real = self._convolve(x, self.real_kernel)
        imaginary = self._convolve(x, self.imag_kernel)
        if self.mode == "stft":
            return jnp.concatenate([real, imaginary], -1)
        if self.mode == "angle":
            # Silence has an angle of 0, and a gradient.
            silent = (real == 0) & (imaginary == 0)
            return jnp.arctan2(imaginary, jnp.where(silent, jnp.ones_like(real), real))
        power = jnp.square(real) + jnp.square(imaginary)
        if self.mode == "psd":
            # The negative frequencies, which are left out, have as much again.
            return power.at[..., 1:-1].multiply(2)
        magnitude = jnp.sqrt(jnp.maximum(power, _EPSILON))
        return jnp.log(magnitude) if self.mode == "log" else magnitude

    def _convolve(self, x: Array, kernel: Variable) -> Array:
        step = (self.frame_step or self.frame_length // 2 or 1,)
        layout = ("NWC", "WIO", "NWC")
        return convolution(x, kernel.value, step, self.padding.upper(), (1,), 1, layout)
