"""Settings of what slides over spatial axes."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

import jax.numpy as jnp

from kerasish.core import config
from kerasish.core.errors import ArgumentError, ShapeError

__all__ = [
    "channels_axis",
    "channels_last",
    "layout",
    "padding_mode",
    "several",
    "spatial_axes",
]


def several(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """Return `rank` whole numbers from one, or from as many.

    Raises:
        ArgumentError: if there is another number of them.
    """
    try:
        given = tuple(map(index, value if isinstance(value, (tuple, list)) else (value,) * rank))
    except TypeError:
        given = ()
    if len(given) != rank:
        raise ArgumentError(
            f"{name} must be a whole number, or {rank} of them for inputs of {rank} spatial axes; "
            f"got {value!r}."
        )
    return given


def channels_axis(data_format: str | None, ndim: int) -> int:
    """Return the axis of the channels; by default, the settings' data format tells.

    Raises:
        ArgumentError: if there is no such format.
    """
    data_format = data_format or config.image_data_format()
    if data_format not in ("channels_last", "channels_first"):
        raise ArgumentError(
            f"data_format must be 'channels_last' or 'channels_first'; got {data_format!r}."
        )
    return ndim - 1 if data_format == "channels_last" else 1


def spatial_axes(channels: int, ndim: int) -> list[int]:
    """Return the axes that are neither the batch nor the channels."""
    return [axis for axis in range(1, ndim) if axis != channels]


def layout(channels: int, ndim: int) -> tuple[str, str, str]:
    """Return the axes of input, kernel and output, as JAX's convolutions name them."""
    space = "DHW"[-(ndim - 2) :]
    data = f"NC{space}" if channels == 1 else f"N{space}C"
    return data, f"{space}IO", data


def padding_mode(padding: str) -> str:
    """Return the padding as JAX calls it.

    Raises:
        ArgumentError: if it is neither `"valid"` nor `"same"`.
    """
    if str(padding).lower() not in ("valid", "same"):
        raise ArgumentError(f"padding must be 'valid' or 'same'; got {padding!r}.")
    return padding.upper()


def channels_last(
    images: Any,
    data_format: str | None,
    compute: Callable[[Any], Any],
    axis: int = -1,
    rank: int = 2,
) -> Any:
    """Return what a function gives for images as a batch with the channels last.

    Args:
        images: one image or a batch of them.
        data_format: where their channels are.
        compute: the function.
        axis: where the channels of its results are.
        rank: how many spatial axes there are.

    Raises:
        ShapeError: if they are no images.
    """
    if images.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"Images have {rank} spatial axes and one of channels, a batch of them one more; these "
            f"have shape {images.shape}."
        )
    alone = images.ndim == rank + 1
    first = channels_axis(data_format, rank + 2) == 1
    batch = images[None] if alone else images
    done = compute(jnp.moveaxis(batch, 1, -1) if first else batch)
    done = jnp.moveaxis(done, axis, 1) if first else done
    return done[0] if alone else done
