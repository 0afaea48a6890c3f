"""Margins: predictions on the right side cost nothing if they are far enough from the border."""

from __future__ import annotations

import jax.numpy as jnp

from kerasish.core.types import Array
from kerasish.functional.alignment import paired

__all__ = ["categorical_hinge", "hinge", "squared_hinge"]


def _short(y_true: Array, y_pred: Array, what: str) -> Array:
    """Return by how much `y_true * y_pred` falls short of 1."""
    y_true, y_pred = paired(y_true, y_pred, what)
    # Targets that are all 0 or 1 mean -1 and 1.
    binary = jnp.all((y_true == 0) | (y_true == 1))
    return jnp.maximum(1 - jnp.where(binary, 2 * y_true - 1, y_true) * y_pred, 0)


def hinge(y_true: Array, y_pred: Array) -> Array:
    """`mean(max(1 - y_true * y_pred, 0))` over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Args:
        y_true: -1 or 1; or 0 or 1, if there is nothing else among them.
        y_pred: above 0 for 1, below for -1.

    Examples:
        >>> hinge(jnp.array([[1], [0]]), jnp.array([[0.5], [-3.0]])).tolist()
        [0.5, 0.0]
    """
    return jnp.mean(_short(y_true, y_pred, "hinge"), -1)


def squared_hinge(y_true: Array, y_pred: Array) -> Array:
    """`mean(max(1 - y_true * y_pred, 0)**2)` over the last axis.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Args:
        y_true: -1 or 1; or 0 or 1, if there is nothing else among them.
        y_pred: above 0 for 1, below for -1.

    Examples:
        >>> squared_hinge(jnp.array([[1], [0]]), jnp.array([[0.5], [-3.0]])).tolist()
        [0.25, 0.0]
    """
    return jnp.mean(jnp.square(_short(y_true, y_pred, "squared_hinge")), -1)


def categorical_hinge(y_true: Array, y_pred: Array) -> Array:
    """`max(1 + the largest wrong prediction - the right one, 0)` along the last axis.

    A wrong prediction below 0 counts as 0.

    Shapes: `(batch, ..., classes), (batch, ..., classes) -> (batch, ...)`.

    Args:
        y_true: one-hot.
        y_pred: a score for each class.

    Examples:
        >>> categorical_hinge(jnp.array([[0, 1]]), jnp.array([[0.5, 1.0]])).tolist()
        [0.5]
    """
    y_true, y_pred = paired(y_true, y_pred, "categorical_hinge")
    right = jnp.sum(y_true * y_pred, -1)
    wrong = jnp.max((1 - y_true) * y_pred, -1)
    return jnp.maximum(wrong - right + 1, 0)
