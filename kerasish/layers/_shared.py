"""The registry of layer classes, and the settings that several families share."""

from __future__ import annotations

from operator import index
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.registry import Registry

__all__ = ["along", "channels_axis", "layers", "padding_mode", "register", "sizes"]

layers = Registry("layer", "layers")
register = layers.register


def sizes(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """Return `rank` positive whole numbers from one number or a sequence.

    Raises:
        ArgumentError: if there is another number of them, or one is not positive.
    """
    try:
        given = tuple(map(index, value if isinstance(value, (tuple, list)) else (value,) * rank))
    except TypeError:
        given = ()
    if len(given) != rank or min(given) < 1:
        raise ArgumentError(
            f"{name} must be a positive whole number{f' or {rank} of them' * (rank > 1)}; "
            f"got {value!r}."
        )
    return given


def padding_mode(value: str) -> str:
    """Return `"valid"` or `"same"` in lower case.

    Raises:
        ArgumentError: if it is neither.
    """
    mode = str(value).lower()
    if mode not in ("valid", "same"):
        raise ArgumentError(f"padding must be 'valid' or 'same'; got {value!r}.")
    return mode


def channels_axis(data_format: str | None, rank: int) -> tuple[str, int]:
    """Return the data format, channels last by default, and the axis of the channels.

    Raises:
        ArgumentError: if the format is unknown.
    """
    if data_format in (None, "channels_last"):
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
