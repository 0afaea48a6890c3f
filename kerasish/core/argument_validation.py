"""Settings that layers and operations have in common, looked at where they are given."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config

__all__ = ["channels_axis", "layout", "padding_mode", "sizes", "window_values"]

# The named windows over a signal, `a - b * cos(turn)`.
_WINDOWS = {"hann": (0.5, 0.5), "hamming": (0.54, 0.46)}


def sizes(value: Any, rank: int, name: str, least: int = 1) -> tuple[int, ...]:
    """Return `rank` whole numbers, positive or at least 0, from one number or a sequence.

    Raises:
        ArgumentError: if there is another number of them, or one is too small.
    """
    try:
        given = tuple(map(index, value if isinstance(value, (tuple, list)) else (value,) * rank))
    except TypeError:
        given = ()
    if len(given) != rank or min(given) < least:
        raise ArgumentError(
            f"{name} must be a {'positive ' * least}whole number{' from 0' * (not least)}"
            f"{f' or {rank} of them' * (rank > 1)}; got {value!r}."
        )
    return given


def padding_mode(value: str, modes: tuple[str, ...] = ("valid", "same")) -> str:
    """Return one of the modes of padding in lower case.

    Raises:
        ArgumentError: if it is none of them.
    """
    mode = str(value).lower()
    if mode not in modes:
        raise ArgumentError(f"padding must be {' or '.join(map(repr, modes))}; got {value!r}.")
    return mode


def channels_axis(data_format: str | None, rank: int) -> tuple[str, int]:
    """Return the data format, by default that of the settings, and the axis of the channels.

    Raises:
        ArgumentError: if the format is unknown.
    """
    if data_format is None:
        data_format = config.image_data_format()
    if data_format == "channels_last":
        return "channels_last", rank + 1
    if data_format == "channels_first":
        return "channels_first", 1
    raise ArgumentError(
        f"data_format must be 'channels_last' or 'channels_first'; got {data_format!r}."
    )


def window_values(window: Any, length: int) -> Any:
    """Return the values of a window over a signal; those with a name are periodic.

    Raises:
        ArgumentError: if there is none of that name, or it is of another length.
    """
    if window is None:
        return np.ones(length)
    if isinstance(window, str):
        if window not in _WINDOWS:
            raise ArgumentError(
                f"window must be {', '.join(map(repr, _WINDOWS))}, {length} numbers or None; got "
                f"{window!r}."
            )
        a, b = _WINDOWS[window]
        return a - b * np.cos(2 * np.pi * np.arange(length) / length)
    if np.shape(window) != (length,):
        raise ArgumentError(f"The window needs {length} numbers; it has shape {np.shape(window)}.")
    return window


def layout(data_format: str | None, rank: int) -> tuple[str, str, str]:
    """Return the axes of input, kernel and output, as JAX's convolutions name them."""
    space = "DHW"[-rank:]
    _, channels = channels_axis(data_format, rank)
    data = f"NC{space}" if channels == 1 else f"N{space}C"
    return data, f"{space}IO", data
