"""Bounding boxes: their formats, how they overlap, and what happens to them with their image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.settings.config import epsilon
from kerasish.utils._boxes import converted, four

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]

ImageShape = Sequence[int] | None


def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: Any = None,
    width: Any = None,
    dtype: str = "float32",
) -> Any:
    """Return boxes in another format.

    | format        | four numbers                           |
    |---------------|----------------------------------------|
    | `xyxy`        | left, top, right, bottom               |
    | `yxyx`        | top, left, bottom, right               |
    | `xywh`        | left, top, width, height               |
    | `center_xywh` | the middle's x and y, width, height    |
    | `center_yxhw` | the middle's y and x, height, width    |
    | `rel_...`     | each but the last, in parts of the image |

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`, or a dict with such in `"boxes"`.
        source: the format that they are in.
        target: the format to return.
        height: of the image, where one format is relative and the other is not.
        width: likewise.
        dtype: the dtype of the result.

    Raises:
        UnknownNameError: if there is no such format.
        ArgumentError: if the size of the image is needed.
        ShapeError: if the boxes have another shape.

    Examples:
        >>> convert_format([[10, 20, 30, 40]], "xyxy", "xywh").tolist()
        [[10.0, 20.0, 20.0, 20.0]]
    """
    if isinstance(boxes, Mapping):
        found = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": found}
    return converted(four(boxes, dtype), source, target, height, width).astype(dtype)


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: ImageShape = None,
) -> Any:
    """Return how much boxes overlap, each with each: intersection over union.

    Args:
        boxes1: `(m, 4)` or `(batch, m, 4)`.
        boxes2: `(n, 4)` or `(batch, n, 4)`.
        bounding_box_format: the format of both.
        use_masking: whether boxes of negative numbers have `mask_val`.
        mask_val: see there.
        image_shape: height and width first, where the format is relative.

    Returns:
        `(m, n)` or `(batch, m, n)`.

    Examples:
        >>> compute_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [1, 1, 3, 3]], "xyxy").round(3).tolist()
        [[1.0, 0.14300000667572021]]
    """
    one = _absolute(boxes1, bounding_box_format, "yxyx", image_shape)
    other = _absolute(boxes2, bounding_box_format, "yxyx", image_shape)
    one, other = _of_one_rank(one, other)
    first, second = one[..., :, None, :], other[..., None, :, :]
    start = jnp.maximum(first[..., :2], second[..., :2])
    end = jnp.minimum(first[..., 2:], second[..., 2:])
    shared = jnp.prod(jnp.maximum(end - start, 0), -1)
    areas = [jnp.prod(each[..., 2:] - each[..., :2], -1) for each in (first, second)]
    iou = shared / (areas[0] + areas[1] - shared + epsilon())
    if use_masking:
        masked = (first < 0).all(-1) | (second < 0).all(-1)
        iou = jnp.where(masked, mask_val, iou)
    return iou


def _absolute(boxes: Any, source: str, target: str, image_shape: ImageShape) -> Any:
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return converted(four(boxes), source, target, height, width)


def _row(values: Sequence[Any], like: Any) -> Any:
    """Return four numbers as an array that fits to boxes."""
    return jnp.asarray(values, "float32").reshape(*[1] * (like.ndim - 1), 4)


def _of_one_rank(one: Any, other: Any) -> tuple[Any, Any]:
    """Return two arrays of boxes, with a batch of 1 for that which has none."""
    rank = max(one.ndim, other.ndim)
    return (
        one.reshape(*[1] * (rank - one.ndim), *one.shape),
        other.reshape(*[1] * (rank - other.ndim), *other.shape),
    )


def compute_ciou(
    boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: ImageShape = None
) -> Any:
    """Return how much boxes agree, pair by pair: complete IoU (Zheng et al., 2020).

    Args:
        boxes1: `(..., 4)`.
        boxes2: as many.
        bounding_box_format: the format of both.
        image_shape: height and width first, where the format is relative.

    Examples:
        >>> compute_ciou([[0, 0, 2, 2]], [[0, 0, 2, 2]], "xyxy").round(3).tolist()
        [1.0]
    """
    one = _absolute(boxes1, bounding_box_format, "xyxy", image_shape)
    other = _absolute(boxes2, bounding_box_format, "xyxy", image_shape)
    sizes = [each[..., 2:] - each[..., :2] for each in (one, other)]
    inner = jnp.minimum(one[..., 2:], other[..., 2:]) - jnp.maximum(one[..., :2], other[..., :2])
    outer = jnp.maximum(one[..., 2:], other[..., 2:]) - jnp.minimum(one[..., :2], other[..., :2])
    shared = jnp.prod(jnp.maximum(inner, 0), -1)
    union = jnp.prod(sizes[0], -1) + jnp.prod(sizes[1], -1) - shared
    iou = shared / (union + epsilon())
    apart = jnp.sum((one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) ** 2, -1) / 4
    diagonal = jnp.sum(outer**2, -1)
    angles = [jnp.arctan(size[..., 0] / (size[..., 1] + epsilon())) for size in sizes]
    shape = (angles[0] - angles[1]) ** 2 * 4 / math.pi**2
    alpha = shape / (shape - iou + (1 + epsilon()))
    return iou - (apart / (diagonal + epsilon()) + shape * alpha)


def clip_to_image_size(
    bounding_boxes: Mapping[str, Any],
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Return boxes cut off at the edges of their image; of what is outside, the label is -1.

    Args:
        bounding_boxes: a dict with `"boxes"` and `"labels"`.
        height: of the image.
        width: likewise.
        bounding_box_format: `"xyxy"` or `"rel_xyxy"`.

    Raises:
        ArgumentError: if the format is another, or the size is needed.

    Examples:
        >>> boxes = {"boxes": [[-10.0, 5.0, 50.0, 60.0]], "labels": [1]}
        >>> clip_to_image_size(boxes, 40, 40)["boxes"].tolist()
        [[0.0, 5.0, 40.0, 40.0]]
    """
    if bounding_box_format not in ("xyxy", "rel_xyxy"):
        raise ArgumentError(
            f"Boxes are clipped in format 'xyxy' or 'rel_xyxy'; got {bounding_box_format!r}."
        )
    if bounding_box_format == "xyxy":
        if height is None or width is None:
            raise ArgumentError("Boxes in 'xyxy' need the height and width of the image.")
        largest = [width, height, width, height]
    else:
        largest = [1, 1, 1, 1]
    boxes, labels = four(bounding_boxes["boxes"]), jnp.asarray(bounding_boxes["labels"])
    clipped = jnp.clip(boxes, 0, _row(largest, boxes))
    area = jnp.prod(clipped[..., 2:] - clipped[..., :2], -1)
    return {**bounding_boxes, "boxes": clipped, "labels": jnp.where(area > 0, labels, -1)}


def crop(
    boxes: Any,
    top: Any,
    left: Any,
    height: Any,
    width: Any,
    bounding_box_format: str = "xyxy",
) -> Any:
    """Return where boxes are in a part of their image, cut off at its edges.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        top: where the part begins.
        left: likewise.
        height: of the part.
        width: likewise.
        bounding_box_format: `"xyxy"`.

    Raises:
        ArgumentError: if the format is another.

    Examples:
        >>> crop([[10, 20, 50, 60]], top=10, left=20, height=40, width=30).tolist()
        [[0.0, 10.0, 30.0, 40.0]]
    """
    moved = pad(boxes, -top, -left, bounding_box_format=bounding_box_format)
    return jnp.clip(moved, 0, _row([width, height, width, height], moved))


def pad(
    boxes: Any,
    top: Any,
    left: Any,
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """Return where boxes are in their image when something is put above and before it.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        top: how much above.
        left: how much before.
        height: accepted, without effect, as in Keras.
        width: likewise.
        bounding_box_format: `"xyxy"`.

    Raises:
        ArgumentError: if the format is another.

    Examples:
        >>> pad([[10, 20, 50, 60]], top=1, left=2).tolist()
        [[12.0, 21.0, 52.0, 61.0]]
    """
    if bounding_box_format != "xyxy":
        raise ArgumentError(f"Boxes are moved in format 'xyxy'; got {bounding_box_format!r}.")
    moved = four(boxes)
    return moved + _row([left, top, left, top], moved)


Variance = Sequence[float] | None
_CENTERED = ("center_xywh", "center_yxhw")


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Variance = None,
    image_shape: ImageShape = None,
) -> Any:
    """Return how boxes differ from anchors, in the sizes of the anchors.

    Args:
        anchors: `(n, 4)`.
        boxes: `(n, 4)` or `(batch, n, 4)`.
        anchor_format: the format of the anchors.
        box_format: that of the boxes.
        encoding_format: `"center_yxhw"` or `"center_xywh"`, the order of the four numbers.
        variance: four numbers to divide by.
        image_shape: height and width first, where a format is relative.

    Raises:
        ArgumentError: if `encoding_format` or `variance` is something else.

    Examples:
        >>> encode_box_to_deltas([[0, 0, 2, 2]], [[1, 0, 3, 2]], "xyxy", "xyxy").tolist()
        [[0.0, 0.5, 0.0, 0.0]]
    """
    factors = _factors(encoding_format, variance)
    anchor = _absolute(anchors, anchor_format, encoding_format, image_shape)
    box = _absolute(boxes, box_format, encoding_format, image_shape)
    anchor, box = _of_one_rank(anchor, box)
    place = (box[..., :2] - anchor[..., :2]) / anchor[..., 2:]
    size = jnp.log(box[..., 2:] / anchor[..., 2:])
    return jnp.concatenate([place, size], -1) / _row(factors, box)


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Variance = None,
    image_shape: ImageShape = None,
) -> Any:
    """Return the boxes that `encode_box_to_deltas` was given.

    Args:
        anchors: `(n, 4)`, or a dict of such.
        boxes_delta: `(n, 4)` or `(batch, n, 4)`, or a dict of such with the same keys.
        anchor_format: the format of the anchors.
        box_format: that of the boxes to return.
        encoded_format: `"center_yxhw"` or `"center_xywh"`, the order of the four numbers.
        variance: four numbers to multiply with.
        image_shape: height and width first, where a format is relative.

    Raises:
        ArgumentError: if `encoded_format` or `variance` is something else.

    Examples:
        >>> decode_deltas_to_boxes([[0, 0, 2, 2]], [[0, 0.5, 0, 0]], "xyxy", "xyxy").tolist()
        [[1.0, 0.0, 3.0, 2.0]]
    """
    rest = (anchor_format, box_format, encoded_format, variance, image_shape)
    if isinstance(anchors, Mapping):
        return {
            key: decode_deltas_to_boxes(each, boxes_delta[key], *rest)
            for key, each in anchors.items()
        }
    factors = _factors(encoded_format, variance)
    anchor = _absolute(anchors, anchor_format, encoded_format, image_shape)
    anchor, delta = _of_one_rank(anchor, four(boxes_delta))
    delta = delta * _row(factors, delta)
    place = delta[..., :2] * anchor[..., 2:] + anchor[..., :2]
    size = jnp.exp(delta[..., 2:]) * anchor[..., 2:]
    return _absolute(jnp.concatenate([place, size], -1), encoded_format, box_format, image_shape)


def _factors(encoding: str, variance: Variance) -> Sequence[float]:
    if encoding not in _CENTERED:
        raise ArgumentError(f"Deltas have one of the formats {_CENTERED}; got {encoding!r}.")
    if variance is not None and len(variance) != 4:
        raise ArgumentError(f"variance must be four numbers; got {variance!r}.")
    return (1, 1, 1, 1) if variance is None else variance


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: int,
    width: int,
    center_x: Any = None,
    center_y: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """Return the boxes around what boxes become when their image is moved, turned and sheared.

    Each number may be an array with one for each sample.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        angle: in degrees.
        translate_x: in parts of the width.
        translate_y: in parts of the height.
        scale: how much larger.
        shear_x: in degrees.
        shear_y: likewise.
        height: of the image.
        width: likewise.
        center_x: of the turn, in parts of the width; the middle by default.
        center_y: likewise.
        bounding_box_format: the format of the boxes.

    Examples:
        >>> moved = affine_transform([[0, 0, 2, 2]], 0, 0.1, 0, 1, 0, 0, height=11, width=11)
        >>> moved.tolist()
        [[1.0, 0.0, 3.0, 2.0]]
    """
    box = converted(four(boxes), bounding_box_format, "xyxy", height, width)

    def column(x: Any) -> Any:
        return jnp.asarray(x, "float32").reshape(-1, *[1] * (box.ndim - 1))

    turn, shear = jnp.radians(column(angle)), jnp.tan(jnp.radians(column(shear_y)))
    slope, size = jnp.tan(jnp.radians(column(shear_x))), column(scale)
    cosine, sine = jnp.cos(turn), jnp.sin(turn)
    down_x, down_y = -sine + shear * cosine, cosine + shear * sine
    right_x, right_y = cosine - slope * down_x, sine + slope * down_y
    middle_x = column(0.5 if center_x is None else center_x) * (width - 1)
    middle_y = column(0.5 if center_y is None else center_y) * (height - 1)
    # The four corners.
    x = box[..., [0, 2, 0, 2]] - middle_x + column(translate_x) * (width - 1)
    y = box[..., [1, 1, 3, 3]] - middle_y + column(translate_y) * (height - 1)
    new_x = size * (right_x * x + right_y * y) + middle_x
    new_y = size * (down_x * x + down_y * y) + middle_y
    around = [new_x.min(-1), new_y.min(-1), new_x.max(-1), new_y.max(-1)]
    return converted(jnp.stack(around, -1), "xyxy", bounding_box_format, height, width)
