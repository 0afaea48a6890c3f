"""How many predictions are right and wrong, of either kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.core.variable import Variable
from kerasish.metrics.base import Metric, metrics
from kerasish.metrics.counting import as_array, confusion

__all__ = [
    "ConfusionMetric",
    "FalseNegatives",
    "FalsePositives",
    "TrueNegatives",
    "TruePositives",
    "threshold_list",
]


def threshold_list(thresholds: float | Sequence[float] | None, default: float = 0.5) -> list[float]:
    """Return thresholds as a list.

    Args:
        thresholds: a number from 0 to 1, several of them, or None.
        default: stands for None.

    Raises:
        ArgumentError: if there is none, or one is out of range.
    """
    if thresholds is None:
        return [default]
    found = [float(each) for each in np.ravel(thresholds)]
    if not found or not all(0 <= each <= 1 for each in found):
        raise ArgumentError(f"thresholds must be one or more numbers from 0 to 1; got {found}.")
    return found


class ConfusionMetric(Metric):
    """Adds up what is predicted rightly and wrongly at some thresholds.

    Args:
        thresholds: larger predictions mean positive.
        name: a name.
        dtype: the dtype of the counts.
    """

    def __init__(self, thresholds: list[float], name: str | None, dtype: DTypeLike | None) -> None:
        super().__init__(dtype, name)
        self.thresholds = thresholds
        self._sums: dict[str, Variable] = {}

    def declare(self, kind: str, labels: tuple[int, ...] = (), name: str | None = None) -> Variable:
        """Declare the sum of one of the four kinds of counts, for each threshold and label."""
        self._sums[kind] = self.add_weight((len(self.thresholds), *labels), name=name or kind)
        return self._sums[kind]

    def count(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None, **settings: Any
    ) -> None:
        """Add a batch to the sums; see `confusion` for the settings."""
        counts = confusion(
            *map(as_array, (y_true, y_pred, sample_weight)),
            thresholds=tuple(self.thresholds),
            dtype=self.dtype,
            **settings,
        )
        for kind, variable in self._sums.items():
            variable.assign_add(getattr(counts, kind))

    def one_or_all(self, values: Array) -> Any:
        """Return the value of the only threshold, or one for each."""
        return values[0] if len(self.thresholds) == 1 else values


def plain(thresholds: float | Sequence[float] | None) -> Any:
    """Return thresholds as they may stand in a file."""
    return np.asarray(thresholds).tolist() if hasattr(thresholds, "shape") else thresholds


class _Count(ConfusionMetric):
    """One of the four counts."""

    kind: str

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(threshold_list(thresholds), name, dtype)
        self.init_thresholds = plain(thresholds)
        self.accumulator = self.declare(self.kind, name="accumulator")

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        self.count(y_true, y_pred, sample_weight)

    def result(self) -> PyTree:
        return self.one_or_all(self.accumulator.value)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"thresholds": self.init_thresholds}


@metrics.register()
class TruePositives(_Count):
    """How many positive samples were predicted to be so, by their weights.

    Args:
        thresholds: a prediction larger than this means positive; 0.5 by
            default. With several there is a count for each.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if a threshold is not from 0 to 1.

    Examples:
        >>> metric = TruePositives()
        >>> float(metric([0, 1, 1, 1], [0.9, 0.8, 0.7, 0.2]))
        2.0
        >>> metric = TruePositives(thresholds=[0.1, 0.75])
        >>> metric([0, 1, 1, 1], [0.9, 0.8, 0.7, 0.2]).tolist()
        [3.0, 1.0]
    """

    kind = "true_positives"


@metrics.register()
class FalsePositives(_Count):
    """How many negative samples were predicted to be positive, by their weights.

    Args:
        thresholds: a prediction larger than this means positive; 0.5 by
            default. With several there is a count for each.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if a threshold is not from 0 to 1.

    Examples:
        >>> metric = FalsePositives()
        >>> float(metric([0, 0, 1, 1], [0.9, 0.3, 0.7, 0.2]))
        1.0
    """

    kind = "false_positives"


@metrics.register()
class TrueNegatives(_Count):
    """How many negative samples were predicted to be so, by their weights.

    Args:
        thresholds: a prediction larger than this means positive; 0.5 by
            default. With several there is a count for each.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if a threshold is not from 0 to 1.

    Examples:
        >>> metric = TrueNegatives()
        >>> float(metric([0, 0, 0, 1], [0.9, 0.3, 0.1, 0.2]))
        2.0
    """

    kind = "true_negatives"


@metrics.register()
class FalseNegatives(_Count):
    """How many positive samples were predicted to be negative, by their weights.

    Args:
        thresholds: a prediction larger than this means positive; 0.5 by
            default. With several there is a count for each.
        name: a name.
        dtype: the dtype of the counts.

    Raises:
        ArgumentError: if a threshold is not from 0 to 1.

    Examples:
        >>> metric = FalseNegatives()
        >>> float(metric([0, 1, 1, 1], [0.9, 0.3, 0.1, 0.7], sample_weight=[1, 1, 0.5, 1]))
        1.5
    """

    kind = "false_negatives"
