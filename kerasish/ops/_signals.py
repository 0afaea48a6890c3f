"""Signal processing: Fourier transforms, stft, istft, framing."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish.core.argument_validation import window_values
from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, ArrayLike, DTypeLike
from kerasish.ops._define import define, operation

__all__ = ["extract_sequences", "istft", "stft"]


def _pair(z: Array) -> tuple[Array, Array]:
    return jnp.real(z), jnp.imag(z)


def _complex(x: Array | Sequence[Array]) -> Array:
    real, imaginary = x
    return jax.lax.complex(real, imaginary)


@operation("math")
def extract_sequences(x: Array, sequence_length: int, sequence_stride: int) -> Array:
    """Extract sliding windows along the last axis.

    Shapes: `(..., n) -> (..., windows, sequence_length)`.

    Args:
        x: an array.
        sequence_length: the size of a window.
        sequence_stride: the distance between windows.

    Examples:
        >>> extract_sequences([1, 2, 3, 4, 5], 3, 2).tolist()
        [[1, 2, 3], [3, 4, 5]]
    """
    return _frames(x, sequence_length, sequence_stride, 0)


@operation("math", "STFT")
def stft(
    x: Array,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: str | ArrayLike | None = "hann",
    center: bool = True,
) -> tuple[Array, ...]:
    """Compute the short-time Fourier transform as real and imaginary parts.

    Shapes: `(..., n) -> (..., frames, fft_length // 2 + 1)`, twice.

    Args:
        x: a signal.
        sequence_length: the length of a frame.
        sequence_stride: the distance between frames.
        fft_length: the size of the transform.
        window: `"hann"`, `"hamming"`, an array of `sequence_length` values, or None.
        center: whether the signal is padded so that frame `t` is centered at
            `t * sequence_stride`.
    """
    frames = _frames(x, fft_length, sequence_stride, fft_length // 2 if center else 0)
    weights = _centered_window(window, sequence_length, fft_length, x.dtype)
    return _pair(jnp.fft.rfft(frames * weights.reshape((1,) * (frames.ndim - 1) + (-1,))))


@operation("math", "ISTFT")
def istft(
    x: Array | Sequence[Array],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: str | ArrayLike | None = "hann",
    center: bool = True,
) -> Array:
    """Compute the inverse short-time Fourier transform.

    Args:
        x: real and imaginary parts, as returned by `stft`.
        sequence_length: as in `stft`.
        sequence_stride: as in `stft`.
        fft_length: as in `stft`.
        length: the length of the signal; by default that of all frames.
        window: as in `stft`.
        center: as in `stft`.
    """
    frames = jnp.fft.irfft(_complex(x), fft_length)
    weights = _centered_window(window, sequence_length, fft_length, frames.dtype)
    weights = weights.reshape((1,) * (frames.ndim - 1) + (-1,))
    signal = _overlap_add(frames * weights, sequence_stride)
    squares = jnp.broadcast_to(weights**2, (*(1,) * (frames.ndim - 2), *frames.shape[-2:]))
    total = _overlap_add(squares, sequence_stride)
    # Leave samples unchanged where the windows add up to 0.
    signal = jnp.where(total > 1e-11, signal / jnp.where(total > 1e-11, total, 1), signal)
    start = fft_length // 2 if center else 0
    end = signal.shape[-1] - start if length is None else start + length
    return signal[..., start:end]


def _frames(x: Array, length: int, stride: int, border: int) -> Array:
    """Extract sliding windows along the last axis, padded by reflection on both sides."""
    size = x.shape[-1]
    count = 1 + (size + 2 * border - length) // stride
    index = jnp.arange(count)[:, None] * stride + jnp.arange(length)[None] - border
    if border:
        period = jnp.maximum(2 * size - 2, 1)
        index = jnp.mod(index, period)
        index = jnp.minimum(index, period - index)
    return x[..., index]


def _centered_window(
    window: str | ArrayLike | None, sequence_length: int, fft_length: int, dtype: DTypeLike
) -> Array:
    """Return the window centered in a frame of `fft_length`."""
    if fft_length < sequence_length:
        raise ArgumentError(
            f"fft_length must be at least sequence_length, {sequence_length}; got {fft_length}."
        )
    left = (fft_length - sequence_length) // 2
    right = fft_length - sequence_length - left
    return jnp.pad(jnp.asarray(window_values(window, sequence_length), dtype), (left, right))


def _overlap_add(frames: Array, stride: int) -> Array:
    """Sum overlapping frames at a distance of `stride`: `(..., n, k) -> (..., m)`."""
    count, size = frames.shape[-2:]
    starts = jnp.arange(count)[:, None] * stride
    zeros = jnp.zeros((*frames.shape[:-2], (count - 1) * stride + size), frames.dtype)
    return zeros.at[..., starts + jnp.arange(size)[None]].add(frames)


define(
    "math",
    {
        "fft": lambda x: _pair(jnp.fft.fft(_complex(x))),
        "fft2": lambda x: _pair(jnp.fft.fft2(_complex(x))),
        "ifft2": lambda x: _pair(jnp.fft.ifft2(_complex(x))),
        "irfft": lambda x, fft_length=None: jnp.fft.irfft(_complex(x), fft_length),
        "rfft": lambda x, fft_length=None: _pair(jnp.fft.rfft(x, fft_length)),
    },
    kinds={"fft": "FFT", "fft2": "FFT2", "ifft2": "IFFT2", "irfft": "IRFFT", "rfft": "RFFT"},
    docs="jax.numpy.fft",
)
