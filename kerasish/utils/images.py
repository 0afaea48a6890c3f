"""Image files: load_img, save_img, array_to_img, img_to_array (Pillow is imported on use)."""

from __future__ import annotations

import importlib
import os
import warnings
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.settings.config import floatx, image_data_format
from kerasish.core.types import DTypeLike

if TYPE_CHECKING:
    import PIL.Image

__all__ = ["array_to_img", "img_to_array", "load_img", "resize_with_pad", "save_img"]

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def _pillow() -> ModuleType:
    """Return the module `PIL.Image`.

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
    x: npt.ArrayLike,
    data_format: str | None = None,
    scale: bool = True,
    dtype: DTypeLike | None = None,
) -> PIL.Image.Image:
    """Convert an array to a Pillow image.

    Args:
        x: `(height, width, channels)` with 1, 3 or 4 channels.
        data_format: `"channels_last"` or `"channels_first"`; by default
            `config.image_data_format()`.
        scale: whether to rescale the values to [0, 255].
        dtype: the dtype for the computation; `floatx()` by default.

    Raises:
        DataError: if the array does not have the shape of an image.

    Examples:
        >>> array_to_img(np.ones((4, 5, 3))).size
        (5, 4)
    """
    image = _pillow()
    array = np.asarray(x, dtype or floatx())
    array = np.moveaxis(array, 0, -1) if _channels_first(data_format) else array
    if array.ndim != 3 or array.shape[-1] not in (1, 3, 4):
        raise DataError(
            f"An image must have shape (height, width, channels) with 1, 3 or 4 channels; got "
            f"{np.shape(x)}."
        )
    if scale:
        array = array - np.min(array)
        peak = np.max(array)
        array = array / peak * 255 if peak else array
    if array.shape[-1] > 1:
        result: PIL.Image.Image = image.fromarray(array.astype("uint8"))
        return result
    # Values above 255 need an image of 32-bit integers.
    result = image.fromarray(array[..., 0].astype("int32" if np.max(array) > 255 else "uint8"))
    return result


def img_to_array(
    img: PIL.Image.Image | npt.ArrayLike,
    data_format: str | None = None,
    dtype: DTypeLike | None = None,
) -> np.ndarray:
    """Convert a Pillow image to an array.

    Args:
        img: the image.
        data_format: `"channels_last"` or `"channels_first"`; by default
            `config.image_data_format()`.
        dtype: the dtype of the result; `floatx()` by default.

    Returns:
        An array of shape `(height, width, channels)`.

    Raises:
        DataError: if the image does not have two or three dimensions.

    Examples:
        >>> img_to_array(array_to_img(np.ones((4, 5, 1)))).shape
        (4, 5, 1)
    """
    first = _channels_first(data_format)
    array = np.asarray(img, dtype or floatx())
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3:
        raise DataError(f"An image must have two or three dimensions; got shape {array.shape}.")
    return np.moveaxis(array, -1, 0) if first else array


def save_img(
    path: str | os.PathLike[str] | IO[bytes],
    x: npt.ArrayLike,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Save an array as an image file.

    Args:
        path: a path or an open file.
        x: `(height, width, channels)`.
        data_format: see `array_to_img`.
        file_format: for example `"png"`; by default inferred from the path.
        scale: see `array_to_img`.
        **kwargs: passed to `PIL.Image.Image.save`.

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
        warnings.warn(
            "JPEG does not support transparency; the alpha channel is dropped.", stacklevel=2
        )
        image = image.convert("RGB")
    image.save(path, format=file_format, **kwargs)


def load_img(
    path: str | os.PathLike[str] | IO[bytes],
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> PIL.Image.Image:
    """Load an image file as a Pillow image.

    Args:
        path: a path or an open file.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        target_size: `(height, width)` to resize to.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"hamming"`, `"box"` or `"lanczos"`.
        keep_aspect_ratio: whether to crop the center to the aspect ratio of `target_size` before
            resizing.

    Raises:
        ArgumentError: if the color mode or the interpolation is unknown.
    """
    if color_mode not in _MODES:
        raise ArgumentError(f"color_mode must be one of {', '.join(_MODES)}; got {color_mode!r}.")
    if interpolation not in _METHODS:
        raise ArgumentError(
            f"interpolation must be one of {', '.join(_METHODS)}; got {interpolation!r}."
        )
    with _pillow().open(path) as opened:
        keep_depth = color_mode == "grayscale" and opened.mode in ("I;16", "I", "L")
        image = opened.copy() if keep_depth else opened.convert(_MODES[color_mode])
    if target_size is None:
        result: PIL.Image.Image = image
        return result
    height, width = target_size
    method = _pillow().Resampling[interpolation.upper()]
    box = _center_box(image.size, width / height) if keep_aspect_ratio else None
    result = image.resize((width, height), method, box=box)
    return result


def resize_with_pad(
    image: PIL.Image.Image, size: tuple[int, int], interpolation: str
) -> PIL.Image.Image:
    """Resize an image to `(height, width)` with black borders to keep its aspect ratio."""
    method = _pillow().Resampling[interpolation.upper()]
    result: PIL.Image.Image = importlib.import_module("PIL.ImageOps").pad(image, size[::-1], method)
    return result


def _center_box(size: tuple[int, int], ratio: float) -> tuple[int, int, int, int]:
    """Return the largest centered box with a given ratio of width to height."""
    width, height = size
    wide, high = min(width, int(height * ratio)), min(height, int(width / ratio))
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high
