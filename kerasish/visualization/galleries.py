"""Galleries of images with what is drawn on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerasish.core.errors import ArgumentError
from kerasish.visualization._images import Color, from_range, to_channels_first
from kerasish.visualization.bounding_boxes import ClassMapping, draw_bounding_boxes
from kerasish.visualization.image_gallery import plot_image_gallery, pyplot
from kerasish.visualization.segmentation_masks import draw_segmentation_masks

__all__ = ["plot_bounding_box_gallery", "plot_segmentation_mask_gallery"]

Boxes = Mapping[str, ArrayLike]


def plot_bounding_box_gallery(
    images: ArrayLike,
    bounding_box_format: str,
    y_true: Boxes | None = None,
    y_pred: Boxes | None = None,
    value_range: Sequence[float] = (0, 255),
    true_color: Color = (0, 188, 212),
    pred_color: Color = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: ClassMapping | None = None,
    ground_truth_mapping: ClassMapping | None = None,
    prediction_mapping: ClassMapping | None = None,
    legend: bool = False,
    legend_handles: Sequence[Any] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> Any:
    """Show images with their bounding boxes, true and predicted.

    Needs matplotlib, and Pillow for names of classes: `pip install kerasish[plot,images]`.

    Args:
        images: `(batch, height, width, channels)`.
        bounding_box_format: the format of the boxes, as in
            `kerasish.utils.bounding_boxes.convert_format`.
        y_true: true boxes, a dict as in `draw_bounding_boxes`.
        y_pred: predicted ones.
        value_range: the smallest and the largest value in images.
        true_color: the color of true boxes.
        pred_color: the color of predicted boxes.
        line_thickness: of lines.
        font_scale: the size of names.
        text_thickness: of the strokes of names; that of lines by default.
        class_mapping: names of classes.
        ground_truth_mapping: names for true boxes, in place of `class_mapping`.
        prediction_mapping: names for predicted boxes, in place of `class_mapping`.
        legend: whether a legend says which color is which.
        legend_handles: patches of matplotlib's for a legend of another kind.
        rows: how many rows.
        cols: how many columns.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.
        **kwargs: further arguments of `plot_image_gallery`.

    Returns:
        What `plot_image_gallery` returns.

    Raises:
        ShapeError: if images, boxes and labels do not fit together.
        ArgumentError: if both `legend` and `legend_handles` are given.
        ImportError: if matplotlib is not installed.
    """
    if legend and legend_handles is not None:
        raise ArgumentError("Give `legend=True` or `legend_handles`, not both.")
    if legend:
        legend_handles = _legend({"Ground Truth": true_color, "Prediction": pred_color})
    drawn = to_channels_first(from_range(images, value_range, data_format), data_format)
    kinds = (
        (y_true, true_color, ground_truth_mapping),
        (y_pred, pred_color, prediction_mapping),
    )
    for boxes, color, names in kinds:
        if boxes is not None:
            drawn = draw_bounding_boxes(
                drawn,
                boxes,
                bounding_box_format,
                class_mapping if names is None else names,
                color,
                line_thickness,
                text_thickness or line_thickness,
                font_scale,
                data_format,
            )
    shared = {"rows": rows, "cols": cols, "data_format": data_format, **kwargs}
    return plot_image_gallery(drawn, legend_handles=legend_handles, **shared)


def _legend(colors: Mapping[str, Color]) -> list[Any]:
    pyplot()
    from matplotlib.patches import Patch

    return [
        Patch(color="#{:02x}{:02x}{:02x}".format(*color), label=name)
        for name, color in colors.items()
    ]


def plot_segmentation_mask_gallery(
    images: ArrayLike,
    num_classes: int,
    value_range: Sequence[float] = (0, 255),
    y_true: ArrayLike | None = None,
    y_pred: ArrayLike | None = None,
    color_mapping: Mapping[int, Color] | None = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> Any:
    """Show images beside the same images with their segmentation masks, true and predicted.

    Needs matplotlib, `pip install kerasish[plot]`. Each image has a row of its own.

    Args:
        images: `(batch, height, width, channels)`.
        num_classes: classes from 1 to this number are drawn; 0 is the background.
        value_range: the smallest and the largest value in images.
        y_true: true masks, as in `draw_segmentation_masks`.
        y_pred: predicted ones.
        color_mapping: the color of each class.
        blend: whether `alpha` counts; otherwise masks are opaque.
        alpha: how opaque masks are, from 0 to 1.
        ignore_index: a class that is not drawn.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.
        **kwargs: further arguments of `plot_image_gallery`.

    Returns:
        What `plot_image_gallery` returns.

    Raises:
        ShapeError: if images or masks have other shapes.
        ImportError: if matplotlib is not installed.

    Examples:
        >>> images, masks = np.zeros((2, 8, 8, 3)), np.ones((2, 8, 8), int)
        >>> figure = plot_segmentation_mask_gallery(images, 1, y_true=masks, show=False)
        >>> len(figure.axes)
        4
    """
    plain = from_range(images, value_range, data_format)
    if plain.shape[-1] == 1:
        plain = np.repeat(plain, 3, -1)
    plain = to_channels_first(plain, data_format)
    columns = [plain]
    for masks in (y_true, y_pred):
        if masks is not None:
            columns.append(
                draw_segmentation_masks(
                    plain,
                    masks,
                    num_classes,
                    color_mapping,
                    alpha,
                    blend,
                    ignore_index,
                    data_format,
                )
            )
    # Image by image: the image, and what is drawn on it.
    in_rows = np.stack(columns, 1).reshape(-1, *plain.shape[1:])
    shared = {"cols": len(columns), "data_format": data_format, **kwargs}
    return plot_image_gallery(in_rows, **shared)
