"""Normalization: moments, batch, layer and RMS normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.ops._define import operation

__all__ = [
    "batch_normalization",
    "layer_normalization",
    "moments",
    "normalize",
    "rms_normalization",
]


@operation("nn")
def moments(
    x: Array, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[Array, ...]:
    """Return the mean and the variance over some axes.

    Args:
        x: an array.
        axes: the axes to reduce.
        keepdims: whether to keep the axes with size 1.
        synchronized: accepted as in Keras; must be False.

    Raises:
        ArgumentError: if `synchronized` is True.
    """
    if synchronized:
        raise ArgumentError("moments always cover the whole array; leave `synchronized` out.")
    wide = _upcast(x)
    mean = jnp.mean(wide, axes, keepdims=True)
    variance = jnp.mean(jnp.square(wide), axes, keepdims=True) - jnp.square(mean)
    limits = jnp.finfo(x.dtype)
    found = (jnp.clip(each, limits.min, limits.max) for each in (mean, jnp.maximum(variance, 0)))
    squeezed = (each if keepdims else jnp.squeeze(each, axes) for each in found)
    return tuple(each.astype(x.dtype) for each in squeezed)


@operation("nn", "BatchNorm", "x mean variance offset scale")
def batch_normalization(
    x: Array,
    mean: Array,
    variance: Array,
    axis: int,
    offset: Array | None = None,
    scale: Array | None = None,
    epsilon: float = 0.001,
) -> Array:
    """Return `scale * (x - mean) / sqrt(variance + epsilon) + offset`.

    Args:
        x: an array.
        mean: the mean for each position along `axis`.
        variance: the variance for each position along `axis`.
        axis: the axis of the features.
        offset: added for each position along `axis`, or None.
        scale: the factor for each position along `axis`, or None.
        epsilon: added to the variance.
    """

    def along(vector: Array) -> Array:
        return vector.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])

    factor = jax.lax.rsqrt(along(variance) + epsilon)
    if scale is not None:
        factor = factor * along(scale)
    shift = -along(mean) * factor
    if offset is not None:
        shift = shift + along(offset)
    return (x * factor + shift).astype(x.dtype)


@operation("nn", "LayerNorm", "x gamma beta")
def layer_normalization(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Array:
    """Normalize `x` to mean 0 and standard deviation 1 (Ba et al., 2016).

    Args:
        x: an array.
        gamma: the factor applied after normalization, or None.
        beta: added after `gamma`, or None.
        axis: the axes to normalize over.
        epsilon: added to the variance; `config.epsilon()` by default.
        **kwargs: `rms_scaling`, an old flag of Keras: divide by the standard deviation only.

    Examples:
        >>> layer_normalization([1.0, 3.0]).round(3).tolist()
        [-1.0, 1.0]
    """
    old = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise ArgumentError(f"layer_normalization does not take {sorted(kwargs)}.")
    axes = _axes(axis, x.ndim)
    epsilon = config.epsilon() if epsilon is None else epsilon
    wide = _upcast(x)
    mean = jnp.mean(wide, axes, keepdims=True)
    variance = jnp.var(wide, axes, keepdims=True)
    scale = jax.lax.rsqrt(variance + epsilon)
    y = wide * scale if old else (wide - mean) * scale
    if gamma is not None:
        y = y * _broadcast_weight(gamma, axes, x)
    if beta is not None and not old:
        y = y + _broadcast_weight(beta, axes, x)
    return y.astype(x.dtype)


@operation("nn", "RMSNorm", "x scale")
def rms_normalization(
    x: Array,
    scale: Array | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Array:
    """Return `x / sqrt(mean(x**2) + epsilon)` (Zhang & Sennrich, 2019).

    Args:
        x: an array.
        scale: the factor applied after normalization, or None.
        axis: the axes to normalize over.
        epsilon: added to the mean; `config.epsilon()` by default.
    """
    axes = _axes(axis, x.ndim)
    epsilon = config.epsilon() if epsilon is None else epsilon
    wide = _upcast(x)
    y = wide * jax.lax.rsqrt(jnp.mean(jnp.square(wide), axes, keepdims=True) + epsilon)
    if scale is not None:
        y = y * _broadcast_weight(scale, axes, x)
    return y.astype(x.dtype)


@operation("nn")
def normalize(
    x: Array, axis: int | Sequence[int] = -1, order: int | float = 2, epsilon: float | None = None
) -> Array:
    """Return `x` divided by its norm.

    Args:
        x: an array.
        axis: the axes that the norm is computed over.
        order: the order of the norm: an integer from 1, or `inf`.
        epsilon: the minimal divisor; `config.epsilon()` by default.
    """
    if not order or (isinstance(order, int) and order < 1):
        raise ArgumentError(f"order must be an integer of at least 1 or inf; got {order!r}.")
    epsilon = config.epsilon() if epsilon is None else epsilon
    if not jnp.issubdtype(x.dtype, jnp.floating):
        x = x.astype(config.floatx())
    if order == 2:
        return x * jnp.minimum(
            jax.lax.rsqrt(jnp.sum(x * x, axis, keepdims=True)), 1 / epsilon
        ).astype(x.dtype)
    return x / jnp.maximum(jnp.linalg.norm(x, order, axis, keepdims=True), epsilon)


def _upcast(x: Array) -> Array:
    """Cast float16 to float32, where squares do not overflow."""
    return x.astype("float32") if x.dtype == "float16" else x


def _axes(axis: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    return tuple(i % ndim for i in (axis if isinstance(axis, Sequence) else (axis,)))


def _broadcast_weight(weight: Array, axes: tuple[int, ...], x: Array) -> Array:
    """Reshape a weight over the normalized axes to broadcast against `x`."""
    if weight.ndim == x.ndim:
        return weight
    return weight.reshape([n if i in axes else 1 for i, n in enumerate(x.shape)])
