"""Windows over spatial axes, pooled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import kernels
from kerasish.core.argument_validation import channels_axis, padding_mode, sizes
from kerasish.core.settings import config
from kerasish.ops._define import operation
from kerasish.ops._spatial import spatial_axes

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "max_pool",
]


def _windows(
    x: Any, pool_size: Any, strides: Any, data_format: str | None
) -> tuple[tuple[int, ...], ...]:
    """Return the size and the step of windows in all axes of `x`."""
    rank = x.ndim - 2
    _, channels = channels_axis(data_format, rank)
    size = sizes(pool_size, rank, "pool_size")
    step = sizes(pool_size if strides is None else strides, rank, "strides")
    return tuple((1, 1, *each) if channels == 1 else (1, *each, 1) for each in (size, step))


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
    return kernels.max_pool(inputs, window, step, padding_mode(padding).upper())


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
    mode = padding_mode(padding)

    def total(x: Any) -> Any:
        zero = np.zeros((), x.dtype)
        return jax.lax.reduce_window(x, zero, jax.lax.add, window, step, mode.upper())

    if mode == "valid":
        return total(inputs) / math.prod(window)
    return total(inputs) / total(jnp.ones((1, *inputs.shape[1:]), inputs.dtype))


@operation("nn")
def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Return the means of as many windows as are asked for, whatever the size of the input.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        output_size: the number of windows in each axis.
        data_format: as in `conv`.
    """

    def share(x: Any, axis: int, start: Any, end: Any) -> Any:
        # A product with a matrix that holds the share of each element in each window.
        dtype = x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else jnp.dtype(config.floatx())
        place = jnp.arange(x.shape[axis])[None]
        inside, length = (place >= start) & (place < end), end - start
        shares = inside.astype(dtype) / length.astype(dtype)
        return jnp.moveaxis(jnp.tensordot(x.astype(dtype), shares, (axis, 1)), -1, axis)

    return _adaptive(inputs, output_size, data_format, jnp.mean, share)


@operation("nn")
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Return the largest elements of as many windows as are asked for; see the averages."""

    def largest(x: Any, axis: int, start: Any, end: Any) -> Any:
        # As many places as the longest window has; in shorter ones the last is taken again.
        most = x.shape[axis] // len(start) + 2
        places = jnp.minimum(start + jnp.arange(most)[None], end - 1)
        return jnp.max(jnp.take(x, places, axis), axis + 1)

    return _adaptive(inputs, output_size, data_format, jnp.max, largest)


def _adaptive(
    x: Any,
    output_size: Any,
    data_format: str | None,
    reduce: Callable[[Any, int], Any],
    reduce_windows: Callable[[Any, int, Any, Any], Any],
) -> Any:
    """Reduce spatial axes, one after another, to a given size.

    Window `i` of `m` over an axis of size `n` goes from `floor(i * n / m)` to
    `ceil((i + 1) * n / m)`.

    Args:
        x: the input.
        output_size: the number of windows in each axis.
        data_format: where the channels are.
        reduce: takes `(x, axis)`, and gives one value for all in an axis.
        reduce_windows: takes `(x, axis, start, end)`, and gives one value for each of the
            windows over an axis; their beginnings and ends are columns.
    """
    axes = spatial_axes(data_format, x.ndim - 2)
    for axis, count in zip(axes, sizes(output_size, len(axes), "output_size"), strict=True):
        n = x.shape[axis]
        if isinstance(n, int) and n % count == 0:
            blocks = x.reshape(*x.shape[:axis], count, n // count, *x.shape[axis + 1 :])
            x = reduce(blocks, axis + 1)
        else:
            i = jnp.arange(count)[:, None]
            x = reduce_windows(x, axis, i * n // count, -((i + 1) * -n // count))
    return x
