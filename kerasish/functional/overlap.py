"""How much of two regions is common: for the segmentation of images."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp

from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.functional.alignment import paired

__all__ = ["dice", "tversky"]

Axis = int | Sequence[int] | None


def dice(y_true: Array, y_pred: Array, axis: Axis = None) -> Array:
    """`1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))`.

    Args:
        y_true: 0 or 1.
        y_pred: numbers from 0 to 1, of the same shape.
        axis: the axes to sum over; None for all of them, which gives one value for the batch.

    Returns:
        An array of the axes that are left; 1 where both regions are empty.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> y = jnp.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        >>> print(dice(y, jnp.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), axis=-1).round(3))
        [0.333 0.   ]

    References:
        Milletari et al., 2016, V-Net.
    """
    y_true, y_pred = paired(y_true, y_pred, "dice")
    axis = _axes(axis)
    both = jnp.sum(y_true * y_pred, axis)
    return 1 - 2 * both / (jnp.sum(y_true, axis) + jnp.sum(y_pred, axis) + config.epsilon())


def tversky(
    y_true: Array, y_pred: Array, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> Array:
    """`1 - both / (both + alpha * missed + beta * too much)`; with 0.5 and 0.5 it is `dice`.

    In the paper `alpha` and `beta` are the other way round; here they are as Keras computes.

    Args:
        y_true: 0 or 1.
        y_pred: numbers from 0 to 1, of the same shape.
        alpha: what a target costs that is missed.
        beta: what a prediction costs where there is nothing.
        axis: the axes to sum over; None for all of them, which gives one value for the batch.

    Returns:
        An array of the axes that are left; 1 where both regions are empty.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> y, missed = jnp.array([[1.0, 1.0, 0.0]]), jnp.array([[1.0, 0.0, 0.0]])
        >>> print(tversky(y, missed, alpha=1.0, beta=0.0, axis=-1).round(3))
        [0.5]

    References:
        Salehi et al., 2017, Tversky loss function for image segmentation.
    """
    y_true, y_pred = paired(y_true, y_pred, "tversky")
    axis = _axes(axis)
    both = jnp.sum(y_true * y_pred, axis)
    missed = jnp.sum(y_true * (1 - y_pred), axis)
    too_much = jnp.sum((1 - y_true) * y_pred, axis)
    return 1 - both / (both + alpha * missed + beta * too_much + config.epsilon())


def _axes(axis: Axis) -> int | tuple[int, ...] | None:
    return axis if axis is None or isinstance(axis, int) else tuple(axis)
