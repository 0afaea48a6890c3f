"""Segmentation masks drawn on images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.visualization._images import Color, checked_color, to_channels_first, to_values

__all__ = ["draw_segmentation_masks"]


def draw_segmentation_masks(
    images: ArrayLike,
    segmentation_masks: ArrayLike,
    num_classes: int | None = None,
    color_mapping: Mapping[int, Color] | None = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> NDArray[np.uint8]:
    """Return images with segmentation masks drawn over them.

    Args:
        images: `(batch, height, width, channels)`, with 1, 3 or 4 channels and values from 0 to
            255, or floats from 0 to 1. Images of one channel become RGB.
        segmentation_masks: the class of each pixel, integers of shape `(batch, height, width)`
            or with one channel. Class 0 is the background, which is drawn only if
            `color_mapping` has a color for it.
        num_classes: classes from 1 to this number are drawn; the largest in the masks by default.
        color_mapping: the color of each class; a palette of Keras's by default.
        alpha: how opaque masks are, from 0 to 1.
        blend: whether `alpha` counts; otherwise masks are opaque.
        ignore_index: a class that is not drawn.
        data_format: `"channels_last"` or `"channels_first"`; the configured one by default.
            Masks with a channel have it in the same place.

    Returns:
        The images as bytes, in the same layout.

    Raises:
        ShapeError: if images or masks have other shapes.
        TypeError: if masks are not integers.
        ArgumentError: if a class has no color, a color is not one, or `alpha` is not from 0 to 1.

    Examples:
        >>> images, masks = np.full((1, 1, 3, 3), 200, "uint8"), [[[0, 1, 2]]]
        >>> draw_segmentation_masks(images, masks, color_mapping={1: (0, 0, 0), 2: (255, 0, 0)})
        array([[[[200, 200, 200],
                 [ 40,  40,  40],
                 [244,  40,  40]]]], dtype=uint8)
    """
    if not 0 <= alpha <= 1:
        raise ArgumentError(f"alpha must be from 0 to 1; got {alpha!r}.")
    drawn = to_values(images, data_format)
    if drawn.shape[-1] == 1:
        drawn = np.repeat(drawn, 3, -1)
    masks = _masks(segmentation_masks, drawn.shape[:3])
    count = int(masks.max(initial=0)) if num_classes is None else num_classes
    colors = color_mapping or {i: _palette(i) for i in range(1, count + 1)}
    shown = (masks >= (0 if 0 in colors else 1)) & (masks <= count) & (masks != ignore_index)
    share = alpha if blend else 1.0
    for each in np.unique(masks[shown]).tolist():
        if each not in colors:
            raise ArgumentError(
                f"color_mapping has no color for class {each}, which the masks have; it has "
                f"{sorted(colors)}. Leave it out with `ignore_index`, or give it a color."
            )
        here, color = shown & (masks == each), np.asarray(checked_color(colors[each]), "float32")
        # Of four channels the last, opacity, stays.
        pixels = drawn[here][:, :3]
        mixed = pixels * np.float32(1 - share) + color * np.float32(share)
        drawn[here, :3] = np.clip(mixed, 0, 255)
    return to_channels_first(drawn.astype("uint8"), data_format)


def _masks(given: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.integer]:
    """Return masks without a channel, with the dtype and the shape checked."""
    masks = np.asarray(given)
    if not np.issubdtype(masks.dtype, np.integer):
        raise TypeError(f"segmentation_masks must be integers; got dtype {masks.dtype}.")
    if masks.shape not in (shape, (*shape, 1), (shape[0], 1, *shape[1:])):
        raise ShapeError(
            f"Images of shape {shape} take masks of the same shape, or with one channel; got "
            f"{masks.shape}."
        )
    return masks.reshape(shape)


def _palette(i: int) -> Color:
    return i % 255, i * 127 % 255, i * 31 % 255
