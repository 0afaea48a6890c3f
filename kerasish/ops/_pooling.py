"""Pooling: maximum and average over windows, fixed or adaptive."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import kernels
from kerasish.core.argument_validation import (
    standardize_data_format,
    standardize_padding,
    standardize_tuple,
)
from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.ops._define import operation
from kerasish.ops._spatial import spatial_axes

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "max_pool",
]


def _windows(
    x: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None,
    data_format: str | None,
) -> tuple[tuple[int, ...], ...]:
    """Return the window size and the strides for all axes of `x`."""
    rank = x.ndim - 2
    _, channels = standardize_data_format(data_format, rank)
    size = standardize_tuple(pool_size, rank, "pool_size")
    step = standardize_tuple(pool_size if strides is None else strides, rank, "strides")
    return tuple((1, 1, *each) if channels == 1 else (1, *each, 1) for each in (size, step))


@operation("nn")
def max_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Compute the maximum of each window, over one to three spatial axes.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        pool_size: the size of a window along each axis.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` or `"same"`.
        data_format: as in `conv`.
    """
    window, step = _windows(inputs, pool_size, strides, data_format)
    result: Array = kernels.max_pool(inputs, window, step, standardize_padding(padding).upper())
    return result


@operation("nn")
def average_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Compute the mean of each window, over one to three spatial axes.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        pool_size: the size of a window along each axis.
        strides: the distance between windows; `pool_size` by default.
        padding: `"valid"` or `"same"`; padding is excluded from the mean.
        data_format: as in `conv`.
    """
    window, step = _windows(inputs, pool_size, strides, data_format)
    mode = standardize_padding(padding)

    def total(x: Array) -> Array:
        zero = np.zeros((), x.dtype)
        result: Array = jax.lax.reduce_window(x, zero, jax.lax.add, window, step, mode.upper())
        return result

    if mode == "valid":
        return total(inputs) / math.prod(window)
    return total(inputs) / total(jnp.ones((1, *inputs.shape[1:]), inputs.dtype))


@operation("nn")
def adaptive_average_pool(
    inputs: Array, output_size: int | Sequence[int], data_format: str | None = None
) -> Array:
    """Compute the mean of windows whose size is chosen for a given output size.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        output_size: the number of windows along each axis.
        data_format: as in `conv`.
    """

    def mean_windows(x: Array, axis: int, start: Array, end: Array) -> Array:
        # Multiply by a matrix with the weight of each element in each window.
        dtype = x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else jnp.dtype(config.floatx())
        position = jnp.arange(x.shape[axis])[None]
        inside, length = (position >= start) & (position < end), end - start
        weights = inside.astype(dtype) / length.astype(dtype)
        return jnp.moveaxis(jnp.tensordot(x.astype(dtype), weights, (axis, 1)), -1, axis)

    return _adaptive(inputs, output_size, data_format, jnp.mean, mean_windows)


@operation("nn")
def adaptive_max_pool(
    inputs: Array, output_size: int | Sequence[int], data_format: str | None = None
) -> Array:
    """Compute the maximum of windows chosen for a given output size.

    Args:
        inputs: `(batch, *space, channels)`, or with the channels first.
        output_size: the number of windows along each axis.
        data_format: as in `conv`.
    """

    def max_windows(x: Array, axis: int, start: Array, end: Array) -> Array:
        # Gather as many elements as the longest window has; shorter windows repeat the last.
        most = x.shape[axis] // len(start) + 2
        indices = jnp.minimum(start + jnp.arange(most)[None], end - 1)
        return jnp.max(jnp.take(x, indices, axis), axis + 1)

    return _adaptive(inputs, output_size, data_format, jnp.max, max_windows)


def _adaptive(
    x: Array,
    output_size: int | Sequence[int],
    data_format: str | None,
    reduce: Callable[[Array, int], Array],
    reduce_windows: Callable[[Array, int, Array, Array], Array],
) -> Array:
    """Reduce the spatial axes one after another to a given size.

    Window `i` of `m` over an axis of size `n` spans `floor(i * n / m)` to
    `ceil((i + 1) * n / m)`.

    Args:
        x: the input.
        output_size: the number of windows along each axis.
        data_format: as in `conv`.
        reduce: `(x, axis) -> y`, reduces an axis.
        reduce_windows: `(x, axis, start, end) -> y`, reduces each window over an axis; `start`
            and `end` have the shape `(windows, 1)`.
    """
    axes = spatial_axes(data_format, x.ndim - 2)
    for axis, count in zip(
        axes, standardize_tuple(output_size, len(axes), "output_size"), strict=True
    ):
        n = x.shape[axis]
        if isinstance(n, int) and n % count == 0:
            blocks = x.reshape(*x.shape[:axis], count, n // count, *x.shape[axis + 1 :])
            x = reduce(blocks, axis + 1)
        else:
            i = jnp.arange(count)[:, None]
            x = reduce_windows(x, axis, i * n // count, -((i + 1) * -n // count))
    return x
