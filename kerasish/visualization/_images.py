"""Batches of images as arrays of bytes with the channels last, which is what is drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.settings.config import image_data_format

__all__ = [
    "Color",
    "Images",
    "checked_color",
    "from_range",
    "to_channels_first",
    "to_drawable",
    "to_values",
    "uses_channels_first",
]

Color = Sequence[int]
Images = NDArray[np.uint8]
Floats = NDArray[np.float32]


def uses_channels_first(data_format: str | None) -> bool:
    """Return whether channels come first in a data format; None is the configured one.

    Raises:
        ArgumentError: if there is no such format.
    """
    data_format = data_format or image_data_format()
    if data_format not in ("channels_first", "channels_last"):
        raise ArgumentError(
            f"data_format must be 'channels_last' or 'channels_first'; got {data_format!r}."
        )
    return data_format == "channels_first"


def to_channels_first(images: Images, data_format: str | None) -> Images:
    """Return images with channels last in the layout of `data_format`."""
    return np.moveaxis(images, -1, 1) if uses_channels_first(data_format) else images


def checked_color(color: Color) -> Color:
    """Return a color as a tuple.

    Raises:
        ArgumentError: if it is not three numbers from 0 to 255.
    """
    if np.shape(color) != (3,) or not all(0 <= each <= 255 for each in color):
        raise ArgumentError(f"A color is three numbers from 0 to 255; got {color!r}.")
    return tuple(int(each) for each in color)


def to_drawable(images: ArrayLike, data_format: str | None) -> Images:
    """Return a copy of a batch of images as bytes, with the channels last; see `to_values`."""
    return to_values(images, data_format).astype("uint8")


def to_values(images: ArrayLike, data_format: str | None) -> Floats:
    """Return a copy of a batch of images as floats from 0 to 255, with the channels last.

    Floats of at most 1 are shares of 255; others are clipped to 0 to 255.

    Raises:
        ShapeError: if `images` is not a batch of images with 1, 3 or 4 channels.
    """
    array = _batch(images, data_format)
    values = array.astype("float32")
    if not np.issubdtype(array.dtype, np.integer) and values.size and values.max() <= 1:
        values *= 255
    return _clipped(values)


def from_range(images: ArrayLike, value_range: Sequence[float], data_format: str | None) -> Images:
    """Return a batch of images with values from `value_range` as bytes, with the channels last.

    Raises:
        ShapeError: if `images` is not a batch of images with 1, 3 or 4 channels.
        ArgumentError: if `value_range` is not two numbers, the smaller one first.
    """
    if np.shape(value_range) != (2,) or not value_range[0] < value_range[1]:
        raise ArgumentError(
            f"value_range must be two numbers, the smaller one first; got {value_range!r}."
        )
    low, high = (np.float32(each) for each in value_range)
    values = (_batch(images, data_format).astype("float32") - low) / (high - low) * 255
    return _clipped(values).round().astype("uint8")


def _clipped(values: Floats) -> Floats:
    clipped: Floats = np.clip(np.nan_to_num(values), 0, 255)
    return clipped


def _batch(images: ArrayLike, data_format: str | None) -> NDArray[Any]:
    """Return a batch of images with the channels last; its shape is checked."""
    channels = 1 if uses_channels_first(data_format) else -1
    try:
        array = np.asarray(images)
    except ValueError as error:
        raise ShapeError("images must be a batch of images of one shape; theirs differ.") from error
    if array.ndim != 4 or array.shape[channels] not in (1, 3, 4):
        raise ShapeError(
            "images must be a batch of images: four axes, and 1, 3 or 4 channels on axis "
            f"{channels} (see `data_format`); got shape {array.shape}."
        )
    return np.moveaxis(array, channels, -1)
