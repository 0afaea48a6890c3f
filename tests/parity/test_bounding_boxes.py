"""`utils.bounding_boxes` beside Keras's; each function as one program."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np
import pytest

from .tools.oracle import keras, kerasish

OURS, THEIRS = kerasish.utils.bounding_boxes, keras.utils.bounding_boxes
SHAPE = (200, 100, 3)
BOXES = np.array([[10, 20, 50, 60], [70, 80, 95, 120], [-1, -1, -1, -1]], "float32")
OTHERS = np.array([[12, 18, 40, 66], [0, 0, 90, 30]], "float32")
NAMES = "xyxy yxyx xywh center_xywh center_yxhw rel_xyxy rel_yxyx rel_xywh rel_center_xywh"
FORMATS = NAMES.split()


def check(name: str, *arrays: np.ndarray, **settings) -> None:
    run = lambda module: jax.jit(partial(getattr(module, name), **settings))(*arrays)
    for mine, other in zip(*(jax.tree.leaves(run(m)) for m in (OURS, THEIRS)), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-5, atol=2e-3)


@pytest.mark.parametrize("source", FORMATS)
def test_formats(source):
    def every(module):
        convert = partial(module.convert_format, height=200, width=100)
        boxes = convert(BOXES, "xyxy", source)
        return [convert(boxes, source, target) for target in FORMATS]

    for mine, other in zip(jax.jit(every, static_argnums=0)(OURS), every(THEIRS), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-4)


def test_formats_in_dicts():
    boxes = {"boxes": BOXES, "labels": np.arange(3)}
    found = OURS.convert_format(boxes, "XYXY", "xywh")
    assert found["boxes"][0].tolist() == [10, 20, 40, 40] and found["labels"] is boxes["labels"]


@pytest.mark.parametrize("form", ["xyxy", "center_xywh"])
def test_overlaps(form):
    check("compute_iou", BOXES, OTHERS, bounding_box_format=form)
    two = [x[None].repeat(2, 0) for x in (BOXES, OTHERS)]
    check("compute_iou", *two, bounding_box_format=form, use_masking=True)
    one, both = (OURS.compute_iou(BOXES, x, form) for x in (OTHERS, two[1]))
    np.testing.assert_allclose(both[1], one)
    check("compute_ciou", BOXES[:2], OTHERS, bounding_box_format=form)
    relative = BOXES / np.array([100, 200, 100, 200], "float32")
    check("compute_iou", relative, relative, bounding_box_format="rel_xyxy", image_shape=SHAPE)


def test_images_that_change():
    labels = np.array([1, 2, 3])
    check("clip_to_image_size", {"boxes": BOXES - 20, "labels": labels}, height=90, width=60)
    relative = {"boxes": BOXES / 60 - 0.5, "labels": labels}
    check("clip_to_image_size", relative, bounding_box_format="rel_xyxy")
    check("crop", BOXES, top=10, left=20, height=40, width=30)
    check("pad", BOXES, top=1, left=2)


@pytest.mark.parametrize(
    "settings",
    [
        {"anchor_format": "xyxy", "box_format": "xywh"},
        {
            "anchor_format": "center_xywh",
            "box_format": "xyxy",
            "encoding_format": "center_xywh",
            "variance": [0.1, 0.1, 0.2, 0.2],
        },
    ],
)
def test_deltas(settings):
    check("encode_box_to_deltas", BOXES[:2], OTHERS, **settings)
    deltas = OURS.encode_box_to_deltas(BOXES[:2], OTHERS, **settings)
    encoding = settings.get("encoding_format", "center_yxhw")
    back = {**settings, "encoded_format": encoding}
    back.pop("encoding_format", None)
    check("decode_deltas_to_boxes", BOXES[:2], np.asarray(deltas), **back)
    found = OURS.decode_deltas_to_boxes({"a": BOXES[:2]}, {"a": deltas}, **back)["a"]
    np.testing.assert_allclose(found, OTHERS, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"angle": 30, "shear_x": 20, "shear_y": 10, "scale": 2, "translate_x": 0.1},
        {"angle": 200, "translate_y": -0.2, "center_x": 0.3, "center_y": 0.1, "shear_y": -15},
    ],
)
def test_affine_transforms(changes):
    numbers = {
        "angle": 0,
        "translate_x": 0,
        "translate_y": 0,
        "scale": 1,
        "shear_x": 0,
        "shear_y": 0,
    }
    numbers |= changes
    boxes = np.stack([BOXES, BOXES[::-1] + 5])
    each = {k: np.array([v, v * 0.9], "float32") for k, v in numbers.items()}
    check("affine_transform", boxes, **each, height=200, width=100)
    one = OURS.affine_transform(BOXES, **numbers, height=200, width=100)
    batch = OURS.affine_transform(BOXES[None], **numbers, height=200, width=100)
    np.testing.assert_allclose(one, batch[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: OURS.convert_format(BOXES, "xyxy", "xyzw"), "no format of bounding boxes"),
        (lambda: OURS.convert_format(BOXES, "xyxy", "rel_xyxy"), "height and width"),
        (lambda: OURS.convert_format(BOXES[:, :3], "xyxy", "xywh"), "have shape"),
        (lambda: OURS.crop(BOXES, 0, 0, 1, 1, "xywh"), "'xyxy'"),
        (lambda: OURS.clip_to_image_size({"boxes": BOXES, "labels": [0]}), "height and width"),
        (lambda: OURS.encode_box_to_deltas(BOXES, BOXES, "xyxy", "xyxy", "xyxy"), "Deltas must"),
        (lambda: OURS.encode_box_to_deltas(BOXES, BOXES, "xyxy", "xyxy", variance=[1]), "four"),
    ],
)
def test_what_does_not_fit(wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong()
