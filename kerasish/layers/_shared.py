"""The registry of layer classes, and the settings that several families share."""

from __future__ import annotations

from operator import index
from typing import Any

import jax.numpy as jnp

from kerasish.core import config
from kerasish.core.errors import ArgumentError
from kerasish.core.registry import Registry

__all__ = ["along", "channels_axis", "layers", "padding_mode", "register", "sizes"]

layers = Registry("layer", "layers")
register = layers.register


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


def along(vector: Any, ndim: int, axis: int = -1) -> Any:
    """Return a vector with ones around its axis, ready to meet an array of `ndim` dimensions."""
    axis %= ndim
    return jnp.reshape(vector, (1,) * axis + (-1,) + (1,) * (ndim - 1 - axis))
