"""The best of one rate where another is as good as it must be."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.metrics.base import metrics
from kerasish.metrics.confusion import ConfusionMetric
from kerasish.metrics.counting import Counts, ratio

__all__ = [
    "PrecisionAtRecall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
]

# Each rate is a count among itself and another.
_RATES = {
    "sensitivity": ("true_positives", "false_negatives"),
    "recall": ("true_positives", "false_negatives"),
    "specificity": ("true_negatives", "false_positives"),
    "precision": ("true_positives", "false_positives"),
}


@functools.partial(jax.jit, static_argnames=("wanted", "required"))
def _best(counts: Counts, value: Array, *, wanted: str, required: str) -> Any:
    """Return the highest rate at the thresholds where the other one suffices, else 0."""
    rates = {}
    for name in (wanted, required):
        part, rest = (getattr(counts, kind) for kind in _RATES[name])
        rates[name] = ratio(part, part + rest)
    return jnp.max(jnp.where(rates[required] >= value, rates[wanted], 0))


class _AtRate(ConfusionMetric):
    """The best of one rate where another has a value; subclasses say which.

    Args:
        value: what the other rate must be, from 0 to 1.
        num_thresholds: how many thresholds to choose from.
        class_id: the only class that counts.
        name: a name.
        dtype: the dtype of the counts.
    """

    wanted: str
    required: str

    def __init__(
        self,
        value: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: DTypeLike | None,
    ) -> None:
        if not 0 <= value <= 1:
            raise ArgumentError(f"{self.required} must be from 0 to 1; got {value}.")
        # A file may say any number, and they are all made at once.
        if not 1 <= num_thresholds <= 10**6:
            raise ArgumentError(
                f"num_thresholds must be at least 1, and at most 10**6; got {num_thresholds}."
            )
        last = num_thresholds - 1
        thresholds = [i / last for i in range(num_thresholds)] if last else [0.5]
        super().__init__(thresholds, name, dtype)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        for kind in Counts._fields:
            setattr(self, kind, self.declare(kind))

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        self.count(y_true, y_pred, sample_weight, class_id=self.class_id)

    def result(self) -> PyTree:
        counts = Counts(*(variable.value for variable in self._sums.values()))
        return _best(counts, self.value, wanted=self.wanted, required=self.required)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self.required: self.value,
        }


@metrics.register()
class SensitivityAtSpecificity(_AtRate):
    """The best share of positives found, where enough negatives are known as such.

    Args:
        specificity: the share of negatives that must be predicted to be so.
        num_thresholds: how many thresholds, evenly spaced from 0 to 1.
        class_id: the only class on the last axis that counts.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if `specificity` is not from 0 to 1, or there are no thresholds.

    Examples:
        >>> metric = SensitivityAtSpecificity(0.5)
        >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    wanted, required = "sensitivity", "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


@metrics.register()
class SpecificityAtSensitivity(_AtRate):
    """The best share of negatives known as such, where enough positives are found.

    Args:
        sensitivity: the share of positives that must be found.
        num_thresholds: how many thresholds, evenly spaced from 0 to 1.
        class_id: the only class on the last axis that counts.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if `sensitivity` is not from 0 to 1, or there are no thresholds.

    Examples:
        >>> metric = SpecificityAtSensitivity(0.5)
        >>> round(float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.6667
    """

    wanted, required = "specificity", "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


@metrics.register()
class PrecisionAtRecall(_AtRate):
    """The best precision, where enough positives are found.

    Args:
        recall: the share of positives that must be found.
        num_thresholds: how many thresholds, evenly spaced from 0 to 1.
        class_id: the only class on the last axis that counts.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if `recall` is not from 0 to 1, or there are no thresholds.

    Examples:
        >>> metric = PrecisionAtRecall(0.5)
        >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    wanted, required = "precision", "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


@metrics.register()
class RecallAtPrecision(_AtRate):
    """The best share of positives found, where enough of what is found is positive.

    Args:
        precision: the share of the predicted positives that must be positive.
        num_thresholds: how many thresholds, evenly spaced from 0 to 1.
        class_id: the only class on the last axis that counts.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if `precision` is not from 0 to 1, or there are no thresholds.

    Examples:
        >>> metric = RecallAtPrecision(0.8)
        >>> float(metric([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.5
    """

    wanted, required = "recall", "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
