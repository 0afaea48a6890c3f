"""Distances between targets and predictions."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.criteria.alignment import align, same_shape

__all__ = [
    "mean_absolute_error",
    "mean_squared_error",
]


def _difference(y_true: Any, y_pred: Any, what: str) -> Any:
    y_true, y_pred = align(jnp.asarray(y_true), jnp.asarray(y_pred))
    same_shape(y_true, y_pred, what)
    return y_pred - y_true.astype(y_pred.dtype)


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((y_pred - y_true)**2)` over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Example:
        >>> float(mean_squared_error(jnp.array([[1.0, 2.0]]), jnp.array([[1.0, 4.0]]))[0])
        2.0
    """
    return jnp.mean(jnp.square(_difference(y_true, y_pred, "mean_squared_error")), -1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """`mean(|y_pred - y_true|)` over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.
    """
    return jnp.mean(jnp.abs(_difference(y_true, y_pred, "mean_absolute_error")), -1)
