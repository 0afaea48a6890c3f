"""The initializer of a short-time Fourier transform, written as a convolution."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.serialization.registry import deserialize
from kerasish.core.types import DTypeLike
from kerasish.initializers.base import Initializer, register

__all__ = ["STFT"]


@register("STFTInitializer")
class STFT(Initializer):
    """Sines or cosines under a window: one half of a short-time Fourier transform.

    For kernels `(frame length, channels, frequencies)` with `fft length // 2 + 1`
    frequencies.

    Args:
        side: `"real"` for cosines, `"imag"` for negative sines.
        window: the name of a window of `scipy.signal.get_window`, or its values,
            as many as a frame has; None for no window.
        scaling: `"density"` divides the window by the root of the sum of its
            squares, `"spectrum"` by its sum; None by nothing.
        periodic: whether a named window is periodic instead of symmetric.

    Raises:
        ArgumentError: if `side`, `window` or `scaling` cannot be.

    Examples:
        >>> STFT("real", window=None, scaling=None)((4, 1, 3)).round().tolist()[1]
        [[1.0, 0.0, -1.0]]
    """

    def __init__(
        self,
        side: str = "real",
        window: str | Sequence[float] | None = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ArgumentError(f"side must be 'real' or 'imag'; got {side!r}.")
        if scaling not in (None, "density", "spectrum"):
            raise ArgumentError(f"scaling must be 'density', 'spectrum' or None; got {scaling!r}.")
        if isinstance(window, str):
            _named_window(window, 4, periodic)  # is there such a window?
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        if len(shape) != 3:
            raise ShapeError(
                f"STFT makes kernels (frame length, channels, frequencies); got shape {shape}."
            )
        frame, _, frequencies = shape
        turns = np.outer(np.arange(frame), np.arange(frequencies)) / max(2 * (frequencies - 1), 1)
        wave = np.cos(2 * np.pi * turns) if self.side == "real" else -np.sin(2 * np.pi * turns)
        wave *= self._scaled_window(frame)[:, None]
        kernel: np.ndarray = np.broadcast_to(wave[:, None], shape).astype(dtype)
        return kernel

    def _scaled_window(self, frame: int) -> np.ndarray:
        if self.window is None:
            window = np.ones(frame)
        elif isinstance(self.window, str):
            window = _named_window(self.window, frame, self.periodic)
        else:
            window = np.asarray(self.window, "float64")
        if window.shape != (frame,):
            raise ShapeError(
                f"The window has shape {window.shape}; a frame of {frame} needs ({frame},)."
            )
        totals = {None: 1.0, "density": np.sqrt(np.sum(window**2)), "spectrum": np.sum(window)}
        scaled: np.ndarray = window / totals[self.scaling]
        return scaled

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(**{key: deserialize(value) for key, value in config.items()})


def _named_window(name: str, length: int, periodic: bool) -> np.ndarray:
    # Not `import`: SciPy, which JAX brings along, has no types.
    get_window = importlib.import_module("scipy.signal").get_window
    try:
        return np.asarray(get_window(name, length, fftbins=periodic))
    except ValueError as error:
        raise ArgumentError(
            f"There is no window {name!r} that is known by its name alone; use one of "
            "`scipy.signal.get_window`, such as 'hann', or give its values."
        ) from error
