"""MelSpectrogram: spectrograms on the mel scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack, cast

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import ops
from kerasish.core.argument_validation import window_values
from kerasish.core.errors import ArgumentError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import positive_int, register, standardize_tuple

__all__ = ["MelSpectrogram"]


@register()
class MelSpectrogram(Layer):
    """The mel spectrogram of signals: strengths of bands over time (Stevens et al., 1937).

    Shapes: `(..., samples) -> (..., num_mel_bins, samples // sequence_stride + 1)`.

    Args:
        fft_length: the size of the Fourier transform.
        sequence_stride: number of samples between successive frames.
        sequence_length: number of samples of a frame, at most `fft_length`, the default.
        window: what they are multiplied by: `"hann"`, `"hamming"`, as many numbers,
            or None for nothing.
        sampling_rate: number of samples a second.
        num_mel_bins: number of mel bands.
        min_freq: the lowest frequency, in hertz.
        max_freq: the highest; half of `sampling_rate` unless given.
        power_to_db: whether to return decibels.
        top_db: how far below the loudest of its sample a value is cut off, in decibels.
        mag_exp: the power of magnitudes that is summed up: 2 for energy.
        min_power: the least strength of which decibels are taken.
        ref_power: the strength that has 0 decibels.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a size is not positive, `sequence_length` too large, or there is
            no such window.

    Examples:
        >>> layer = MelSpectrogram(num_mel_bins=80, sampling_rate=8000, sequence_stride=128)
        >>> layer(np.ones((2, 16000), "float32")).shape
        (2, 80, 126)
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: str | Sequence[float] | np.ndarray | None = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length = positive_int(fft_length, "fft_length")
        self.sequence_stride = positive_int(sequence_stride, "sequence_stride")
        self.sequence_length = standardize_tuple(
            sequence_length or fft_length, 1, "sequence_length"
        )[0]
        if self.sequence_length > self.fft_length:
            raise ArgumentError(
                f"sequence_length must be at most fft_length, {fft_length}; got {sequence_length}."
            )
        self.window = window.tolist() if isinstance(window, (np.ndarray, jax.Array)) else window
        window_values(self.window, self.sequence_length)  # refuses what cannot be
        self.sampling_rate = sampling_rate
        self.num_mel_bins = positive_int(num_mel_bins, "num_mel_bins")
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Array) -> Array:
        dtype = jnp.promote_types(self.compute_dtype, jnp.float32)  # transforms have 32 bits
        frames = self.sequence_length, self.sequence_stride, self.fft_length
        spectrum = jax.lax.complex(*ops.stft(inputs.astype(dtype), *frames, cast(Any, self.window)))
        strength = jnp.abs(spectrum) ** self.mag_exp
        bands = strength @ jnp.asarray(self._mel_filters(), dtype)
        y = self._to_decibels(bands) if self.power_to_db else bands
        return jnp.swapaxes(y, -1, -2).astype(self.compute_dtype)

    def _mel_filters(self) -> np.ndarray:
        """Return the share of each frequency in each band: triangles over mels that overlap."""
        frequencies = np.linspace(0, self.sampling_rate / 2, self.fft_length // 2 + 1)
        corners = np.linspace(
            _hertz_to_mel(self.min_freq), _hertz_to_mel(self.max_freq), self.num_mel_bins + 2
        )
        low, middle, high = corners[:-2], corners[1:-1], corners[2:]
        mels = _hertz_to_mel(frequencies)[:, None]
        shares = np.minimum((mels - low) / (middle - low), (high - mels) / (high - middle))
        shares[0] = 0  # the constant component
        found: np.ndarray = np.maximum(shares, 0)
        return found

    def _to_decibels(self, x: Array) -> Array:
        """Return decibels of `(..., steps, bands)`, none far below the loudest of a sample."""

        def level(power: Array) -> Array:
            return 10 * jnp.log10(jnp.maximum(power, self.min_power))

        y = level(x) - level(jnp.asarray(self.ref_power, x.dtype))
        return jnp.maximum(y, jnp.max(y, (-1, -2), keepdims=True) - self.top_db)


def _hertz_to_mel(frequency: float | np.ndarray) -> Any:
    return 1127 * np.log1p(np.asarray(frequency) / 700)
