"""Formats of bounding boxes and the conversions between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy.typing as npt

from kerasish.core.errors import ArgumentError, ShapeError, UnknownNameError
from kerasish.core.types import Array, ArrayLike, DTypeLike

__all__ = ["as_boxes", "canonical_format", "convert_boxes"]


def _from_center(x: Array, y: Array, width: Array, height: Array) -> tuple[Any, ...]:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _to_center(left: Array, top: Array, right: Array, bottom: Array) -> tuple[Any, ...]:
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


# Functions from each format to (left, top, right, bottom), and back.
_FORMATS: dict[str, tuple[Callable[..., tuple[Any, ...]], Callable[..., tuple[Any, ...]]]] = {
    "xyxy": (lambda *box: box, lambda *box: box),
    "yxyx": (lambda t, le, b, r: (le, t, r, b), lambda le, t, r, b: (t, le, b, r)),
    "xywh": (
        lambda x, y, w, h: (x, y, x + w, y + h),
        lambda le, t, r, b: (le, t, r - le, b - t),
    ),
    "center_xywh": (_from_center, _to_center),
    "center_yxhw": (
        lambda y, x, h, w: _from_center(x, y, w, h),
        lambda *box: tuple(_to_center(*box)[i] for i in (1, 0, 3, 2)),
    ),
}
_RELATIVE = tuple(f"rel_{name}" for name in ("xyxy", "yxyx", "xywh", "center_xywh"))


def canonical_format(name: str) -> str:
    """Return the name of a format in lower case.

    Raises:
        UnknownNameError: if the format is unknown.
    """
    lower = str(name).lower()
    if lower not in (*_FORMATS, *_RELATIVE):
        raise UnknownNameError("format of bounding boxes", name, (*_FORMATS, *_RELATIVE))
    return lower


def as_boxes(boxes: npt.ArrayLike, dtype: DTypeLike = "float32") -> Array:
    """Convert boxes to an array of shape `(..., 4)`.

    Raises:
        ShapeError: if the boxes have another shape.
    """
    array = jnp.asarray(boxes, dtype)
    if array.ndim not in (1, 2, 3) or array.shape[-1] != 4:
        raise ShapeError(f"Boxes must have shape (n, 4) or (batch, n, 4); got {array.shape}.")
    return array


def convert_boxes(
    boxes: Array,
    source: str,
    target: str,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
) -> Array:
    """Convert an array of boxes to another format.

    Raises:
        ArgumentError: if the size of the image is needed and not given.
    """
    source, target = canonical_format(source), canonical_format(target)
    if source == target:
        return boxes
    from_relative, to_relative = source.startswith("rel_"), target.startswith("rel_")
    if from_relative != to_relative and (height is None or width is None):
        raise ArgumentError(
            f"Converting boxes from {source!r} to {target!r} requires the height and width of the "
            "image."
        )
    corners = _FORMATS[source.removeprefix("rel_")][0](*jnp.moveaxis(boxes, -1, 0))
    if from_relative != to_relative:
        sizes = [jnp.asarray(each, boxes.dtype) for each in (width, height, width, height)]
        corners = tuple(
            each * size if from_relative else each / size
            for each, size in zip(corners, sizes, strict=True)
        )
    return jnp.stack(_FORMATS[target.removeprefix("rel_")][1](*corners), -1)
