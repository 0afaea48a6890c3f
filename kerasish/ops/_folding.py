"""Sliding windows as columns, and back: unfold (im2col) and fold (col2im)."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp

from kerasish.core.argument_validation import standardize_tuple
from kerasish.core.types import Array
from kerasish.ops._define import operation

__all__ = ["fold", "unfold"]


@operation("nn")
def unfold(
    x: Array,
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Array:
    """Extract sliding windows of images as columns (im2col).

    Shapes: `(batch, channels, height, width) -> (batch, channels * window, windows)`.

    Args:
        x: images with the channels first.
        kernel_size: height and width of a window.
        dilation: the spacing between elements of a window.
        padding: the number of zeros around the images.
        stride: the distance between windows.
    """
    around, rows, columns = _window_indices(x.shape[2:], kernel_size, dilation, padding, stride)
    x = jnp.pad(x, [(0, 0), (0, 0), (around[0],) * 2, (around[1],) * 2])
    windows = x[:, :, rows, columns]
    high, wide, down, across = windows.shape[2:]
    return windows.reshape(x.shape[0], x.shape[1] * high * wide, down * across)


@operation("nn")
def fold(
    x: Array,
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Array:
    """Combine windows to images, with the sum where they overlap (col2im).

    Shapes: `(batch, channels * window, windows) -> (batch, channels, height, width)`.

    Args:
        x: columns, as returned by `unfold`.
        output_size: height and width of the images.
        kernel_size: as in `unfold`.
        dilation: as in `unfold`.
        padding: as in `unfold`.
        stride: as in `unfold`.
    """
    space = standardize_tuple(output_size, 2, "output_size")
    around, rows, columns = _window_indices(space, kernel_size, dilation, padding, stride)
    high, wide = rows.shape[0], columns.shape[1]
    channels = x.shape[1] // (high * wide)
    windows = x.reshape(x.shape[0], channels, high, wide, rows.shape[2], columns.shape[3])
    top, left = around
    full = jnp.zeros((x.shape[0], channels, space[0] + 2 * top, space[1] + 2 * left), x.dtype)
    images = full.at[:, :, rows, columns].add(windows)
    return images[:, :, top : top + space[0], left : left + space[1]]


def _window_indices(
    space: Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int],
    padding: int | Sequence[int],
    stride: int | Sequence[int],
) -> tuple[tuple[int, int], Array, Array]:
    """Return the padding, and the rows and columns of each element of each window."""
    size = standardize_tuple(kernel_size, 2, "kernel_size")
    distance = standardize_tuple(dilation, 2, "dilation")
    around = standardize_tuple(padding, 2, "padding", minimum=0)
    step = standardize_tuple(stride, 2, "stride")
    indices = []
    for axis in range(2):
        extent = (size[axis] - 1) * distance[axis] + 1
        count = (space[axis] + 2 * around[axis] - extent) // step[axis] + 1
        offsets = jnp.arange(size[axis])[:, None] * distance[axis]
        indices.append(offsets + jnp.arange(count)[None] * step[axis])
    rows, columns = indices
    return (around[0], around[1]), rows[:, None, :, None], columns[None, :, None, :]
