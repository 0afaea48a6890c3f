"""Windows that slide over images, taken out as columns and put together again."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.argument_validation import sizes
from kerasish.ops._define import operation

__all__ = ["fold", "unfold"]


@operation("nn")
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Return the windows that slide over images, each as a column.

    Shapes: `(batch, channels, height, width) -> (batch, channels * window, windows)`.

    Args:
        x: images, the channels first.
        kernel_size: height and width of a window.
        dilation: the distance of neighbouring elements of a window.
        padding: how many zeros there are around the images.
        stride: how far one window is from the next.
    """
    around, rows, columns = _places(x.shape[2:], kernel_size, dilation, padding, stride)
    x = jnp.pad(x, [(0, 0), (0, 0), (around[0],) * 2, (around[1],) * 2])
    windows = x[:, :, rows, columns]
    high, wide, down, across = windows.shape[2:]
    return windows.reshape(x.shape[0], x.shape[1] * high * wide, down * across)


@operation("nn")
def fold(
    x: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """Return images from windows; where those overlap, their sum.

    Shapes: `(batch, channels * window, windows) -> (batch, channels, height, width)`.

    Args:
        x: windows, as from `unfold`.
        output_size: height and width of the images.
        kernel_size: as there.
        dilation: as there.
        padding: as there.
        stride: as there.
    """
    space = sizes(output_size, 2, "output_size")
    around, rows, columns = _places(space, kernel_size, dilation, padding, stride)
    high, wide = rows.shape[0], columns.shape[1]
    channels = x.shape[1] // (high * wide)
    windows = x.reshape(x.shape[0], channels, high, wide, rows.shape[2], columns.shape[3])
    top, left = around
    full = jnp.zeros((x.shape[0], channels, space[0] + 2 * top, space[1] + 2 * left), x.dtype)
    images = full.at[:, :, rows, columns].add(windows)
    return images[:, :, top : top + space[0], left : left + space[1]]


def _places(
    space: tuple[Any, ...], kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[tuple[int, int], Any, Any]:
    """Return the padding, and the rows and columns of each element of each window."""
    size = sizes(kernel_size, 2, "kernel_size")
    distance = sizes(dilation, 2, "dilation")
    around = sizes(padding, 2, "padding", least=0)
    step = sizes(stride, 2, "stride")
    places = []
    for axis in range(2):
        extent = (size[axis] - 1) * distance[axis] + 1
        count = (space[axis] + 2 * around[axis] - extent) // step[axis] + 1
        offsets = jnp.arange(size[axis])[:, None] * distance[axis]
        places.append(offsets + jnp.arange(count)[None] * step[axis])
    rows, columns = places
    return (around[0], around[1]), rows[:, None, :, None], columns[None, :, None, :]
