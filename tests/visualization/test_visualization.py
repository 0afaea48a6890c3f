"""Drawings on images: which pixels change, what galleries show and write, and bad input."""

from __future__ import annotations

import builtins

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from kerasish import visualization
from kerasish.errors import ArgumentError, ShapeError, UnknownNameError

matplotlib.use("agg")

IMAGES = np.full((5, 40, 60, 3), 50, "uint8")
BOXES = {"boxes": np.full((5, 1, 4), [10, 25, 40, 35.0]), "labels": np.ones((5, 1), int)}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture
def without(monkeypatch):
    """Make a library seem not to be installed."""

    def hide(name):
        real = builtins.__import__

        def importing(module, *args, **kwargs):
            if module.split(".")[0] == name:
                raise ImportError(name)
            return real(module, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", importing)

    return hide


# Boxes


def test_boxes_change_their_outline_and_nothing_else(without):
    without("PIL")
    drawn = visualization.draw_bounding_boxes(IMAGES, BOXES, "xyxy", line_thickness=1)
    changed = (drawn != IMAGES).any(-1)
    expected = np.zeros((40, 60), bool)
    expected[25:36, 10:41] = True
    expected[26:35, 11:40] = False
    assert (changed == expected).all() and (IMAGES == 50).all()
    assert (drawn[:, 25, 10:41] == 128).all()


def test_names_are_above_their_box_or_in_it():
    plain = visualization.draw_bounding_boxes(IMAGES, BOXES, "xyxy")
    named = visualization.draw_bounding_boxes(
        IMAGES, BOXES, "xyxy", class_mapping={1: "cat"}, font_scale=0.7
    )
    changed = np.argwhere((named != plain).any(-1)[0])
    assert len(changed) > 20 and changed[:, 0].max() < 24 and changed[:, 1].min() >= 10
    scored = visualization.draw_bounding_boxes(
        IMAGES, {**BOXES, "confidences": np.full((5, 1), 0.5)}, "xyxy", {1: "cat"}, font_scale=0.7
    )
    assert np.argwhere((scored != plain).any(-1)[0])[:, 1].max() > changed[:, 1].max() + 10
    bold = visualization.draw_bounding_boxes(
        IMAGES, BOXES, "xyxy", class_mapping={1: "cat"}, font_scale=0.7, text_thickness=3
    )
    assert (bold != plain).sum() > (named != plain).sum()
    high = {"boxes": BOXES["boxes"] - [0, 24, 0, 0], "labels": BOXES["labels"]}
    plain, named = (
        visualization.draw_bounding_boxes(IMAGES, high, "xyxy", names, font_scale=0.7)
        for names in ({2: "cat"}, {1: "cat"})
    )
    assert np.argwhere((named != plain).any(-1)[0])[:, 0].min() > 1


def test_boxes_with_channels_first():
    arguments = (BOXES, "xyxy", {1: "cat"})
    last = visualization.draw_bounding_boxes(IMAGES, *arguments)
    first = visualization.draw_bounding_boxes(
        IMAGES.transpose(0, 3, 1, 2), *arguments, data_format="channels_first"
    )
    assert (first == last.transpose(0, 3, 1, 2)).all()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"images": IMAGES[0]}, ShapeError, "batch of images"),
        ({"images": IMAGES[..., :2]}, ShapeError, "1, 3 or 4 channels"),
        ({"bounding_boxes": [1]}, TypeError, "must be a dict"),
        ({"bounding_boxes": {"boxes": 1}}, ArgumentError, "'labels'"),
        ({"bounding_boxes": {"boxes": [[1]], "labels": [[1]]}}, ShapeError, "5 images take"),
        ({"bounding_box_format": "xxyy"}, UnknownNameError, "xxyy"),
        ({"color": (1, 2)}, ArgumentError, "three numbers"),
        ({"line_thickness": 0}, ArgumentError, "at least 1"),
        ({"data_format": "last"}, ArgumentError, "channels_last"),
    ],
)
def test_what_cannot_be_drawn_is_explained(change, error, said):
    given = {"images": IMAGES, "bounding_boxes": BOXES, "bounding_box_format": "xyxy"}
    with pytest.raises(error, match=said):
        visualization.draw_bounding_boxes(**{**given, **change})


def test_names_without_pillow(without):
    without("PIL")
    with pytest.raises(ImportError, match=r"kerasish\[images\]"):
        visualization.draw_bounding_boxes(IMAGES, BOXES, "xyxy", {1: "cat"})


# Masks


def test_masks_leave_the_background():
    masks = np.zeros((5, 40, 60), "int32")
    masks[:, :10], masks[:, 30:] = 1, 2
    drawn = visualization.draw_segmentation_masks(IMAGES, masks)
    assert drawn.dtype == "uint8" and (drawn[:, 10:30] == 50).all()
    assert (drawn[:, :10] == [10, 111, 34]).all() and (drawn[:, 30:] == [11, 213, 59]).all()
    first = visualization.draw_segmentation_masks(
        IMAGES.transpose(0, 3, 1, 2), masks[:, None], data_format="channels_first"
    )
    assert (first == drawn.transpose(0, 3, 1, 2)).all()
    few = visualization.draw_segmentation_masks(IMAGES, masks, num_classes=1)
    assert (few[:, 30:] == 50).all() and (few[:, :10] == drawn[:, :10]).all()
    grey = visualization.draw_segmentation_masks(IMAGES[..., :1], masks)
    assert (grey == drawn).all()
    own = visualization.draw_segmentation_masks(
        IMAGES, masks, color_mapping={0: (9, 9, 9), 1: (1, 2, 3)}, ignore_index=2, blend=False
    )
    assert (own[:, 10:30] == 9).all() and (own[:, :10] == [1, 2, 3]).all()
    assert (own[:, 30:] == 50).all()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"segmentation_masks": np.ones((5, 40, 60))}, TypeError, "must be integers"),
        ({"segmentation_masks": np.ones((5, 40, 6), int)}, ShapeError, "same shape"),
        ({"images": IMAGES[0]}, ShapeError, "batch of images"),
        ({"alpha": 2}, ArgumentError, "from 0 to 1"),
        ({"color_mapping": {2: (1, 1, 1)}}, ArgumentError, "no color for class 1"),
        ({"color_mapping": {1: (1, 1)}}, ArgumentError, "three numbers"),
    ],
)
def test_masks_that_cannot_be_drawn_are_explained(change, error, said):
    given = {"images": IMAGES, "segmentation_masks": np.ones((5, 40, 60), int)}
    with pytest.raises(error, match=said):
        visualization.draw_segmentation_masks(**{**given, **change})


@pytest.mark.parametrize("kind", ["boxes", "masks", "gallery"])
def test_values_that_are_not_finite_are_drawn_black(kind):
    images = np.full((1, 4, 4, 3), np.nan, "float32")
    if kind == "boxes":
        nothing = {"boxes": np.zeros((1, 0, 4)), "labels": np.zeros((1, 0))}
        drawn = visualization.draw_bounding_boxes(images, nothing, "xyxy")
    elif kind == "masks":
        drawn = visualization.draw_segmentation_masks(images, np.zeros((1, 4, 4), int))
    else:
        figure = visualization.plot_image_gallery(images, show=False)
        drawn = figure.axes[0].images[0].get_array()
    assert (drawn == 0).all()


# Galleries


def test_all_images_are_shown():
    for grid, shape in (({}, 6), ({"rows": 1}, 5), ({"cols": 2}, 6), ({"rows": 2, "cols": 2}, 4)):
        figure = visualization.plot_image_gallery(IMAGES, show=False, **grid)
        assert len(figure.axes) == shape
        shown = [axes for axes in figure.axes if axes.images]
        assert len(shown) == min(shape, 5)
        assert (shown[0].images[0].get_array() == 50).all()


def test_galleries_are_written(tmp_path):
    path = tmp_path / "gallery.png"
    made = visualization.plot_bounding_box_gallery(
        IMAGES / 255,
        "xyxy",
        y_true=BOXES,
        y_pred={**BOXES, "boxes": BOXES["boxes"] + 4},
        value_range=(0, 1),
        legend=True,
        path=path,
        transparent=False,
        dpi=100,
    )
    assert made is None and not plt.get_fignums()
    pixels = (plt.imread(path)[..., :3] * 255).round().astype(int).reshape(-1, 3)
    for color in ((50, 50, 50), (0, 188, 212), (255, 235, 59), (255, 255, 255)):
        assert (abs(pixels - color).max(-1) <= 2).any(), color


def test_galleries_of_masks_have_a_row_for_each_image():
    masks = np.ones((5, 40, 60, 1), int)
    figure = visualization.plot_segmentation_mask_gallery(
        IMAGES, 1, y_true=masks, y_pred=0 * masks, show=False
    )
    shown = [axes.images[0].get_array()[0, 0].tolist() for axes in figure.axes]
    assert shown == [[50, 50, 50], [10, 111, 34], [50, 50, 50]] * 5


def test_legends_and_titles():
    figure = visualization.plot_bounding_box_gallery(
        IMAGES, "xyxy", y_true=BOXES, legend=True, show=False
    )
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["Ground Truth", "Prediction"]
    figure = visualization.plot_image_gallery(
        IMAGES[..., :1], [0, 1, 2, 0, 1], [1, 1, 1, 1, 1], {0: "cat", 1: "dog"}, show=False
    )
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:3:2] == ["Label: cat  Pred: dog", "Label: Unknown  Pred: dog"]


def test_a_gallery_is_shown_unless_it_is_written(monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(len(plt.get_fignums())))
    assert visualization.plot_image_gallery(IMAGES) is None
    assert shown == [1] and not plt.get_fignums()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"images": IMAGES[0]}, ShapeError, "batch of images"),
        ({"y_true": [0] * 5}, ArgumentError, "label_map"),
        ({"y_pred": [0], "label_map": {}}, ShapeError, "5 images have 5 classes"),
        ({"path": "x.png", "show": True}, ArgumentError, "one of the two"),
        ({"images": [IMAGES[0], IMAGES[0, :9]]}, ShapeError, "theirs differ"),
        ({"value_range": (1, 0)}, ArgumentError, "smaller one first"),
        ({"value_range": 1}, ArgumentError, "smaller one first"),
        ({"rows": 0}, ArgumentError, "rows must be at least 1"),
    ],
)
def test_galleries_that_cannot_be_made_are_explained(change, error, said):
    with pytest.raises(error, match=said):
        visualization.plot_image_gallery(**{"images": IMAGES, **change})


def test_two_legends_and_no_matplotlib(without):
    with pytest.raises(ArgumentError, match="not both"):
        visualization.plot_bounding_box_gallery(
            IMAGES, "xyxy", legend=True, legend_handles=[], show=False
        )
    without("matplotlib")
    with pytest.raises(ImportError, match=r"kerasish\[plot\]"):
        visualization.plot_image_gallery(IMAGES)
