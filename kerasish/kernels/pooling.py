"""Max pooling whose gradient is fast on a CPU.

The automatic gradient of `reduce_window` looks for the largest element of each
window again, one by one, which takes ten times as long as the pooling. Here the
tangent is picked by the number of that element, in whole arrays; its transpose
is the gradient.
"""

from __future__ import annotations

import itertools
import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.types import Array

__all__ = ["max_pool"]


class _Setting(NamedTuple):
    """Sizes of all axes, those of batch and channels included."""

    window: tuple[int, ...]
    strides: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]


def max_pool(x: Array, window: tuple[int, ...], strides: tuple[int, ...], padding: str) -> Array:
    """Return the largest element of each window; the first of equal ones takes the gradient.

    Args:
        x: the input.
        window: the extent of the windows in each axis of `x`.
        strides: their distance in each axis.
        padding: `"VALID"` or `"SAME"`.
    """
    known = all(isinstance(n, int) for n in x.shape[1:])
    if known and jnp.issubdtype(x.dtype, jnp.floating) and jax.default_backend() == "cpu":
        # A batch of unknown size needs no padding.
        sizes = (1, *x.shape[1:])
        pads = jax.lax.padtype_to_pads(sizes, window, strides, padding)
        pooled: Array = _max_pool(_Setting(window, strides, tuple(pads)), x)
    else:
        pooled = _plain(x, window, strides, padding)
    return pooled


def _plain(x: Array, window: tuple[int, ...], strides: tuple[int, ...], padding: Any) -> Any:
    # Only a neutral element on the host lets JAX see what it can differentiate.
    return jax.lax.reduce_window(x, _lowest(x), jax.lax.max, window, strides, padding)


def _lowest(x: Array) -> Any:
    floating = jnp.issubdtype(x.dtype, jnp.floating)
    return np.asarray(-np.inf if floating else np.iinfo(x.dtype).min, x.dtype)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _max_pool(setting: _Setting, x: Array) -> Any:
    return _plain(x, *setting)


@_max_pool.defjvp
def _tangent(setting: _Setting, primals: Any, tangents: Any) -> Any:
    (x,), (dx,) = primals, tangents
    largest, number = _first_largest(_parts(setting, x, _lowest(x)))
    padded = any(low or high for low, high in setting.padding)
    if setting.window == setting.strides and not padded:
        return largest, _picked_blocks(setting.window, dx, number)
    parts = enumerate(_parts(setting, dx, 0))
    return largest, sum(jnp.where(number == k, part, 0) for k, part in parts)


def _parts(setting: _Setting, x: Array, fill: Any) -> list[Any]:
    """Return arrays of the first elements of all windows, of the second ones, and so on."""
    x = jax.lax.pad(x, np.asarray(fill, x.dtype), [(*pads, 0) for pads in setting.padding])
    last = [
        (n - size) // stride * stride
        for n, size, stride in zip(x.shape, setting.window, setting.strides, strict=True)
    ]
    return [
        x[
            tuple(
                slice(s, s + n + 1, step)
                for s, n, step in zip(start, last, setting.strides, strict=True)
            )
        ]
        for start in itertools.product(*map(range, setting.window))
    ]


def _first_largest(parts: list[Any]) -> tuple[Any, Any]:
    """Return the largest of the arrays in each place, and the number of the first that has it."""
    kind = "int8" if len(parts) < 128 else "int32"
    largest, number = parts[0], jnp.zeros(parts[0].shape, kind)
    for k, part in enumerate(parts[1:], 1):
        stays = (largest >= part) | (largest != largest)  # a NaN stays one
        largest = jnp.where(stays, largest, part)
        number = jnp.where(stays, number, jnp.asarray(k, kind))
    return largest, number


def _picked_blocks(window: tuple[int, ...], x: Array, number: Any) -> Any:
    """Return the element of each window that has the number; the windows lie side by side.

    Splitting each axis into windows and what is in them makes the transpose one
    pass over whole rows.
    """
    counts = number.shape
    x = x[tuple(slice(0, n * w) for n, w in zip(counts, window, strict=True))]
    blocks = x.reshape([m for pair in zip(counts, window, strict=True) for m in pair])
    numbers = np.arange(math.prod(window), dtype=number.dtype)
    chosen = number.reshape([m for n in counts for m in (n, 1)]) == numbers.reshape(
        [m for w in window for m in (1, w)]
    )
    return jnp.sum(jnp.where(chosen, blocks, 0), axis=tuple(range(1, 2 * x.ndim, 2)))
