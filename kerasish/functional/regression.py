"""Distances between targets and predictions."""

from __future__ import annotations

import math

import jax.numpy as jnp

from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.functional.alignment import paired

__all__ = [
    "huber",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
]


def _error(y_true: Array, y_pred: Array, what: str) -> Array:
    y_true, y_pred = paired(y_true, y_pred, what)
    return y_true - y_pred


def mean_squared_error(y_true: Array, y_pred: Array) -> Array:
    """`mean((y_true - y_pred)**2)` over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Examples:
        >>> float(mean_squared_error(jnp.array([[1.0, 2.0]]), jnp.array([[1.0, 4.0]]))[0])
        2.0
    """
    return jnp.mean(jnp.square(_error(y_true, y_pred, "mean_squared_error")), -1)


def mean_absolute_error(y_true: Array, y_pred: Array) -> Array:
    """`mean(|y_true - y_pred|)` over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Examples:
        >>> float(mean_absolute_error(jnp.array([[1.0, 2.0]]), jnp.array([[1.0, 4.0]]))[0])
        1.0
    """
    return jnp.mean(jnp.abs(_error(y_true, y_pred, "mean_absolute_error")), -1)


def mean_absolute_percentage_error(y_true: Array, y_pred: Array) -> Array:
    """`100 * mean(|y_true - y_pred| / |y_true|)` over the last axis.

    Targets closer to 0 than `epsilon()` count as that far from it.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Examples:
        >>> float(mean_absolute_percentage_error(jnp.array([[4.0]]), jnp.array([[5.0]]))[0])
        25.0
    """
    y_true, y_pred = paired(y_true, y_pred, "mean_absolute_percentage_error")
    size = jnp.maximum(jnp.abs(y_true), config.epsilon())
    return 100 * jnp.mean(jnp.abs((y_true - y_pred) / size), -1)


def mean_squared_logarithmic_error(y_true: Array, y_pred: Array) -> Array:
    """`mean((log(y_true + 1) - log(y_pred + 1))**2)` over the last axis.

    Values below `epsilon()` count as that.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Examples:
        >>> float(mean_squared_logarithmic_error(jnp.array([[1.0]]), jnp.array([[1.0]]))[0])
        0.0
    """
    pair = paired(y_true, y_pred, "mean_squared_logarithmic_error")
    logs = [jnp.log(jnp.maximum(each, config.epsilon()) + 1) for each in pair]
    return jnp.mean(jnp.square(logs[0] - logs[1]), -1)


def huber(y_true: Array, y_pred: Array, delta: float = 1.0) -> Array:
    """Half the square of small errors, a line for large ones; the mean over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Args:
        y_true: the targets.
        y_pred: the predictions.
        delta: errors beyond it cost `delta * (|error| - delta / 2)`.

    Examples:
        >>> huber(jnp.array([[0.0], [0.0]]), jnp.array([[1.0], [4.0]])).tolist()
        [0.5, 3.5]

    References:
        Huber, 1964, Robust Estimation of a Location Parameter.
    """
    error = jnp.abs(_error(y_true, y_pred, "huber"))
    far = delta * error - 0.5 * delta**2
    return jnp.mean(jnp.where(error <= delta, 0.5 * jnp.square(error), far), -1)


def log_cosh(y_true: Array, y_pred: Array) -> Array:
    """`mean(log(cosh(y_true - y_pred)))` over the last axis.

    About half the square of small errors, and `|error| - log(2)` for large ones.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Examples:
        >>> print(log_cosh(jnp.array([[0.0], [0.0]]), jnp.array([[0.0], [2.0]])).round(3))
        [0.    1.325]
    """
    error = _error(y_true, y_pred, "log_cosh")
    return jnp.mean(jnp.logaddexp(error, -error) - math.log(2), -1)
