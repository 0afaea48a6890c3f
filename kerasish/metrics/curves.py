"""The area under a curve of what is found against what it costs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.metrics.base import metrics
from kerasish.metrics.confusion import ConfusionMetric, threshold_list
from kerasish.metrics.counting import Counts, as_array, ratio

__all__ = ["AUC"]

# The height of the curve between two of its points.
_HEIGHTS: dict[str, Callable[[Any, Any], Any]] = {
    "interpolation": lambda a, b: (a + b) / 2,
    "minoring": jnp.minimum,
    "majoring": jnp.maximum,
}


def _roc(n: Counts) -> tuple[Any, Any]:
    """Return the share of negatives that are taken for positives, and that of positives found."""
    return (
        ratio(n.false_positives, n.false_positives + n.true_negatives),
        ratio(n.true_positives, n.true_positives + n.false_negatives),
    )


def _pr(n: Counts) -> tuple[Any, Any]:
    """Return recall and precision."""
    return (
        ratio(n.true_positives, n.true_positives + n.false_negatives),
        ratio(n.true_positives, n.true_positives + n.false_positives),
    )


def _pr_gain(n: Counts) -> tuple[Any, Any]:
    """Return recall and precision as gains over taking everything for positive, 0 at least."""
    positives = n.true_positives + n.false_negatives
    odds = ratio(positives, n.false_positives + n.true_negatives)
    recall, precision = (
        jnp.maximum(1 - odds * ratio(wrong, n.true_positives), 0)
        for wrong in (n.false_negatives, n.false_positives)
    )
    return jnp.where(n.true_positives == 0, 0, recall), precision


_CURVES = {"ROC": _roc, "PR": _pr, "PRGAIN": _pr_gain}


def _interpolated_pr(n: Counts) -> Array:
    """Return the area under precision and recall, with true positives interpolated linearly.

    Between two points precision does not go straight: what does is the number
    of true positives, in the number of predicted ones.
    """
    predicted = n.true_positives + n.false_positives
    right = n.true_positives[:-1] - n.true_positives[1:]
    slope = ratio(right, jnp.maximum(predicted[:-1] - predicted[1:], 0))
    start = n.true_positives[1:] - slope * predicted[1:]
    growing = (predicted[:-1] > 0) & (predicted[1:] > 0)
    growth = jnp.where(growing, ratio(predicted[:-1], predicted[1:]), 1)
    # Of both ends of the piece the number of positives is the same.
    positives = jnp.maximum(n.true_positives[1:] + n.false_negatives[1:], 0)
    return jnp.sum(ratio(slope * (right + start * jnp.log(growth)), positives), 0)


@functools.partial(jax.jit, static_argnames=("curve", "summation_method"))
def _area(
    counts: Counts, label_weights: Array | None, *, curve: str, summation_method: str
) -> Array:
    """Return the area under a curve; the mean of those of all labels, if they are apart."""
    if curve == "PR" and summation_method == "interpolation":
        areas = _interpolated_pr(counts)
    else:
        x, y = _CURVES[curve](counts)
        areas = jnp.sum((x[:-1] - x[1:]) * _HEIGHTS[summation_method](y[:-1], y[1:]), 0)
    if areas.ndim == 0 or label_weights is None:
        return jnp.mean(areas)
    result: Array = ratio(jnp.sum(areas * label_weights), jnp.sum(label_weights))
    return result


@metrics.register()
class AUC(ConfusionMetric):
    """The area under the ROC curve, or another, drawn through a number of thresholds.

    Each threshold gives a point of the curve: for ROC, the share of positives
    found over the share of negatives taken for positives. An area of 1 means
    that some threshold separates the two; guessing gives 0.5.

    Args:
        num_thresholds: how many thresholds, evenly spaced from 0 to 1.
        curve: `"ROC"`; `"PR"` for precision over recall; `"PRGAIN"` for their
            gains over taking everything for positive.
        summation_method: the height of the curve between two points:
            `"interpolation"`, or their smaller (`"minoring"`) or larger
            (`"majoring"`) one.
        name: a name.
        dtype: the dtype of the counts.
        thresholds: thresholds from 0 to 1 instead of evenly spaced ones; one
            below and one above all predictions are added.
        multi_label: whether each place on the last axis is a label with a
            curve of its own, `(batch, labels)`; the result is their mean.
        num_labels: how many labels; known from the first batch by default.
        label_weights: how much each label counts: in the mean of the areas, or
            without `multi_label` in the counts.
        from_logits: whether predictions are logits.

    Raises:
        ArgumentError: if an argument is none of these.
        ShapeError: if a batch does not have the labels that it should.

    Examples:
        >>> metric = AUC(num_thresholds=3)
        >>> float(metric([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.75

    References:
        J. Davis, M. Goadrich: The Relationship Between Precision-Recall and
        ROC Curves, 2006 (interpolation of `"PR"`); P. Flach, M. Kull:
        Precision-Recall-Gain Curves, 2015.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        thresholds: float | Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        self.curve, self.summation_method = str(curve).upper(), str(summation_method).lower()
        _check_choice("curve", self.curve, _CURVES)
        _check_choice("summation_method", self.summation_method, _HEIGHTS)
        if num_labels is not None and not multi_label:
            raise ArgumentError("num_labels is for multi_label=True; leave it out, or set that.")
        inner = _inner_thresholds(num_thresholds, thresholds)
        # One that all predictions exceed, also 0, and one that none does.
        super().__init__([-1e-7, *inner, 1 + 1e-7], name, dtype)
        self.num_thresholds = len(self.thresholds)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits
        self._given = inner if thresholds is not None else None
        if not multi_label:
            self._declare(())
        elif num_labels is not None:
            self._declare((num_labels,))

    def _declare(self, labels: tuple[int, ...]) -> None:
        if labels and self.label_weights is not None and len(self.label_weights) != labels[0]:
            raise ShapeError(f"{len(self.label_weights)} label_weights for {labels[0]} labels.")
        for kind in Counts._fields:
            setattr(self, kind, self.declare(kind, labels))

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        y_pred = as_array(y_pred)
        if self.multi_label:
            self._check_labels(y_pred)
        if self.from_logits:
            y_pred = jax.nn.sigmoid(jnp.asarray(y_pred, self.dtype))
        row = None if self.multi_label else as_array(self.label_weights)
        self.count(y_true, y_pred, sample_weight, label_weights=row, by_label=self.multi_label)

    def _check_labels(self, y_pred: Array) -> None:
        if not self._sums and y_pred.ndim == 2:
            self._declare(y_pred.shape[1:])
        if y_pred.ndim != 2 or y_pred.shape[1:] != self._sums["true_positives"].shape[1:]:
            labels = self._sums["true_positives"].shape[1] if self._sums else "labels"
            raise ShapeError(
                f"AUC with multi_label takes predictions of shape (batch, {labels}); "
                f"got {y_pred.shape}."
            )

    def result(self) -> PyTree:
        self._kerasish_check_built()
        return _area(
            Counts(*(variable.value for variable in self._sums.values())),
            None if self.label_weights is None else jnp.asarray(self.label_weights, self.dtype),
            curve=self.curve,
            summation_method=self.summation_method,
        )

    def get_config(self) -> dict[str, Any]:
        weights = as_array(self.label_weights)
        config = super().get_config() | {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if weights is None else weights.tolist(),
            "from_logits": self.from_logits,
        }
        return config if self._given is None else config | {"thresholds": self._given}


def _check_choice(what: str, choice: str, choices: Any) -> None:
    if choice not in choices:
        raise ArgumentError(f"{what} must be one of {', '.join(choices)}; got {choice!r}.")


def _inner_thresholds(number: int, given: Any) -> list[float]:
    """Return the thresholds between the lowest and the highest."""
    if given is not None:
        return sorted(threshold_list(given))
    # A file may say any number, and they are all made at once.
    if not 2 <= number <= 10**6:
        raise ArgumentError(f"num_thresholds must be at least 2, and at most 10**6; got {number}.")
    return [i / (number - 1) for i in range(1, number - 1)]
