"""Validation of arguments that layers and operations share: sizes, padding, data format."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config

__all__ = [
    "conv_dimension_numbers",
    "standardize_data_format",
    "standardize_padding",
    "standardize_tuple",
    "window_values",
]

# The named windows over a signal, `a - b * cos(turn)`.
_WINDOWS = {"hann": (0.5, 0.5), "hamming": (0.54, 0.46)}


def standardize_tuple(value: object, rank: int, name: str, minimum: int = 1) -> tuple[int, ...]:
    """Return `rank` whole numbers of at least `minimum`, from one number or a sequence of them.

    Raises:
        ArgumentError: if the sequence has another length, or a number is too small.
    """
    try:
        given = tuple(map(index, value if isinstance(value, (tuple, list)) else (value,) * rank))
    except TypeError:
        given = ()
    if len(given) != rank or min(given) < minimum:
        raise ArgumentError(
            f"{name} must be a {'positive ' * minimum}whole number{' from 0' * (not minimum)}"
            f"{f' or {rank} of them' * (rank > 1)}; got {value!r}."
        )
    return given


def positive_int(value: object, name: str) -> int:
    """Return a positive whole number.

    Raises:
        ArgumentError: if it is not one.
    """
    return standardize_tuple(value, 1, name)[0]


def standardize_padding(value: str, modes: tuple[str, ...] = ("valid", "same")) -> str:
    """Return the padding mode in lower case.

    Raises:
        ArgumentError: if it is not one of `modes`.
    """
    mode = str(value).lower()
    if mode not in modes:
        raise ArgumentError(f"padding must be {' or '.join(map(repr, modes))}; got {value!r}.")
    return mode


def standardize_data_format(data_format: str | None, rank: int) -> tuple[str, int]:
    """Return the data format (by default `config.image_data_format()`) and the channel axis.

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


def conv_dimension_numbers(data_format: str | None, rank: int) -> tuple[str, str, str]:
    """Return the `dimension_numbers` of a JAX convolution: axes of input, kernel and output."""
    space = "DHW"[-rank:]
    _, channels = standardize_data_format(data_format, rank)
    data = f"NC{space}" if channels == 1 else f"N{space}C"
    return data, f"{space}IO", data
