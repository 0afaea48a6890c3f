"""Images in rows and columns of one figure. Matplotlib is imported when it is used."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.visualization._images import from_range

__all__ = ["plot_image_gallery", "pyplot"]


def plot_image_gallery(
    images: ArrayLike,
    y_true: ArrayLike | None = None,
    y_pred: ArrayLike | None = None,
    label_map: Mapping[int, str] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: Sequence[float] = (0, 255),
    scale: float = 2,
    path: str | os.PathLike[str] | None = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: int = 60,
    legend_handles: Sequence[Any] | None = None,
    data_format: str | None = None,
) -> Any:
    """Show images in rows and columns, or write them to a file.

    Needs matplotlib, `pip install kerasish[plot]`.

    Args:
        images: `(batch, height, width, channels)`, with 1, 3 or 4 channels.
        y_true: the class of each image, which is written above it.
        y_pred: likewise, what a model says.
        label_map: names of the classes; needed with `y_true` or `y_pred`.
        rows: how many rows; by default as many as all images need.
        cols: how many columns; by default about as many as rows.
        value_range: the smallest and the largest value in images.
        scale: the width and height of an image in the figure, in inches.
        path: a file to write; the figure is shown if there is none.
        show: whether to show the figure. Needs a figure that is not written.
        transparent: whether what is around the images is transparent in the file.
        dpi: dots in an inch, in the file.
        legend_handles: patches of matplotlib's for a legend.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.

    Returns:
        The figure if it is neither shown nor written, None otherwise.

    Raises:
        ArgumentError: if both `path` and `show` are given, or classes without names.
        ShapeError: if `images` is not a batch, or there are not as many classes as images.
        ImportError: if matplotlib is not installed.

    Examples:
        >>> figure = plot_image_gallery(np.zeros((5, 8, 8, 3)), cols=3, show=False)
        >>> len(figure.axes)
        6
    """
    if path is not None and show:
        raise ArgumentError("A gallery is written to `path` or shown; give one of the two.")
    pictures = from_range(images, value_range, data_format)
    titles = _titles(len(pictures), y_true, y_pred, label_map)
    plt = pyplot()
    rows, cols = _grid(len(pictures), rows, cols)
    figure, axes = plt.subplots(rows, cols, squeeze=False, figsize=(cols * scale, rows * scale))
    figure.subplots_adjust(left=0, right=1, bottom=0, top=0.9 if any(titles) else 1)
    figure.subplots_adjust(wspace=0.02, hspace=0.25 if any(titles) else 0.02)
    for i, each in enumerate(axes.flat):
        each.set_axis_off()
        if i < len(pictures):
            each.imshow(pictures[i].squeeze(-1) if pictures.shape[-1] == 1 else pictures[i], "gray")
            each.set_title(titles[i])
    if legend_handles:
        figure.legend(handles=list(legend_handles), loc="lower center", ncols=2)
    if path is None and show is False:
        return figure
    if path is None:
        plt.show()
    else:
        figure.savefig(path, transparent=transparent, dpi=dpi, bbox_inches="tight", pad_inches=0)
    plt.close(figure)
    return None


def pyplot() -> Any:
    """Return `matplotlib.pyplot`.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("Galleries need matplotlib: `pip install kerasish[plot]`.") from error
    return plt


def _grid(count: int, rows: int | None, cols: int | None) -> tuple[int, int]:
    """Return how many rows and columns; what is not given is what all images need."""
    for name, given in (("rows", rows), ("cols", cols)):
        if given is not None and given < 1:
            raise ArgumentError(f"{name} must be at least 1; got {given!r}.")
    if cols is None:
        cols = math.ceil(math.sqrt(count) if rows is None else count / rows) or 1
    return rows or math.ceil(count / cols) or 1, cols


def _titles(
    count: int,
    y_true: ArrayLike | None,
    y_pred: ArrayLike | None,
    names: Mapping[int, str] | None,
) -> list[str]:
    """Return what is written above each image."""
    classes = {"Label": y_true, "Pred": y_pred}
    given = {word: np.asarray(each) for word, each in classes.items() if each is not None}
    if given and names is None:
        raise ArgumentError("y_true and y_pred need `label_map`, the names of their classes.")
    for word, each in given.items():
        if each.shape not in ((count,), (count, 1)):
            raise ShapeError(f"{word}: {count} images have {count} classes; got {each.shape}.")
    return [
        "  ".join(f"{word}: {_name(names, each[i])}" for word, each in given.items())
        for i in range(count)
    ]


def _name(names: Mapping[int, str] | None, label: Any) -> str:
    return (names or {}).get(np.asarray(label).item(), "Unknown")
