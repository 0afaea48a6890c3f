"""Batches of images as arrays of bytes with the channels last, which is what is drawn on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerasish.core.config import image_data_format
from kerasish.core.errors import ArgumentError, ShapeError

__all__ = [
    "Color",
    "Images",
    "to_channels_first",
    "to_drawable",
    "to_range",
    "to_values",
    "uses_channels_first",
]

Color = Sequence[int]
Images = NDArray[np.uint8]


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


def to_drawable(images: ArrayLike, data_format: str | None) -> Images:
    """Return a copy of a batch of images as bytes, with the channels last; see `to_values`."""
    return to_values(images, data_format).astype("uint8")


def to_values(images: ArrayLike, data_format: str | None) -> NDArray[np.float32]:
    """Return a copy of a batch of images as floats from 0 to 255, with the channels last.

    Floats of at most 1 are shares of 255; others are clipped to 0 to 255.

    Raises:
        ShapeError: if `images` is not a batch of images with 1, 3 or 4 channels.
    """
    array = np.asarray(images)
    channels = 1 if uses_channels_first(data_format) else -1
    if array.ndim != 4 or array.shape[channels] not in (1, 3, 4):
        raise ShapeError(
            "images must be a batch of images: four axes, and 1, 3 or 4 channels on axis "
            f"{channels} (see `data_format`); got shape {array.shape}."
        )
    if channels == 1:
        array = np.moveaxis(array, 1, -1)
    values = array.astype("float32")
    if not np.issubdtype(array.dtype, np.integer) and values.size and values.max() <= 1:
        values *= 255
    clipped: NDArray[np.float32] = np.clip(np.nan_to_num(values), 0, 255)
    return clipped


def to_range(images: ArrayLike, value_range: Sequence[float]) -> NDArray[np.float32]:
    """Return images with values from `value_range` as values from 0 to 255.

    Raises:
        ArgumentError: if `value_range` is not two numbers, the smaller one first.
    """
    if len(value_range) != 2 or not value_range[0] < value_range[1]:
        raise ArgumentError(
            f"value_range must be two numbers, the smaller one first; got {value_range!r}."
        )
    low, high = value_range
    scaled = (np.asarray(images).astype("float32") - np.float32(low)) / np.float32(high - low)
    return np.asarray(scaled * 255, "float32")
