"""Cross-entropies that ask more of hard samples, or less."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.functional.alignment import floating
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
    "binary_focal_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
]


def binary_focal_crossentropy(
    y_true: Array,
    y_pred: Array,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """`(1 - p)**gamma` times the binary cross-entropy, `p` the probability of what is true.

    Args:
        y_true: 0 or 1: `(batch, ..., n)`.
        y_pred: the probability of 1, or its logit: `(batch, ..., n)`.
        apply_class_balancing: whether each of the two classes has a factor.
        alpha: the factor of 1 then; that of 0 is `1 - alpha`.
        gamma: how little an easy sample counts; with 0 all count the same.
        from_logits: whether `y_pred` are logits.
        label_smoothing: moves the targets this far towards 1/2.
        axis: the axis to average over.

    Returns:
        `(batch, ...)`.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> y, p = jnp.array([[1.0], [1.0]]), jnp.array([[0.5], [0.9]])
        >>> print(binary_focal_crossentropy(y, p).round(2))
        [0.17 0.  ]

    References:
        Lin et al., 2017, Focal Loss for Dense Object Detection.
    """
    y_true, y_pred = binary_pair(y_true, y_pred, label_smoothing, "binary_focal_crossentropy")
    logits = logits_of(y_pred, from_logits, "sigmoid")
    p = y_pred if logits is None else jax.nn.sigmoid(logits)
    values = binary_values(y_true, y_pred, logits)
    values *= _focus(y_true * (1 - p) + (1 - y_true) * p, gamma)
    if apply_class_balancing:
        values *= y_true * alpha + (1 - y_true) * (1 - alpha)
    return jnp.mean(values, axis)


def categorical_focal_crossentropy(
    y_true: Array,
    y_pred: Array,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """`-sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred))` for each sample.

    Args:
        y_true: probabilities, usually one-hot: `(batch, ..., classes)`.
        y_pred: probabilities, or logits: `(batch, ..., classes)`.
        alpha: a factor, or one for each class.
        gamma: how little an easy sample counts; with 0 all count the same.
        from_logits: whether `y_pred` are logits.
        label_smoothing: this share of each target is spread over all classes.
        axis: the axis of the classes.

    Returns:
        `(batch, ...)`.

    Raises:
        ShapeError: if the shapes do not fit, or `alpha` not the number of classes.

    Examples:
        >>> y, p = jnp.array([[0.0, 1.0], [0.0, 1.0]]), jnp.array([[0.5, 0.5], [0.1, 0.9]])
        >>> print(categorical_focal_crossentropy(y, p, alpha=[0.0, 1.0]).round(2))
        [0.17 0.  ]

    References:
        Lin et al., 2017, Focal Loss for Dense Object Detection.
    """
    y_true, y_pred = one_hot_pair(
        y_true, y_pred, label_smoothing, axis, "categorical_focal_crossentropy"
    )
    log_p = log_probabilities(y_pred, from_logits, axis)
    factor = _factors(alpha, y_pred, axis) * _focus(-jnp.expm1(log_p), gamma)
    return -jnp.sum(factor * y_true * log_p, axis)


def categorical_generalized_cross_entropy(y_true: Array, y_pred: Array, q: float) -> Array:
    """`(1 - y_pred[y_true]**q) / q` for each sample: wrong labels among the targets do less harm.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: probabilities: `(batch, ..., classes)`.
        q: between 0, where it is the cross-entropy, and 1, where it is the absolute error.

    Returns:
        `(batch, ...)`.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> p = jnp.array([[0.75, 0.25]])
        >>> categorical_generalized_cross_entropy(jnp.array([1]), p, q=0.5).tolist()
        [1.0]

    References:
        Zhang and Sabuncu, 2018, Generalized Cross Entropy Loss for Training Deep Neural
        Networks with Noisy Labels.
    """
    y_pred = floating(y_pred)
    classes = class_numbers(y_true, y_pred, -1, "categorical_generalized_cross_entropy")
    logits = logits_of(y_pred, False, "softmax")
    if logits is not None:
        return (1 - of_class(jnp.exp(q * jax.nn.log_softmax(logits)), classes, -1)) / q
    p = of_class(y_pred, classes, -1)
    # The slope of a root at 0 is infinite.
    return (1 - jnp.where(p > 0, jnp.where(p > 0, p, 1) ** q, 0)) / q


def _focus(wrong: Array, gamma: float) -> Array:
    """Return `wrong**gamma`, with a slope that is finite at 0 for `gamma` below 1 too."""
    return jnp.maximum(wrong, config.epsilon()) ** gamma


def _factors(alpha: float | Sequence[float], y_pred: Array, axis: int) -> Array:
    """Return `alpha`, one for each class along their axis."""
    factors = jnp.asarray(alpha, y_pred.dtype)
    if factors.ndim == 0:
        return factors
    if factors.shape != (y_pred.shape[axis],):
        raise ShapeError(
            f"alpha must be a number or one for each of the {y_pred.shape[axis]} classes; "
            f"it has shape {factors.shape}."
        )
    return jnp.expand_dims(factors, [i for i in range(y_pred.ndim) if i != axis % y_pred.ndim])
