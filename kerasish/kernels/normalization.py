"""Batch normalization with a formula for its gradient, for the loop on a CPU.

Forward and backward take two sums each, of whole arrays that are there anyway;
the automatic gradient of shifted sums writes and reads several more.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from kerasish.core.types import Array
from kerasish.kernels.trace_context import inside_loop

__all__ = ["batch_normalization"]

Moments: TypeAlias = tuple[Array, Array, Array]
"""What is normalized, the mean and the variance."""

# Where the square of the mean is so many times the variance, two sums lose it in rounding.
_FAR = 100


class _Setting(NamedTuple):
    channels: int
    epsilon: float


def batch_normalization(
    x: Array, gamma: Array, beta: Array, channels: int, epsilon: float
) -> Moments:
    """Return `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, the mean and the variance.

    Args:
        x: the input, in 32 bits or more.
        gamma: the scale of each channel.
        beta: the offset of each channel.
        channels: the axis of the channels.
        epsilon: added to the variance.
    """
    setting = _Setting(channels, epsilon)
    if inside_loop() and jax.default_backend() == "cpu":
        normalized: Moments = _normalization(setting, x, gamma, beta)
        return normalized
    return _plain(setting, x, gamma, beta)


def _moments(x: Array, channels: int) -> tuple[Any, Any]:
    """Return the mean and variance of each channel, from one pass over `x`.

    Two sums over the data at once, which XLA fuses, are several times faster
    than the mean first and then the variance. Taking one sample off first keeps
    the difference of the squares from cancelling when the mean is large.

    Args:
        x: the input.
        channels: the axis of the channels.
    """
    axes = _others(x, channels)
    origin = tuple(slice(None) if i == channels else slice(0, 1) for i in range(x.ndim))
    shift = jax.lax.stop_gradient(x[origin])
    centered = x - shift
    mean = jnp.mean(centered, axes)
    square = jnp.mean(jnp.square(centered), axes)
    return mean + shift.reshape(-1), jnp.maximum(square - jnp.square(mean), 0)


def _quick_moments(x: Array, channels: int) -> tuple[Any, Any]:
    """Return the moments from two sums over `x` as it is, or exactly where these would cancel."""
    axes = _others(x, channels)
    mean = jnp.mean(x, axes)
    variance = jnp.mean(jnp.square(x), axes) - jnp.square(mean)

    def again() -> tuple[Any, Any]:
        return mean, jnp.mean(jnp.square(x - _along(mean, x, channels)), axes)

    cancels = jnp.any(jnp.square(mean) > _FAR * variance)
    return jax.lax.cond(cancels, again, lambda: (mean, variance))  # type: ignore[no-any-return]


def _others(x: Array, channels: int) -> tuple[int, ...]:
    return tuple(i for i in range(x.ndim) if i != channels)


def _along(vector: Array, x: Array, channels: int) -> Array:
    return vector.reshape([-1 if i == channels else 1 for i in range(x.ndim)])


def _plain(setting: _Setting, x: Array, gamma: Array, beta: Array) -> Moments:
    mean, variance = _moments(x, setting.channels)
    return _scaled(setting, x, mean, variance, gamma, beta), mean, variance


def _scaled(
    setting: _Setting, x: Array, mean: Array, variance: Array, gamma: Array, beta: Array
) -> Array:
    along = partial(_along, x=x, channels=setting.channels)
    factor = jax.lax.rsqrt(variance + setting.epsilon) * gamma
    return (x - along(mean)) * along(factor) + along(beta)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _normalization(setting: _Setting, x: Array, gamma: Array, beta: Array) -> Moments:
    result: Moments = _forward(setting, x, gamma, beta)[0]
    return result


def _forward(setting: _Setting, x: Array, gamma: Array, beta: Array) -> Any:
    mean, variance = _quick_moments(x, setting.channels)
    y = _scaled(setting, x, mean, variance, gamma, beta)
    return (y, mean, variance), (x, mean, variance, gamma)


def _backward(setting: _Setting, residual: Any, gradients: Any) -> Any:
    x, mean, variance, gamma = residual
    dy, dmean, dvariance = gradients
    axes = _others(x, setting.channels)
    along = partial(_along, x=x, channels=setting.channels)
    root = jax.lax.rsqrt(variance + setting.epsilon)
    dbeta = jnp.sum(dy, axes)
    dgamma = (jnp.sum(dy * x, axes) - mean * dbeta) * root
    # All ways from x to y, and those to the moments: a straight line in dy and x.
    count = x.size // x.shape[setting.channels]
    slope = (2 * dvariance - gamma * root**2 * dgamma) / count
    level = (dmean - gamma * root * dbeta) / count - slope * mean
    return along(gamma * root) * dy + along(slope) * x + along(level), dgamma, dbeta


_normalization.defvjp(_forward, _backward)
