"""Margins as metrics."""

from __future__ import annotations

from kerasish.core.types import DTypeLike
from kerasish.functional import categorical_hinge, hinge, squared_hinge
from kerasish.metrics.base import metrics
from kerasish.metrics.reduction import MeanMetricWrapper

__all__ = ["CategoricalHinge", "Hinge", "SquaredHinge"]


@metrics.register()
class Hinge(MeanMetricWrapper):
    """The mean of `max(1 - y_true * y_pred, 0)`; targets are -1 or 1, or 0 or 1.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = Hinge()
        >>> metric.update_state([[1], [0]], [[0.5], [-3.0]])
        >>> round(float(metric.result()), 3)
        0.25
    """

    def __init__(self, name: str = "hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(hinge, name, dtype)


@metrics.register()
class SquaredHinge(MeanMetricWrapper):
    """The mean of `max(1 - y_true * y_pred, 0)**2`; targets are -1 or 1, or 0 or 1.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = SquaredHinge()
        >>> metric.update_state([[1], [0]], [[0.5], [-3.0]])
        >>> round(float(metric.result()), 3)
        0.125
    """

    def __init__(self, name: str = "squared_hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(squared_hinge, name, dtype)


@metrics.register()
class CategoricalHinge(MeanMetricWrapper):
    """The mean of what the right score lacks to be larger by 1 than all others.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = CategoricalHinge()
        >>> metric.update_state([[0, 1], [0, 1]], [[0.5, 1.0], [0.0, 2.0]])
        >>> round(float(metric.result()), 3)
        0.25
    """

    def __init__(self, name: str = "categorical_hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(categorical_hinge, name, dtype)
