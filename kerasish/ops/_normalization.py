"""Means and deviations, and arrays measured in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config
from kerasish.ops._define import operation

__all__ = [
    "batch_normalization",
    "layer_normalization",
    "moments",
    "normalize",
    "rms_normalization",
]


@operation("nn")
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> Any:
    """Return the mean and the variance over some axes.

    Args:
        x: an array.
        axes: the axes.
        keepdims: whether they stay, with size 1.
        synchronized: accepted for Keras's sake; must be False.

    Raises:
        ArgumentError: if `synchronized` is True.
    """
    if synchronized:
        raise ArgumentError("moments are those of the whole array already; leave `synchronized`.")
    wide = _wide(x)
    mean = jnp.mean(wide, axes, keepdims=True)
    variance = jnp.mean(jnp.square(wide), axes, keepdims=True) - jnp.square(mean)
    limits = jnp.finfo(x.dtype)
    found = (jnp.clip(each, limits.min, limits.max) for each in (mean, jnp.maximum(variance, 0)))
    squeezed = (each if keepdims else jnp.squeeze(each, axes) for each in found)
    return tuple(each.astype(x.dtype) for each in squeezed)


@operation("nn", "BatchNorm", "x mean variance offset scale")
def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 0.001,
) -> Any:
    """Return `scale * (x - mean) / sqrt(variance + epsilon) + offset`.

    Args:
        x: an array.
        mean: a mean for each place along `axis`.
        variance: likewise.
        axis: the axis.
        offset: likewise; None for none.
        scale: likewise; None for none.
        epsilon: added to the variance.
    """

    def along(vector: Any) -> Any:
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
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: Any = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Any:
    """Return `x` less its mean, in units of its standard deviation (Ba et al., 2016).

    Args:
        x: an array.
        gamma: what it is multiplied by then; None for nothing.
        beta: what is added then; None for nothing.
        axis: the axes that mean and deviation are taken over.
        epsilon: added to the variance; `config.epsilon()` by default.
        **kwargs: `rms_scaling`, an old flag of Keras's: divide by the deviation and no more.

    Examples:
        >>> layer_normalization([1.0, 3.0]).round(3).tolist()
        [-1.0, 1.0]
    """
    old = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise ArgumentError(f"layer_normalization does not take {sorted(kwargs)}.")
    axes = _axes(axis, x.ndim)
    epsilon = config.epsilon() if epsilon is None else epsilon
    wide = _wide(x)
    mean = jnp.mean(wide, axes, keepdims=True)
    variance = jnp.var(wide, axes, keepdims=True)
    scale = jax.lax.rsqrt(variance + epsilon)
    y = wide * scale if old else (wide - mean) * scale
    if gamma is not None:
        y = y * _weight(gamma, axes, x)
    if beta is not None and not old:
        y = y + _weight(beta, axes, x)
    return y.astype(x.dtype)


@operation("nn", "RMSNorm", "x scale")
def rms_normalization(
    x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None
) -> Any:
    """Return `x / sqrt(mean(x**2) + epsilon)` (Zhang & Sennrich, 2019).

    Args:
        x: an array.
        scale: what it is multiplied by then; None for nothing.
        axis: the axes that the mean is taken over.
        epsilon: added to the mean; `config.epsilon()` by default.
    """
    axes = _axes(axis, x.ndim)
    epsilon = config.epsilon() if epsilon is None else epsilon
    wide = _wide(x)
    y = wide * jax.lax.rsqrt(jnp.mean(jnp.square(wide), axes, keepdims=True) + epsilon)
    if scale is not None:
        y = y * _weight(scale, axes, x)
    return y.astype(x.dtype)


@operation("nn")
def normalize(x: Any, axis: Any = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    """Return `x` divided by its norm.

    Args:
        x: an array.
        axis: the axes along which its norm is 1 afterwards.
        order: of the norm: a number from 1, or `inf`.
        epsilon: the least that it is divided by; `config.epsilon()` by default.
    """
    if not order or (isinstance(order, int) and order < 1):
        raise ArgumentError(f"order must be a whole number from 1, or inf; got {order!r}.")
    epsilon = config.epsilon() if epsilon is None else epsilon
    if not jnp.issubdtype(x.dtype, jnp.floating):
        x = x.astype(config.floatx())
    if order == 2:
        return x * jnp.minimum(
            jax.lax.rsqrt(jnp.sum(x * x, axis, keepdims=True)), 1 / epsilon
        ).astype(x.dtype)
    return x / jnp.maximum(jnp.linalg.norm(x, order, axis, keepdims=True), epsilon)


def _wide(x: Any) -> Any:
    """Return `x` in a dtype that squares do not overflow in."""
    return x.astype("float32") if x.dtype == "float16" else x


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    return tuple(i % ndim for i in (axis if isinstance(axis, Sequence) else (axis,)))


def _weight(weight: Any, axes: tuple[int, ...], x: Any) -> Any:
    """Return a weight whose axes are those of `x` that are normalized, ready to be multiplied."""
    if weight.ndim == x.ndim:
        return weight
    return weight.reshape([n if i in axes else 1 for i, n in enumerate(x.shape)])
