"""Cross-entropies: how surprising the targets are under the predictions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core import config
from kerasish.core.errors import ShapeError
from kerasish.core.scope import annotation
from kerasish.criteria.alignment import align, same_shape

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
]


def _logits(y_pred: Any, from_logits: bool, link: str) -> Any:
    """Return the logits of a prediction: itself, or what softmax or sigmoid made it from."""
    if from_logits:
        return y_pred
    logits = annotation(y_pred, f"{link}_logits")
    return None if logits is None else logits.astype(y_pred.dtype)


def _log_probabilities(y_pred: Any, from_logits: bool, axis: int) -> Any:
    logits = _logits(y_pred, from_logits, "softmax")
    if logits is not None:
        return jax.nn.log_softmax(logits, axis)
    # Probabilities without logits: a zero must not become an infinite loss.
    y_pred = y_pred / jnp.sum(y_pred, axis, keepdims=True)
    return jnp.log(jnp.clip(y_pred, config.epsilon(), 1 - config.epsilon()))


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`-sum(y_true * log(y_pred))` for each sample.

    Args:
        y_true: probabilities, usually one-hot: `(batch, ..., classes)`.
        y_pred: probabilities, or logits: `(batch, ..., classes)`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: this share of each target is spread over all classes.
        axis: the axis of the classes.

    Returns:
        `(batch, ...)`.

    Example:
        >>> y = jnp.array([[0.0, 1.0]])
        >>> float(categorical_crossentropy(y, jnp.array([[0.5, 0.5]]))[0])
        0.6931471824645996
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"categorical_crossentropy compares one-hot targets with predictions of the same "
            f"shape; y_true has {y_true.shape} and y_pred {y_pred.shape}. For class numbers use "
            "'sparse_categorical_crossentropy'."
        )
    y_true = y_true.astype(y_pred.dtype)
    if label_smoothing:
        y_true = y_true * (1 - label_smoothing) + label_smoothing / y_pred.shape[axis]
    return -jnp.sum(y_true * _log_probabilities(y_pred, from_logits, axis), axis)


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Any:
    """`-log(y_pred[y_true])` for each sample.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: probabilities, or logits: `(batch, ..., classes)`.
        from_logits: whether `y_pred` are logits.
        ignore_class: a class number whose samples have loss 0.
        axis: the axis of the classes.

    Returns:
        `(batch, ...)`.

    Raises:
        ShapeError: if the shapes do not fit.
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    batch = y_pred.shape[:axis] + y_pred.shape[axis:][1:]
    if y_true.shape != batch:
        raise ShapeError(
            f"sparse_categorical_crossentropy wants a class number for each prediction: y_pred has "
            f"shape {y_pred.shape}, so y_true should have {batch}; it has {y_true.shape}. For "
            "one-hot targets use 'categorical_crossentropy'."
        )
    classes = y_true.astype("int32")
    log_p = _log_probabilities(y_pred, from_logits, axis)
    known = jnp.expand_dims(jnp.clip(classes, 0, y_pred.shape[axis] - 1), axis)
    # Not taken by index: the gradient of that is a scatter, this is one with what is around it.
    numbers = jax.lax.broadcasted_iota("int32", log_p.shape, axis % log_p.ndim)
    values = -jnp.sum(jnp.where(numbers == known, log_p, 0), axis)
    return values if ignore_class is None else jnp.where(classes == ignore_class, 0, values)


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)`, averaged over `axis`.

    Args:
        y_true: 0 or 1: `(batch, ..., n)`.
        y_pred: the probability of 1, or its logit: `(batch, ..., n)`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: moves the targets this far towards 1/2.
        axis: the axis to average over.

    Returns:
        `(batch, ...)`.
    """
    y_true, y_pred = align(jnp.asarray(y_true), jnp.asarray(y_pred))
    same_shape(y_true, y_pred, "binary_crossentropy")
    y_true = y_true.astype(y_pred.dtype)
    if label_smoothing:
        y_true = y_true * (1 - label_smoothing) + label_smoothing / 2
    logits = _logits(y_pred, from_logits, "sigmoid")
    if logits is not None:
        values = jnp.maximum(logits, 0) - logits * y_true + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    else:
        p = jnp.clip(y_pred, config.epsilon(), 1 - config.epsilon())
        values = -(y_true * jnp.log(p) + (1 - y_true) * jnp.log1p(-p))
    return jnp.mean(values, axis)
