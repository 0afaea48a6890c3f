"""How much of what was predicted is so, and how much of what is so was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.metrics.base import metrics
from kerasish.metrics.confusion import ConfusionMetric, plain, threshold_list
from kerasish.metrics.counting import ratio

__all__ = ["Precision", "Recall"]

# A threshold that every prediction exceeds.
_ANY = -1e10


class _ShareOfTruePositives(ConfusionMetric):
    """True positives among themselves and one kind of mistakes."""

    mistakes: str

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        if top_k is not None and top_k < 1:
            raise ArgumentError(f"top_k must be at least 1, or None; got {top_k}.")
        # What is among the largest is positive, unless there are thresholds as well.
        super().__init__(threshold_list(thresholds, 0.5 if top_k is None else _ANY), name, dtype)
        self.init_thresholds = plain(thresholds)
        self.top_k = top_k
        self.class_id = class_id
        self.true_positives = self.declare("true_positives")
        setattr(self, self.mistakes, self.declare(self.mistakes))

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        self.count(y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id)

    def result(self) -> PyTree:
        right, wrong = (variable.value for variable in self._sums.values())
        return self.one_or_all(ratio(right, right + wrong))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


@metrics.register()
class Precision(_ShareOfTruePositives):
    """The share of the predicted positives that are positive; 0 if there are none.

    Args:
        thresholds: a prediction larger than this means positive; 0.5 by
            default. With several there is a value for each.
        top_k: only so many predictions of a sample, the largest, are positive;
            all of them where no thresholds are given.
        class_id: the only class on the last axis that counts.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if a threshold is not from 0 to 1, or `top_k` is less than 1.
        ShapeError: if a batch has fewer classes than `top_k`, or no `class_id`.

    Examples:
        >>> metric = Precision()
        >>> float(metric([0, 1, 1, 0], [0.9, 0.8, 0.7, 0.6]))
        0.5
        >>> metric = Precision(top_k=2)
        >>> float(metric([[0, 1, 1, 1]], [[0.9, 0.8, 0.7, 0.6]]))
        0.5
    """

    mistakes = "false_positives"


@metrics.register()
class Recall(_ShareOfTruePositives):
    """The share of the positives that were predicted to be so; 0 if there are none.

    Args:
        thresholds: a prediction larger than this means positive; 0.5 by
            default. With several there is a value for each.
        top_k: only so many predictions of a sample, the largest, are positive;
            all of them where no thresholds are given.
        class_id: the only class on the last axis that counts.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if a threshold is not from 0 to 1, or `top_k` is less than 1.
        ShapeError: if a batch has fewer classes than `top_k`, or no `class_id`.

    Examples:
        >>> metric = Recall()
        >>> float(metric([0, 1, 1, 1], [0.9, 0.3, 0.7, 0.1], sample_weight=[1, 1, 2, 1]))
        0.5
    """

    mistakes = "false_negatives"
