"""The formats of bounding boxes: four numbers, and how they say where a box is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError, UnknownNameError

__all__ = ["converted", "four", "known_format"]


def _from_center(x: Any, y: Any, width: Any, height: Any) -> tuple[Any, ...]:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _to_center(left: Any, top: Any, right: Any, bottom: Any) -> tuple[Any, ...]:
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


# To left, top, right, bottom, and from there.
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


def known_format(name: str) -> str:
    """Return the name of a format in small letters.

    Raises:
        UnknownNameError: if there is no such format.
    """
    lower = str(name).lower()
    if lower not in (*_FORMATS, *_RELATIVE):
        raise UnknownNameError("format of bounding boxes", name, (*_FORMATS, *_RELATIVE))
    return lower


def four(boxes: Any, dtype: Any = "float32") -> Any:
    """Return boxes as an array `(..., 4)`.

    Raises:
        ShapeError: if they are not.
    """
    array = jnp.asarray(boxes, dtype)
    if array.ndim not in (1, 2, 3) or array.shape[-1] != 4:
        raise ShapeError(f"Boxes have shape (n, 4) or (batch, n, 4); got {array.shape}.")
    return array


def converted(boxes: Any, source: str, target: str, height: Any = None, width: Any = None) -> Any:
    """Return an array of boxes in another format.

    Raises:
        ArgumentError: if the size of the image is needed and not known.
    """
    source, target = known_format(source), known_format(target)
    if source == target:
        return boxes
    from_relative, to_relative = source.startswith("rel_"), target.startswith("rel_")
    if from_relative != to_relative and (height is None or width is None):
        raise ArgumentError(
            f"From {source!r} to {target!r}, boxes need the height and width of the image."
        )
    corners = _FORMATS[source.removeprefix("rel_")][0](*jnp.moveaxis(boxes, -1, 0))
    if from_relative != to_relative:
        sizes = [jnp.asarray(each, boxes.dtype) for each in (width, height, width, height)]
        corners = tuple(
            each * size if from_relative else each / size
            for each, size in zip(corners, sizes, strict=True)
        )
    return jnp.stack(_FORMATS[target.removeprefix("rel_")][1](*corners), -1)
