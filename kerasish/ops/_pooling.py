"""Windows over spatial axes: pooled, taken out, and put together again."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import kernels
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_axis, padding_mode, several, spatial_axes

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "fold",
    "max_pool",
    "unfold",
]


def _windows(
    x: Any, pool_size: Any, strides: Any, data_format: str | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the size and the step of windows in all axes of `x`."""
    channels = channels_axis(data_format, x.ndim)
    axes = spatial_axes(channels, x.ndim)
    size = several(pool_size, len(axes), "pool_size")
    step = several(pool_size if strides is None else strides, len(axes), "strides")
    along = {axis: pair for axis, *pair in zip(axes, size, step, strict=True)}
    both = [along.get(axis, (1, 1)) for axis in range(x.ndim)]
    return tuple(pair[0] for pair in both), tuple(pair[1] for pair in both)


@operation("nn")
def max_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Return the largest element of each window, over one to three spatial axes.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        pool_size: the extent of a window in each axis.
        strides: the distance of windows; their size by default.
        padding: `"valid"` or `"same"`.
        data_format: as in `conv`.
    """
    window, step = _windows(inputs, pool_size, strides, data_format)
    return kernels.max_pool(inputs, window, step, padding_mode(padding))


@operation("nn")
def average_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Return the mean of each window, over one to three spatial axes.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        pool_size: the extent of a window in each axis.
        strides: the distance of windows; their size by default.
        padding: `"valid"` or `"same"`; padding does not count.
        data_format: as in `conv`.
    """
    window, step = _windows(inputs, pool_size, strides, data_format)

    def total(x: Any) -> Any:
        zero = np.zeros((), x.dtype)
        return jax.lax.reduce_window(x, zero, jax.lax.add, window, step, padding_mode(padding))

    if padding_mode(padding) == "VALID":
        return total(inputs) / math.prod(window)
    return total(inputs) / total(jnp.ones((1, *inputs.shape[1:]), inputs.dtype))


def _adaptive(inputs: Any, output_size: Any, data_format: str | None, average: bool) -> Any:
    """Reduce as many windows in each spatial axis as are asked for.

    Window `i` of `m` over an axis of size `n` goes from `floor(i * n / m)` to
    `ceil((i + 1) * n / m)`.
    """
    axes = spatial_axes(channels_axis(data_format, inputs.ndim), inputs.ndim)
    for axis, count in zip(axes, several(output_size, len(axes), "output_size"), strict=True):
        n = inputs.shape[axis]
        start = jnp.arange(count) * n // count
        end = -((jnp.arange(count) + 1) * -n // count)
        place = jnp.arange(n)
        inside = (place >= start[:, None]) & (place < end[:, None])
        if average:
            share = (inside / (end - start)[:, None]).astype(inputs.dtype)
            inputs = jnp.moveaxis(jnp.tensordot(inputs, share, (axis, 1)), -1, axis)
        else:
            lowest = jnp.array(-jnp.inf, inputs.dtype)
            spread = jnp.expand_dims(inputs, axis)
            around = (1,) * axis, (1,) * (inputs.ndim - 1 - axis)
            there = inside.reshape(around[0] + inside.shape + around[1])
            inputs = jnp.where(there, spread, lowest).max(axis + 1)
    return inputs


@operation("nn")
def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Return the means of as many windows as are asked for, whatever the size of the input.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        output_size: the number of windows in each axis.
        data_format: as in `conv`.
    """
    return _adaptive(inputs, output_size, data_format, average=True)


@operation("nn")
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Return the largest elements of as many windows as are asked for; see the averages."""
    return _adaptive(inputs, output_size, data_format, average=False)


def _places(
    space: tuple[Any, ...], kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[tuple[int, int], Any, Any]:
    """Return the padding, and the rows and columns of each element of each window."""
    size, distance, around, step = (
        several(value, 2, name)
        for value, name in (
            (kernel_size, "kernel_size"),
            (dilation, "dilation"),
            (padding, "padding"),
            (stride, "stride"),
        )
    )
    places = []
    for axis in range(2):
        extent = (size[axis] - 1) * distance[axis] + 1
        count = (space[axis] + 2 * around[axis] - extent) // step[axis] + 1
        offsets = jnp.arange(size[axis])[:, None] * distance[axis]
        places.append(offsets + jnp.arange(count)[None] * step[axis])
    rows, columns = places
    return (around[0], around[1]), rows[:, None, :, None], columns[None, :, None, :]


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
    space = several(output_size, 2, "output_size")
    around, rows, columns = _places(space, kernel_size, dilation, padding, stride)
    high, wide = rows.shape[0], columns.shape[1]
    channels = x.shape[1] // (high * wide)
    windows = x.reshape(x.shape[0], channels, high, wide, rows.shape[2], columns.shape[3])
    top, left = around
    full = jnp.zeros((x.shape[0], channels, space[0] + 2 * top, space[1] + 2 * left), x.dtype)
    images = full.at[:, :, rows, columns].add(windows)
    return images[:, :, top : top + space[0], left : left + space[1]]
