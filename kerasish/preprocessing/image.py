"""Image files and arrays, and smart_resize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.types import Array
from kerasish.ops import image
from kerasish.utils import array_to_img, img_to_array, load_img, save_img

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]


def smart_resize(
    x: np.ndarray | Array,
    size: Sequence[int],
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
    **kwargs: Any,
) -> np.ndarray | Array:
    """Resize images without distortion by cropping the center first.

    Args:
        x: an image or a batch of images.
        size: height and width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: only `backend_module`, which is accepted for old programs and ignored.

    Returns:
        A NumPy array if `x` is one, otherwise a JAX array.

    Raises:
        ArgumentError: if an argument is not valid.
        ShapeError: if `x` is not an image or a batch.

    Examples:
        >>> smart_resize(np.zeros((34, 50, 3)), (20, 20)).shape
        (20, 20, 3)
    """
    if unknown := set(kwargs) - {"backend_module"}:
        raise ArgumentError(f"`smart_resize` has no argument {sorted(unknown)[0]!r}.")
    if len(size) != 2:
        raise ArgumentError(f"size must be height and width; got {size!r}.")
    if np.ndim(x) not in (3, 4):
        raise ShapeError(f"x must be an image or a batch of images; its shape is {np.shape(x)}.")
    if data_format not in ("channels_last", "channels_first"):
        raise ArgumentError(
            f"data_format must be 'channels_last' or 'channels_first'; got {data_format!r}."
        )
    wanted_height, wanted_width = size
    first = np.ndim(x) - (3 if data_format == "channels_last" else 2)
    height, width = np.shape(x)[first : first + 2]
    rows = min(height, int(width * wanted_height / wanted_width))
    columns = min(width, int(height * wanted_width / wanted_height))
    top, left = (height - rows) // 2, (width - columns) // 2
    inside = (slice(None),) * first + (slice(top, top + rows), slice(left, left + columns))
    resized = image.resize(
        x[inside], tuple(size), interpolation=interpolation, data_format=data_format
    )
    return np.asarray(resized) if isinstance(x, np.ndarray) else resized
