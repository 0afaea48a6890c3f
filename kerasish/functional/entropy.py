"""What the cross-entropies have in common: targets of the right shape, and logits."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.scope import get_metadata
from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.functional.alignment import floating, paired

__all__ = [
    "binary_pair",
    "binary_values",
    "class_numbers",
    "log_probabilities",
    "logits_of",
    "of_class",
    "one_hot_pair",
]


def logits_of(y_pred: Array, from_logits: bool, link: str) -> Array | None:
    """Return the logits of a prediction: itself, or what softmax or sigmoid made it from."""
    if from_logits:
        return y_pred
    logits = get_metadata(y_pred, f"{link}_logits")
    return None if logits is None else logits.astype(y_pred.dtype)


def log_probabilities(y_pred: Array, from_logits: bool, axis: int) -> Array:
    """Return the logarithms of probabilities that add up to 1 along an axis."""
    logits = logits_of(y_pred, from_logits, "softmax")
    if logits is not None:
        return jax.nn.log_softmax(logits, axis)
    # Probabilities without logits: a zero must not become an infinite loss.
    y_pred = y_pred / jnp.sum(y_pred, axis, keepdims=True)
    return jnp.log(jnp.clip(y_pred, config.epsilon(), 1 - config.epsilon()))


def one_hot_pair(
    y_true: Array, y_pred: Array, label_smoothing: float, axis: int, what: str
) -> tuple[Any, Any]:
    """Return targets, of which a share is spread over all classes, and predictions.

    Raises:
        ShapeError: if their shapes differ.
    """
    y_true, y_pred = jnp.asarray(y_true), floating(y_pred)
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"{what} compares one-hot targets with predictions of the same "
            f"shape; y_true has {y_true.shape} and y_pred {y_pred.shape}. For class numbers use "
            "'sparse_categorical_crossentropy'."
        )
    y_true = y_true.astype(y_pred.dtype)
    if label_smoothing:
        y_true = y_true * (1 - label_smoothing) + label_smoothing / y_pred.shape[axis]
    return y_true, y_pred


def class_numbers(y_true: Array, y_pred: Array, axis: int, what: str) -> Array:
    """Return the class of each sample as a whole number.

    Raises:
        ShapeError: if there is not one for each.
    """
    y_true = jnp.asarray(y_true)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    batch = y_pred.shape[:axis] + y_pred.shape[axis:][1:]
    if y_true.shape != batch:
        raise ShapeError(
            f"{what} wants a class number for each prediction: y_pred has "
            f"shape {y_pred.shape}, so y_true should have {batch}; it has {y_true.shape}. For "
            "one-hot targets use 'categorical_crossentropy'."
        )
    return y_true.astype("int32")


def of_class(values: Array, classes: Array, axis: int) -> Array:
    """Return the value of each sample's class; 0 for a class that there is not."""
    # Not taken by index: the gradient of that is a scatter, this is one with what is around it.
    numbers = jax.lax.broadcasted_iota("int32", values.shape, axis % values.ndim)
    return jnp.sum(jnp.where(numbers == jnp.expand_dims(classes, axis), values, 0), axis)


def binary_pair(y_true: Array, y_pred: Array, label_smoothing: float, what: str) -> tuple[Any, Any]:
    """Return targets, moved towards 1/2, and predictions of one shape."""
    y_true, y_pred = paired(y_true, y_pred, what)
    if label_smoothing:
        y_true = y_true * (1 - label_smoothing) + label_smoothing / 2
    return y_true, y_pred


def binary_values(y_true: Array, y_pred: Array, logits: Array | None) -> Array:
    """Return the cross-entropy of each value, from its logit where there is one."""
    if logits is not None:
        return jnp.maximum(logits, 0) - logits * y_true + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    p = jnp.clip(y_pred, config.epsilon(), 1 - config.epsilon())
    return -(y_true * jnp.log(p) + (1 - y_true) * jnp.log1p(-p))
