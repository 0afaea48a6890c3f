"""Bounding boxes drawn on images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.utils.bounding_boxes import convert_format
from kerasish.visualization._images import (
    Color,
    Images,
    checked_color,
    to_channels_first,
    to_drawable,
)
from kerasish.visualization._text import Pen, draw_text

__all__ = ["draw_bounding_boxes"]

ClassMapping = Mapping[int, str]


class _Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int
    text: str


def draw_bounding_boxes(
    images: ArrayLike,
    bounding_boxes: Mapping[str, ArrayLike],
    bounding_box_format: str,
    class_mapping: ClassMapping | None = None,
    color: Color = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> NDArray[np.uint8]:
    """Return images with bounding boxes drawn on them.

    Names of classes need Pillow, `pip install kerasish[images]`; lines do not.

    Args:
        images: `(batch, height, width, channels)`, with 1, 3 or 4 channels and values from 0 to
            255, or floats from 0 to 1.
        bounding_boxes: `"boxes"`, `(batch, boxes, 4)`; `"labels"`, `(batch, boxes)`, where boxes
            of class -1 are padding and are not drawn; `"confidences"`, likewise, if there are any.
        bounding_box_format: the format of the boxes, as in
            `kerasish.utils.bounding_boxes.convert_format`.
        class_mapping: names of classes; a box of a class that is in it gets the name, and its
            confidence.
        color: of lines and names, a number from 0 to 255 for each channel of RGB.
        line_thickness: of lines; 1 is one pixel.
        text_thickness: of the strokes of names.
        font_scale: the size of names; 1 is about 22 pixels high.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.

    Returns:
        The images as bytes, in the same layout.

    Raises:
        ShapeError: if images, boxes and labels have other shapes.
        ArgumentError: if `bounding_boxes` is not such a dict, or a size or a color is not one.
        TypeError: if `bounding_boxes` is not a dict.
        ImportError: if a name must be drawn and Pillow is not installed.

    Examples:
        >>> images = np.zeros((1, 8, 8, 3), "uint8")
        >>> boxes = {"boxes": [[[1, 2, 5, 6]]], "labels": [[0]]}
        >>> drawn = draw_bounding_boxes(images, boxes, "xyxy", color=(255, 0, 0), line_thickness=1)
        >>> drawn[0, 2, :, 0].tolist()
        [0, 255, 255, 255, 255, 255, 0, 0]
    """
    pen = Pen(checked_color(color), font_scale, text_thickness)
    if line_thickness < 1 or text_thickness < 1 or font_scale <= 0:
        raise ArgumentError(
            "line_thickness and text_thickness must be at least 1 and font_scale above 0; got "
            f"{line_thickness}, {text_thickness} and {font_scale}."
        )
    drawn = to_drawable(images, data_format)
    rows = _boxes(bounding_boxes, bounding_box_format, class_mapping or {}, drawn.shape)
    for image, boxes in zip(drawn, rows, strict=True):
        for box in boxes:
            _draw_outline(image, box, pen.for_channels(image.shape[-1]), line_thickness)
            if box.text:
                draw_text(image, box.text, (box.left, box.top), pen, line_thickness)
    return to_channels_first(drawn, data_format)


def _boxes(
    given: Mapping[str, Any],
    bounding_box_format: str,
    names: ClassMapping,
    shape: tuple[int, ...],
) -> Iterator[list[_Box]]:
    """Return the boxes of each image in whole pixels, without those that pad."""
    if not isinstance(given, Mapping):
        raise TypeError(f"bounding_boxes must be a dict; got a {type(given).__name__}.")
    if not {"boxes", "labels"} <= set(given):
        raise ArgumentError(
            f"bounding_boxes must have 'boxes' and 'labels'; it has {sorted(given)}."
        )
    boxes, labels = np.asarray(given["boxes"], "float32"), np.asarray(given["labels"])
    confidences = given.get("confidences")
    scores = None if confidences is None else np.asarray(confidences)
    expected = boxes.shape[:2]
    if (
        boxes.ndim != 3
        or len(boxes) != shape[0]
        or labels.shape != expected
        or (scores is not None and scores.shape != expected)
    ):
        shapes = {name: np.shape(each) for name, each in given.items()}
        raise ShapeError(
            f"{shape[0]} images take boxes of shape ({shape[0]}, boxes, 4), and labels and "
            f"confidences of shape ({shape[0]}, boxes); got {shapes}."
        )
    corners = np.asarray(convert_format(boxes, bounding_box_format, "xyxy", shape[1], shape[2]))
    for i, row in enumerate(np.nan_to_num(corners)):
        yield [
            _Box(*_sorted_corners(row[j]), _text(names, int(label), scores, (i, j)))
            for j, label in enumerate(labels[i])
            if label >= 0
        ]


def _sorted_corners(corners: NDArray[np.float32]) -> tuple[int, int, int, int]:
    # Far outside is as good as just outside, and cannot overflow.
    x1, y1, x2, y2 = (int(each) for each in np.clip(corners, -(2**20), 2**20))
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _text(
    names: ClassMapping, label: int, scores: NDArray[Any] | None, where: tuple[int, int]
) -> str:
    if label not in names:
        return ""
    return names[label] if scores is None else f"{names[label]} {float(scores[where]):.2f}"


def _draw_outline(image: Images, box: _Box, color: Sequence[int], thickness: int) -> None:
    """Draw what a round brush leaves on its way around a box."""
    radius = 0 if thickness == 1 else (thickness + 1) // 2
    height, width = image.shape[:2]
    x, y = np.arange(width)[None, :], np.arange(height)[:, None]
    # How far a pixel is from the filled box, and, within it, from the nearest side.
    beside = np.maximum(np.maximum(box.left - x, x - box.right), 0)
    above = np.maximum(np.maximum(box.top - y, y - box.bottom), 0)
    inside = np.minimum(
        np.minimum(x - box.left, box.right - x), np.minimum(y - box.top, box.bottom - y)
    )
    image[(beside**2 + above**2 <= radius**2) & (inside <= radius)] = color
