"""Activation functions, by Keras's names."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.registry import Registry, serialize
from kerasish.core.scope import annotate

__all__ = [
    "elu",
    "exponential",
    "gelu",
    "get",
    "hard_sigmoid",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]

activations = Registry("activation", "activations")
register = activations.register


def get(identifier: Any) -> Any:
    """Return an activation function; None means `linear`.

    Raises:
        UnknownNameError: if there is no activation of that name.

    Example:
        >>> get("relu") is relu, get(None) is linear
        (True, True)
    """
    return linear if identifier is None else activations.get(identifier)


@register()
def linear(x: Any) -> Any:
    """Return `x` as it is."""
    return x


@register()
def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """Rectified linear unit: `max(x, 0)`, with Keras's generalizations.

    Args:
        x: an array.
        negative_slope: the slope below `threshold`.
        max_value: the largest value returned; None for no bound.
        threshold: up to it the function is `negative_slope * (x - threshold)`.

    Example:
        >>> relu(jnp.array([-2.0, 3.0])).tolist()
        [0.0, 3.0]
    """
    if not threshold and max_value is None:
        return jax.nn.leaky_relu(x, negative_slope) if negative_slope else jax.nn.relu(x)
    below = negative_slope * (x - threshold) if negative_slope else jnp.zeros_like(x)
    y = jnp.where(x > threshold, x, below)
    return y if max_value is None else jnp.minimum(y, max_value)


@register()
def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`."""
    return jax.nn.relu6(x)


@register()
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """`x` above zero, `negative_slope * x` below."""
    return jax.nn.leaky_relu(x, negative_slope)


@register()
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Exponential linear unit: `alpha * (exp(x) - 1)` below zero (Clevert et al., 2016)."""
    return jax.nn.elu(x, alpha)


@register()
def selu(x: Any) -> Any:
    """Scaled exponential linear unit (Klambauer et al., 2017)."""
    return jax.nn.selu(x)


@register()
def gelu(x: Any, approximate: bool = False) -> Any:
    """Gaussian error linear unit: `x * P(X <= x)` (Hendrycks & Gimpel, 2016).

    Args:
        x: an array.
        approximate: whether to use the tanh form.
    """
    return jax.nn.gelu(x, approximate=approximate)


@register("swish")
def silu(x: Any) -> Any:
    """`x * sigmoid(x)` (Ramachandran et al., 2017)."""
    return jax.nn.silu(x)


@register()
def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`. A loss on the result is computed from `x`."""
    y = jax.nn.sigmoid(x)
    annotate(y, sigmoid_logits=x)
    return y


@register()
def hard_sigmoid(x: Any) -> Any:
    """`clip(x / 6 + 1/2, 0, 1)`."""
    return jax.nn.hard_sigmoid(x)


@register()
def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> Any:
    """`exp(x) / sum(exp(x))` along `axis`. A loss on the result is computed from `x`."""
    y = jax.nn.softmax(x, axis)
    if axis in (-1, x.ndim - 1):
        annotate(y, softmax_logits=x)
    return y


@register()
def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of `softmax`."""
    return jax.nn.log_softmax(x, axis)


@register()
def softplus(x: Any) -> Any:
    """`log(1 + exp(x))`."""
    return jax.nn.softplus(x)


@register()
def softsign(x: Any) -> Any:
    """`x / (1 + |x|)`."""
    return jax.nn.soft_sign(x)


@register()
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return jnp.tanh(x)


@register()
def exponential(x: Any) -> Any:
    """`exp(x)`."""
    return jnp.exp(x)
