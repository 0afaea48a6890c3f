"""How surprising the targets are under the predictions."""

from __future__ import annotations

import jax.numpy as jnp

from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.functional.alignment import counted_by, floating, paired
from kerasish.functional.entropy import (
    binary_pair,
    binary_values,
    class_numbers,
    log_probabilities,
    logits_of,
    of_class,
    one_hot_pair,
)

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "kl_divergence",
    "poisson",
    "sparse_categorical_crossentropy",
]


def categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """`-sum(y_true * log(y_pred))` for each sample.

    Args:
        y_true: probabilities, usually one-hot: `(batch, ..., classes)`.
        y_pred: probabilities, or logits: `(batch, ..., classes)`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: this share of each target is spread over all classes.
        axis: the axis of the classes.

    Returns:
        `(batch, ...)`.

    Examples:
        >>> y = jnp.array([[0.0, 1.0]])
        >>> float(categorical_crossentropy(y, jnp.array([[0.5, 0.5]]))[0])
        0.6931471824645996
    """
    y_true, y_pred = one_hot_pair(y_true, y_pred, label_smoothing, axis, "categorical_crossentropy")
    return -jnp.sum(y_true * log_probabilities(y_pred, from_logits, axis), axis)


def _known(y_true: Array, ignore_class: int | None = None, **_: object) -> Array | None:
    return None if ignore_class is None else y_true != ignore_class


@counted_by(_known)
def sparse_categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Array:
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

    Examples:
        >>> float(sparse_categorical_crossentropy(jnp.array([1]), jnp.array([[0.5, 0.5]]))[0])
        0.6931471824645996
    """
    y_pred = floating(y_pred)
    classes = class_numbers(y_true, y_pred, axis, "sparse_categorical_crossentropy")
    known = jnp.clip(classes, 0, y_pred.shape[axis] - 1)
    values = -of_class(log_probabilities(y_pred, from_logits, axis), known, axis)
    return values if ignore_class is None else jnp.where(classes == ignore_class, 0, values)


def binary_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """`-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)`, averaged over `axis`.

    Args:
        y_true: 0 or 1: `(batch, ..., n)`.
        y_pred: the probability of 1, or its logit: `(batch, ..., n)`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: moves the targets this far towards 1/2.
        axis: the axis to average over.

    Returns:
        `(batch, ...)`.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> float(binary_crossentropy(jnp.array([[1.0]]), jnp.array([[0.5]]))[0])
        0.6931471824645996
    """
    y_true, y_pred = binary_pair(y_true, y_pred, label_smoothing, "binary_crossentropy")
    logits = logits_of(y_pred, from_logits, "sigmoid")
    return jnp.mean(binary_values(y_true, y_pred, logits), axis)


def kl_divergence(y_true: Array, y_pred: Array) -> Array:
    """`sum(y_true * log(y_true / y_pred))` over the last axis (Kullback and Leibler, 1951).

    Values out of `epsilon()` to 1 count as the nearest of these.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Args:
        y_true: probabilities.
        y_pred: probabilities.

    Examples:
        >>> print(kl_divergence(jnp.array([[0.0, 1.0]]), jnp.array([[0.5, 0.5]])).round(3))
        [0.693]
    """
    pair = paired(y_true, y_pred, "kl_divergence")
    y_true, y_pred = (jnp.clip(each, config.epsilon(), 1) for each in pair)
    return jnp.sum(y_true * jnp.log(y_true / y_pred), -1)


def poisson(y_true: Array, y_pred: Array) -> Array:
    """`mean(y_pred - y_true * log(y_pred))` over the last axis.

    It is smallest where `y_pred` is the rate at which the counts `y_true` come.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Args:
        y_true: counts.
        y_pred: rates, above 0.

    Examples:
        >>> print(poisson(jnp.array([[3.0]]), jnp.array([[1.0]])).round(3))
        [1.]
    """
    y_true, y_pred = paired(y_true, y_pred, "poisson")
    return jnp.mean(y_pred - y_true * jnp.log(y_pred + config.epsilon()), -1)
