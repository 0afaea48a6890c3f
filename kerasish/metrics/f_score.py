"""Precision and recall in one number."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.settings import config
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.functional import align
from kerasish.metrics.base import Metric, metrics
from kerasish.metrics.counting import as_array, spread

__all__ = ["F1Score", "FBetaScore"]

_AVERAGES = (None, "micro", "macro", "weighted")
_SUMS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


@functools.partial(jax.jit, static_argnames=("threshold", "together", "dtype"))
def _counts(
    y_true: Array,
    y_pred: Array,
    sample_weight: Array | None,
    *,
    threshold: float | None,
    together: bool,
    dtype: str,
) -> tuple[Any, ...]:
    """Return the sums of a batch: for each class, or all together."""
    y_true, y_pred = jnp.asarray(y_true, dtype), jnp.asarray(y_pred, dtype)
    if threshold is None:
        # The largest of each sample, all of them if several are; but 0 predicts nothing.
        largest = jnp.max(y_pred, -1, keepdims=True)
        found = (y_pred >= largest) & (jnp.abs(y_pred) > 1e-9)
    else:
        found = y_pred > threshold
    found = found.astype(dtype)
    weight = spread(sample_weight, y_pred, dtype)
    terms = (found * y_true, found * (1 - y_true), (1 - found) * y_true, y_true)
    return tuple(jnp.sum(term * weight, None if together else 0) for term in terms)


@functools.partial(jax.jit, static_argnames=("square", "average", "epsilon"))
def _score(
    right: Array,
    alarms: Array,
    missed: Array,
    size: int,
    *,
    square: float,
    average: str | None,
    epsilon: float,
) -> Array:
    """Return the score of each class, or the mean that was asked for."""
    precision = right / (right + alarms + epsilon)
    recall = right / (right + missed + epsilon)
    scores = (1 + square) * precision * recall / (square * precision + recall + epsilon)
    if average == "weighted":
        return jnp.sum(scores * size / (jnp.sum(size) + epsilon))
    return jnp.mean(scores) if average == "macro" else scores


@metrics.register()
class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall.

    `(1 + beta**2) * precision * recall / (beta**2 * precision + recall)`, for
    each class, from targets and predictions `(batch, classes)`.

    Args:
        average: None for a value for each class; `"macro"` for their mean;
            `"weighted"` for their mean by the numbers of samples; `"micro"`
            for one value of the counts of all classes together.
        beta: how much more recall counts than precision.
        threshold: larger predictions mean positive; by default the largest one
            of each sample does.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if `average` is none of these, `beta` is not positive, or
            `threshold` is not above 0 and at most 1.
        ShapeError: if a batch is not of shape `(batch, classes)`.
        NotBuiltError: if asked for the result before the first batch.

    Examples:
        >>> metric = FBetaScore(beta=2.0, threshold=0.5)
        >>> y = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
        >>> p = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
        >>> [round(score, 4) for score in metric(y, p).tolist()]
        [0.3846, 0.9091, 0.8333]
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        if average not in _AVERAGES:
            raise ArgumentError(
                f"average must be None, 'micro', 'macro' or 'weighted'; got {average!r}."
            )
        if not (isinstance(beta, (int, float)) and beta > 0):
            raise ArgumentError(f"beta must be a positive number; got {beta!r}.")
        if threshold is not None and not (
            isinstance(threshold, (int, float)) and 0 < threshold <= 1
        ):
            raise ArgumentError(f"threshold must be above 0 and at most 1; got {threshold!r}.")
        super().__init__(dtype, name)
        self.average = average
        self.beta = float(beta)
        self.threshold = threshold

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        y_true, y_pred = outputs_of(self, y_true, y_pred)
        together = self.average == "micro"
        if not self.variables:
            for name in _SUMS:
                shape = () if together else y_pred.shape[1:]
                setattr(self, name, self.add_weight(shape, name=name))
        found = _counts(
            y_true,
            y_pred,
            as_array(sample_weight),
            threshold=self.threshold,
            together=together,
            dtype=self.dtype,
        )
        for name, value in zip(_SUMS, found, strict=True):
            getattr(self, name).assign_add(value)

    def result(self) -> PyTree:
        self._kerasish_check_built()
        sums = [getattr(self, name).value for name in _SUMS]
        return _score(*sums, square=self.beta**2, average=self.average, epsilon=config.epsilon())

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


def outputs_of(metric: Metric, y_true: Array, y_pred: Array) -> tuple[Any, Any]:
    """Return targets and predictions of shape `(batch, outputs)`.

    Raises:
        ShapeError: if that is not their shape.
    """
    y_true, y_pred = align(as_array(y_true), as_array(y_pred))
    if y_pred.ndim != 2 or y_true.shape != y_pred.shape:
        raise ShapeError(
            f"{type(metric).__name__} takes targets and predictions of shape (batch, outputs); "
            f"got {y_true.shape} and {y_pred.shape}."
        )
    return y_true, y_pred


@metrics.register()
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall, `(batch, classes) -> (classes,)` or one value.

    Args:
        average: None for a value for each class; `"macro"` for their mean;
            `"weighted"` for their mean by the numbers of samples; `"micro"`
            for one value of the counts of all classes together.
        threshold: larger predictions mean positive; by default the largest one
            of each sample does.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if `average` is none of these, or `threshold` is not
            above 0 and at most 1.
        ShapeError: if a batch is not of shape `(batch, classes)`.

    Examples:
        >>> metric = F1Score(average="macro", threshold=0.5)
        >>> y = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
        >>> p = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
        >>> round(float(metric(y, p)), 4)
        0.6556
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
