"""Bounding boxes and segmentation masks on images, beside Keras's, which draws with OpenCV."""

from __future__ import annotations

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from .tools.oracle import keras, kerasish

pytest.importorskip("cv2", reason="Keras draws boxes with OpenCV: not installed")
matplotlib.use("agg")

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 255, (2, 20, 24, 3)).astype("float32")
BOXES = {
    "boxes": [[[4, 3, 11, 9], [15.6, 10.5, 20.4, 14.9]], [[-3, 3, 40, 9], [18, 15, 12, 8]]],
    "labels": [[0, 3], [1, -1]],
}


@pytest.mark.parametrize("thickness", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("shape", ["xyxy", "rel_yxyx", "center_xywh"])
def test_outlines(thickness, shape):
    boxes = {name: np.asarray(each, "float32") for name, each in BOXES.items()}
    if shape == "rel_yxyx":
        boxes["boxes"] = boxes["boxes"] / 24
    arguments = {"color": (255, 0, 9), "line_thickness": thickness}
    theirs = keras.visualization.draw_bounding_boxes(IMAGES, boxes, shape, **arguments)
    ours = kerasish.visualization.draw_bounding_boxes(IMAGES, boxes, shape, **arguments)
    assert ours.dtype == theirs.dtype == "uint8"
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("largest", [0.5, 1.0, 1.5, 300.0])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_ranges_and_channels(largest, channels):
    images = RNG.uniform(-0.1, largest, (1, 16, 16, channels)).astype("float32")
    images[0, 0, 0] = largest
    boxes = {"boxes": np.array([[[4.0, 3, 11, 9]]]), "labels": np.array([[0]])}
    theirs = keras.visualization.draw_bounding_boxes(images, boxes, "xyxy", color=(9, 8, 7))
    ours = kerasish.visualization.draw_bounding_boxes(images, boxes, "xyxy", color=(9, 8, 7))
    # OpenCV leaves the opacity of what it draws at 0.
    np.testing.assert_array_equal(ours[..., :3], theirs[..., :3])


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"alpha": 0.25},
        {"blend": False},
        {"ignore_index": 2},
        {"color_mapping": {0: (0, 0, 0), 1: (255, 0, 9), 2: (1, 2, 3), 3: (200, 90, 4)}},
    ],
)
def test_masks(arguments):
    masks = RNG.integers(1, 4, (2, 20, 24, 1))
    # Keras never draws the last class, so it gets one more.
    theirs = keras.visualization.draw_segmentation_masks(IMAGES, masks, 4, **arguments)
    ours = kerasish.visualization.draw_segmentation_masks(IMAGES, masks, 3, **arguments)
    np.testing.assert_array_equal(ours, np.asarray(theirs).astype("uint8"))


def test_galleries():
    images, classes = IMAGES[[0, 1, 0, 1]], [0, 1, 1, 2]
    arguments = {"rows": 2, "cols": 2, "show": False, "scale": 1.5}
    for more in ({}, {"y_true": classes, "label_map": {0: "a", 1: "b"}}):
        found = []
        for library in (keras, kerasish):
            library.visualization.plot_image_gallery(images, **arguments, **more)
            figure = plt.gcf()
            titles = [axes.get_title() for axes in figure.axes]
            shown = [np.asarray(axes.images[0].get_array()).round() for axes in figure.axes]
            found.append((titles, figure.get_size_inches().tolist(), shown))
            plt.close("all")
        assert found[0][:2] == found[1][:2]
        np.testing.assert_allclose(found[1][2], found[0][2], atol=1)
