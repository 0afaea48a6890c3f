"""Images between files, Pillow and arrays. Pillow is imported when it is used."""

from __future__ import annotations

import importlib
import os
import warnings
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.settings.config import floatx, image_data_format

__all__ = ["array_to_img", "img_to_array", "load_img", "padded", "save_img"]

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def _pillow() -> Any:
    """Return Pillow's `Image`.

    Raises:
        ImportError: if Pillow is not installed.
    """
    try:
        return importlib.import_module("PIL.Image")
    except ImportError as error:
        raise ImportError("Images need Pillow: `pip install pillow`.") from error


def _channels_first(data_format: str | None) -> bool:
    data_format = data_format or image_data_format()
    if data_format not in ("channels_first", "channels_last"):
        raise ArgumentError(
            f"data_format must be 'channels_last' or 'channels_first'; got {data_format!r}."
        )
    return data_format == "channels_first"


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """Return an array as an image of Pillow's.

    Args:
        x: `(height, width, channels)` with 1, 3 or 4 channels.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.
        scale: whether to spread the values over 0 to 255.
        dtype: to compute in; `floatx()` by default.

    Raises:
        DataError: if it is no array of an image.

    Examples:
        >>> array_to_img(np.ones((4, 5, 3))).size
        (5, 4)
    """
    image = _pillow()
    array = np.asarray(x, dtype or floatx())
    array = np.moveaxis(array, 0, -1) if _channels_first(data_format) else array
    if array.ndim != 3 or array.shape[-1] not in (1, 3, 4):
        raise DataError(
            f"An image is an array (height, width, channels) with 1, 3 or 4 channels; got shape "
            f"{np.shape(x)}."
        )
    if scale:
        array = array - np.min(array)
        most = np.max(array)
        array = array / most * 255 if most else array
    if array.shape[-1] > 1:
        return image.fromarray(array.astype("uint8"))
    # More than 8 bits fit into an image of whole numbers only.
    return image.fromarray(array[..., 0].astype("int32" if np.max(array) > 255 else "uint8"))


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Return an image of Pillow's as an array.

    Args:
        img: the image.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.
        dtype: of the result; `floatx()` by default.

    Returns:
        `(height, width, channels)`.

    Raises:
        DataError: if it is no image.

    Examples:
        >>> img_to_array(array_to_img(np.ones((4, 5, 1)))).shape
        (4, 5, 1)
    """
    first = _channels_first(data_format)
    array = np.asarray(img, dtype or floatx())
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3:
        raise DataError(f"An image has two or three dimensions; got shape {array.shape}.")
    return np.moveaxis(array, -1, 0) if first else array


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array to a file as an image.

    Args:
        path: the file, a path or open.
        x: `(height, width, channels)`.
        data_format: see `array_to_img`.
        file_format: such as `"png"`; told from the path by default.
        scale: see `array_to_img`.
        **kwargs: passed on to Pillow.

    Examples:
        >>> import io
        >>> file = io.BytesIO()
        >>> save_img(file, np.ones((4, 5, 3)), file_format="png")
        >>> load_img(file).size
        (5, 4)
    """
    image = array_to_img(x, data_format, scale)
    ending = os.path.splitext(path)[1] if isinstance(path, (str, os.PathLike)) else ""
    kind = (file_format or ending).lower().lstrip(".")
    if image.mode == "RGBA" and kind in ("jpg", "jpeg"):
        warnings.warn("JPEG has no transparency; it is left out.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=file_format, **kwargs)


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Read a file as an image of Pillow's.

    Args:
        path: the file, a path or `io.BytesIO`.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        target_size: `(height, width)` to resize to.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"hamming"`, `"box"` or `"lanczos"`.
        keep_aspect_ratio: whether to cut out the middle, of the shape of `target_size`,
            before resizing.

    Raises:
        ArgumentError: if there is no such mode or interpolation.
    """
    if color_mode not in _MODES:
        raise ArgumentError(f"color_mode must be one of {', '.join(_MODES)}; got {color_mode!r}.")
    if interpolation not in _METHODS:
        raise ArgumentError(
            f"interpolation must be one of {', '.join(_METHODS)}; got {interpolation!r}."
        )
    with _pillow().open(path) as opened:
        grey = color_mode == "grayscale" and opened.mode in ("I;16", "I", "L")
        image = opened.copy() if grey else opened.convert(_MODES[color_mode])
    if target_size is None:
        return image
    height, width = target_size
    method = _pillow().Resampling[interpolation.upper()]
    box = _middle(image.size, width / height) if keep_aspect_ratio else None
    return image.resize((width, height), method, box=box)


def padded(image: Any, size: tuple[int, int], interpolation: str) -> Any:
    """Return an image resized to `(height, width)`, black borders around it if need be."""
    method = _pillow().Resampling[interpolation.upper()]
    return importlib.import_module("PIL.ImageOps").pad(image, size[::-1], method)


def _middle(size: tuple[int, int], ratio: float) -> tuple[int, int, int, int]:
    """Return the largest box of a ratio of width to height around the middle of an image."""
    width, height = size
    wide, high = min(width, int(height * ratio)), min(height, int(width / ratio))
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high
