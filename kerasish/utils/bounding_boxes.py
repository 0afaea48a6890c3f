"""Bounding boxes: formats, IoU, clipping, cropping, padding, deltas, affine transformations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, overload

import jax.numpy as jnp
import numpy.typing as npt

from kerasish.core.errors import ArgumentError
from kerasish.core.settings.config import epsilon
from kerasish.core.types import Array, ArrayLike
from kerasish.utils._boxes import as_boxes, convert_boxes

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


@overload
def convert_format(
    boxes: npt.ArrayLike,
    source: str,
    target: str,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    dtype: str = "float32",
) -> Array: ...


@overload
def convert_format(
    boxes: Mapping[str, Any],
    source: str,
    target: str,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    dtype: str = "float32",
) -> dict[str, Any]: ...


def convert_format(
    boxes: npt.ArrayLike | Mapping[str, Any],
    source: str,
    target: str,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    dtype: str = "float32",
) -> Array | dict[str, Any]:
    """Convert boxes to another format.

    | format        | four numbers                           |
    |---------------|----------------------------------------|
    | `xyxy`        | left, top, right, bottom               |
    | `yxyx`        | top, left, bottom, right               |
    | `xywh`        | left, top, width, height               |
    | `center_xywh` | x and y of the center, width, height   |
    | `center_yxhw` | y and x of the center, height, width   |
    | `rel_...`     | relative to the size of the image (not for `center_yxhw`) |

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`, or a dict with such an array in `"boxes"`.
        source: the format of the boxes.
        target: the format of the result.
        height: the height of the image; needed between relative and absolute formats.
        width: the width of the image; needed as `height`.
        dtype: the dtype of the result.

    Raises:
        UnknownNameError: if a format is unknown.
        ArgumentError: if the size of the image is needed and not given.
        ShapeError: if the boxes have another shape.

    Examples:
        >>> convert_format([[10, 20, 30, 40]], "xyxy", "xywh").tolist()
        [[10.0, 20.0, 20.0, 20.0]]
    """
    if isinstance(boxes, Mapping):
        array = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": array}
    return convert_boxes(as_boxes(boxes, dtype), source, target, height, width).astype(dtype)


def compute_iou(
    boxes1: npt.ArrayLike,
    boxes2: npt.ArrayLike,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: ImageShape = None,
) -> Array:
    """Compute the intersection over union (IoU) of each pair of boxes.

    Args:
        boxes1: `(m, 4)` or `(batch, m, 4)`.
        boxes2: `(n, 4)` or `(batch, n, 4)`.
        bounding_box_format: the format of both arrays.
        use_masking: whether the IoU of boxes with negative coordinates is `mask_val`.
        mask_val: the IoU of masked boxes.
        image_shape: `(height, width, ...)`; needed for relative formats.

    Returns:
        An array of shape `(m, n)` or `(batch, m, n)`.

    Examples:
        >>> compute_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [1, 1, 3, 3]], "xyxy").round(3).tolist()
        [[1.0, 0.14300000667572021]]
    """
    one = _absolute(boxes1, bounding_box_format, "yxyx", image_shape)
    other = _absolute(boxes2, bounding_box_format, "yxyx", image_shape)
    one, other = _match_ranks(one, other)
    first, second = one[..., :, None, :], other[..., None, :, :]
    start = jnp.maximum(first[..., :2], second[..., :2])
    end = jnp.minimum(first[..., 2:], second[..., 2:])
    intersection = jnp.prod(jnp.maximum(end - start, 0), -1)
    areas = [jnp.prod(each[..., 2:] - each[..., :2], -1) for each in (first, second)]
    iou = intersection / (areas[0] + areas[1] - intersection + epsilon())
    if use_masking:
        masked = (first < 0).all(-1) | (second < 0).all(-1)
        iou = jnp.where(masked, mask_val, iou)
    return iou


def _absolute(boxes: npt.ArrayLike, source: str, target: str, image_shape: ImageShape) -> Array:
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return convert_boxes(as_boxes(boxes), source, target, height, width)


def _row(values: Sequence[Any], like: Array) -> Array:
    """Return four numbers as an array that broadcasts against boxes."""
    return jnp.asarray(values, "float32").reshape(*[1] * (like.ndim - 1), 4)


def _match_ranks(one: Array, other: Array) -> tuple[Any, Any]:
    """Return two arrays of boxes of the same rank; a missing batch axis gets size 1."""
    rank = max(one.ndim, other.ndim)
    return (
        one.reshape(*[1] * (rank - one.ndim), *one.shape),
        other.reshape(*[1] * (rank - other.ndim), *other.shape),
    )


def compute_ciou(
    boxes1: npt.ArrayLike,
    boxes2: npt.ArrayLike,
    bounding_box_format: str,
    image_shape: ImageShape = None,
) -> Array:
    """Compute the complete IoU of corresponding boxes (Zheng et al., 2020).

    Args:
        boxes1: `(..., 4)`.
        boxes2: the same shape as `boxes1`.
        bounding_box_format: the format of both arrays.
        image_shape: `(height, width, ...)`; needed for relative formats.

    Examples:
        >>> compute_ciou([[0, 0, 2, 2]], [[0, 0, 2, 2]], "xyxy").round(3).tolist()
        [1.0]
    """
    one = _absolute(boxes1, bounding_box_format, "xyxy", image_shape)
    other = _absolute(boxes2, bounding_box_format, "xyxy", image_shape)
    sizes = [each[..., 2:] - each[..., :2] for each in (one, other)]
    inner = jnp.minimum(one[..., 2:], other[..., 2:]) - jnp.maximum(one[..., :2], other[..., :2])
    outer = jnp.maximum(one[..., 2:], other[..., 2:]) - jnp.minimum(one[..., :2], other[..., :2])
    intersection = jnp.prod(jnp.maximum(inner, 0), -1)
    union = jnp.prod(sizes[0], -1) + jnp.prod(sizes[1], -1) - intersection
    iou = intersection / (union + epsilon())
    distance = jnp.sum((one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) ** 2, -1) / 4
    diagonal = jnp.sum(outer**2, -1)
    angles = [jnp.arctan(size[..., 0] / (size[..., 1] + epsilon())) for size in sizes]
    shape = (angles[0] - angles[1]) ** 2 * 4 / math.pi**2
    alpha = shape / (shape - iou + (1 + epsilon()))
    return iou - (distance / (diagonal + epsilon()) + shape * alpha)


def clip_to_image_size(
    bounding_boxes: Mapping[str, Any],
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Clip boxes to their image; boxes outside of it get the label -1.

    Args:
        bounding_boxes: a dict with `"boxes"` and `"labels"`.
        height: the height of the image; needed for `"xyxy"`.
        width: the width of the image; needed for `"xyxy"`.
        bounding_box_format: `"xyxy"` or `"rel_xyxy"`.

    Raises:
        ArgumentError: if the format is not supported, or the size is needed and not given.

    Examples:
        >>> boxes = {"boxes": [[-10.0, 5.0, 50.0, 60.0]], "labels": [1]}
        >>> clip_to_image_size(boxes, 40, 40)["boxes"].tolist()
        [[0.0, 5.0, 40.0, 40.0]]
    """
    if bounding_box_format not in ("xyxy", "rel_xyxy"):
        raise ArgumentError(
            f"Boxes can be clipped in format 'xyxy' or 'rel_xyxy'; got {bounding_box_format!r}."
        )
    if bounding_box_format == "xyxy":
        if height is None or width is None:
            raise ArgumentError(
                "Clipping boxes in 'xyxy' requires the height and width of the image."
            )
        largest = [width, height, width, height]
    else:
        largest = [1, 1, 1, 1]
    boxes, labels = as_boxes(bounding_boxes["boxes"]), jnp.asarray(bounding_boxes["labels"])
    clipped = jnp.clip(boxes, 0, _row(largest, boxes))
    area = jnp.prod(clipped[..., 2:] - clipped[..., :2], -1)
    return {**bounding_boxes, "boxes": clipped, "labels": jnp.where(area > 0, labels, -1)}


def crop(
    boxes: npt.ArrayLike,
    top: ArrayLike,
    left: ArrayLike,
    height: ArrayLike,
    width: ArrayLike,
    bounding_box_format: str = "xyxy",
) -> Array:
    """Transform and clip boxes to a crop of their image.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        top: the first row of the crop.
        left: the first column of the crop.
        height: the height of the crop.
        width: the width of the crop.
        bounding_box_format: `"xyxy"`.

    Raises:
        ArgumentError: if the format is not supported.

    Examples:
        >>> crop([[10, 20, 50, 60]], top=10, left=20, height=40, width=30).tolist()
        [[0.0, 10.0, 30.0, 40.0]]
    """
    moved = pad(
        boxes, jnp.negative(top), jnp.negative(left), bounding_box_format=bounding_box_format
    )
    return jnp.clip(moved, 0, _row([width, height, width, height], moved))


def pad(
    boxes: npt.ArrayLike,
    top: ArrayLike,
    left: ArrayLike,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    bounding_box_format: str = "xyxy",
) -> Array:
    """Shift boxes by the padding of their image.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        top: the padding at the top.
        left: the padding on the left.
        height: accepted as in Keras; ignored.
        width: accepted as in Keras; ignored.
        bounding_box_format: `"xyxy"`.

    Raises:
        ArgumentError: if the format is not supported.

    Examples:
        >>> pad([[10, 20, 50, 60]], top=1, left=2).tolist()
        [[12.0, 21.0, 52.0, 61.0]]
    """
    if bounding_box_format != "xyxy":
        raise ArgumentError(
            f"Boxes can be moved in format 'xyxy' only; got {bounding_box_format!r}."
        )
    moved = as_boxes(boxes)
    return moved + _row([left, top, left, top], moved)


Variance = Sequence[float] | None
_CENTERED = ("center_xywh", "center_yxhw")


def encode_box_to_deltas(
    anchors: npt.ArrayLike,
    boxes: npt.ArrayLike,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Variance = None,
    image_shape: ImageShape = None,
) -> Array:
    """Encode boxes as deltas relative to anchors.

    Args:
        anchors: `(n, 4)`.
        boxes: `(n, 4)` or `(batch, n, 4)`.
        anchor_format: the format of the anchors.
        box_format: the format of the boxes.
        encoding_format: `"center_yxhw"` or `"center_xywh"`, the order of the four deltas.
        variance: four numbers that the deltas are divided by.
        image_shape: `(height, width, ...)`; needed for relative formats.

    Raises:
        ArgumentError: if `encoding_format` or `variance` is invalid.

    Examples:
        >>> encode_box_to_deltas([[0, 0, 2, 2]], [[1, 0, 3, 2]], "xyxy", "xyxy").tolist()
        [[0.0, 0.5, 0.0, 0.0]]
    """
    factors = _factors(encoding_format, variance)
    anchor = _absolute(anchors, anchor_format, encoding_format, image_shape)
    box = _absolute(boxes, box_format, encoding_format, image_shape)
    anchor, box = _match_ranks(anchor, box)
    offset = (box[..., :2] - anchor[..., :2]) / anchor[..., 2:]
    size = jnp.log(box[..., 2:] / anchor[..., 2:])
    return jnp.concatenate([offset, size], -1) / _row(factors, box)


@overload
def decode_deltas_to_boxes(
    anchors: npt.ArrayLike,
    boxes_delta: npt.ArrayLike,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Variance = None,
    image_shape: ImageShape = None,
) -> Array: ...


@overload
def decode_deltas_to_boxes(
    anchors: Mapping[str, npt.ArrayLike],
    boxes_delta: Mapping[str, npt.ArrayLike],
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Variance = None,
    image_shape: ImageShape = None,
) -> dict[str, Array]: ...


def decode_deltas_to_boxes(
    anchors: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    boxes_delta: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Variance = None,
    image_shape: ImageShape = None,
) -> Array | dict[str, Array]:
    """Decode deltas to boxes: the inverse of `encode_box_to_deltas`.

    Args:
        anchors: `(n, 4)`, or a dict of such arrays.
        boxes_delta: `(n, 4)` or `(batch, n, 4)`, or a dict with the same keys.
        anchor_format: the format of the anchors.
        box_format: the format of the result.
        encoded_format: `"center_yxhw"` or `"center_xywh"`, the order of the four deltas.
        variance: four numbers that the deltas are multiplied by.
        image_shape: `(height, width, ...)`; needed for relative formats.

    Raises:
        ArgumentError: if `encoded_format` or `variance` is invalid.

    Examples:
        >>> decode_deltas_to_boxes([[0, 0, 2, 2]], [[0, 0.5, 0, 0]], "xyxy", "xyxy").tolist()
        [[1.0, 0.0, 3.0, 2.0]]
    """
    formats = (anchor_format, box_format, encoded_format, variance, image_shape)
    if isinstance(anchors, Mapping) and isinstance(boxes_delta, Mapping):
        return {
            key: decode_deltas_to_boxes(each, boxes_delta[key], *formats)
            for key, each in anchors.items()
        }
    if isinstance(anchors, Mapping) or isinstance(boxes_delta, Mapping):
        raise ArgumentError("anchors and boxes_delta must both be dicts, or both be arrays.")
    factors = _factors(encoded_format, variance)
    anchor = _absolute(anchors, anchor_format, encoded_format, image_shape)
    anchor, delta = _match_ranks(anchor, as_boxes(boxes_delta))
    delta = delta * _row(factors, delta)
    offset = delta[..., :2] * anchor[..., 2:] + anchor[..., :2]
    size = jnp.exp(delta[..., 2:]) * anchor[..., 2:]
    return _absolute(jnp.concatenate([offset, size], -1), encoded_format, box_format, image_shape)


def _factors(encoding: str, variance: Variance) -> Sequence[float]:
    if encoding not in _CENTERED:
        raise ArgumentError(f"Deltas must have one of the formats {_CENTERED}; got {encoding!r}.")
    if variance is not None and len(variance) != 4:
        raise ArgumentError(f"variance must be four numbers; got {variance!r}.")
    return (1, 1, 1, 1) if variance is None else variance


def affine_transform(
    boxes: npt.ArrayLike,
    angle: ArrayLike,
    translate_x: ArrayLike,
    translate_y: ArrayLike,
    scale: ArrayLike,
    shear_x: ArrayLike,
    shear_y: ArrayLike,
    height: int,
    width: int,
    center_x: ArrayLike | None = None,
    center_y: ArrayLike | None = None,
    bounding_box_format: str = "xyxy",
) -> Array:
    """Compute the bounding boxes of boxes after an affine transformation of their image.

    Each number may be an array with one value for each sample.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        angle: the rotation in degrees.
        translate_x: the translation as a fraction of the width.
        translate_y: the translation as a fraction of the height.
        scale: the scale factor.
        shear_x: the horizontal shear in degrees.
        shear_y: the vertical shear in degrees.
        height: the height of the image.
        width: the width of the image.
        center_x: the center of rotation as a fraction of the width; 0.5 by default.
        center_y: the center of rotation as a fraction of the height; 0.5 by default.
        bounding_box_format: the format of the boxes.

    Examples:
        >>> moved = affine_transform([[0, 0, 2, 2]], 0, 0.1, 0, 1, 0, 0, height=11, width=11)
        >>> moved.tolist()
        [[1.0, 0.0, 3.0, 2.0]]
    """
    box = convert_boxes(as_boxes(boxes), bounding_box_format, "xyxy", height, width)

    def column(x: ArrayLike) -> Array:
        return jnp.asarray(x, "float32").reshape(-1, *[1] * (box.ndim - 1))

    turn, shear = jnp.radians(column(angle)), jnp.tan(jnp.radians(column(shear_y)))
    slope, size = jnp.tan(jnp.radians(column(shear_x))), column(scale)
    cosine, sine = jnp.cos(turn), jnp.sin(turn)
    down_x, down_y = -sine + shear * cosine, cosine + shear * sine
    right_x, right_y = cosine - slope * down_x, sine + slope * down_y
    center_column = column(0.5 if center_x is None else center_x) * (width - 1)
    center_row = column(0.5 if center_y is None else center_y) * (height - 1)
    # The four corners.
    x = box[..., [0, 2, 0, 2]] - center_column + column(translate_x) * (width - 1)
    y = box[..., [1, 1, 3, 3]] - center_row + column(translate_y) * (height - 1)
    new_x = size * (right_x * x + right_y * y) + center_column
    new_y = size * (down_x * x + down_y * y) + center_row
    bounds = [new_x.min(-1), new_y.min(-1), new_x.max(-1), new_y.max(-1)]
    return convert_boxes(jnp.stack(bounds, -1), "xyxy", bounding_box_format, height, width)
