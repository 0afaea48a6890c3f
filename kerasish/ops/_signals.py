"""Fourier transforms, and sequences cut into frames."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.argument_validation import window_values
from kerasish.core.errors import ArgumentError
from kerasish.ops._define import define, operation

__all__ = ["extract_sequences", "istft", "stft"]


def _pair(z: Any) -> tuple[Any, Any]:
    return jnp.real(z), jnp.imag(z)


def _complex(x: Any) -> Any:
    real, imaginary = x
    return jax.lax.complex(real, imaginary)


@operation("math")
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Return the windows that slide over the last axis.

    Shapes: `(..., n) -> (..., windows, sequence_length)`.

    Args:
        x: an array.
        sequence_length: the size of a window.
        sequence_stride: how far one is from the next.

    Examples:
        >>> extract_sequences([1, 2, 3, 4, 5], 3, 2).tolist()
        [[1, 2, 3], [3, 4, 5]]
    """
    return _frames(x, sequence_length, sequence_stride, 0)


@operation("math", "STFT")
def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """Return the short-time Fourier transform: real parts and imaginary parts.

    Shapes: `(..., n) -> (..., frames, fft_length // 2 + 1)`, twice.

    Args:
        x: a signal.
        sequence_length: how much of it a frame sees.
        sequence_stride: how far one frame is from the next.
        fft_length: the size of the transform.
        window: `"hann"`, `"hamming"`, an array of `sequence_length` numbers, or None.
        center: whether the signal is padded so that frame `t` is centered at
            `t * sequence_stride`.
    """
    frames = _frames(x, fft_length, sequence_stride, fft_length // 2 if center else 0)
    weights = _framed(window, sequence_length, fft_length, x.dtype)
    return _pair(jnp.fft.rfft(frames * weights.reshape((1,) * (frames.ndim - 1) + (-1,))))


@operation("math", "ISTFT")
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    """Return the signal of which `x` is the short-time Fourier transform.

    Args:
        x: real parts and imaginary parts, as from `stft`.
        sequence_length: as there.
        sequence_stride: as there.
        fft_length: as there.
        length: how long the signal is; as long as the frames reach unless given.
        window: as there.
        center: as there.
    """
    frames = jnp.fft.irfft(_complex(x), fft_length)
    weights = _framed(window, sequence_length, fft_length, frames.dtype)
    weights = weights.reshape((1,) * (frames.ndim - 1) + (-1,))
    signal = _overlap_add(frames * weights, sequence_stride)
    squares = jnp.broadcast_to(weights**2, (*(1,) * (frames.ndim - 2), *frames.shape[-2:]))
    total = _overlap_add(squares, sequence_stride)
    # Where no window reaches there is nothing to be had.
    signal = jnp.where(total > 1e-11, signal / jnp.where(total > 1e-11, total, 1), signal)
    start = fft_length // 2 if center else 0
    end = signal.shape[-1] - start if length is None else start + length
    return signal[..., start:end]


def _frames(x: Any, length: int, stride: int, border: int) -> Any:
    """Return the windows that slide over the last axis and over a border around it.

    In the border the signal is mirrored, without the element at the end itself.
    """
    size = x.shape[-1]
    count = 1 + (size + 2 * border - length) // stride
    place = jnp.arange(count)[:, None] * stride + jnp.arange(length)[None] - border
    if border:
        period = jnp.maximum(2 * size - 2, 1)
        place = jnp.mod(place, period)
        place = jnp.minimum(place, period - place)
    return x[..., place]


def _framed(window: Any, sequence_length: int, fft_length: int, dtype: Any) -> Any:
    """Return the window in the middle of a frame."""
    if fft_length < sequence_length:
        raise ArgumentError(
            f"fft_length must be at least sequence_length, {sequence_length}; got {fft_length}."
        )
    left = (fft_length - sequence_length) // 2
    right = fft_length - sequence_length - left
    return jnp.pad(jnp.asarray(window_values(window, sequence_length), dtype), (left, right))


def _overlap_add(frames: Any, stride: int) -> Any:
    """Return the sum of frames, each `stride` after the one before: `(..., n, k) -> (..., m)`."""
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
