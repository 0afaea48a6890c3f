"""Errors of predictions of numbers, as metrics."""

from __future__ import annotations

import jax.numpy as jnp

from kerasish.core.types import DTypeLike, PyTree
from kerasish.functional import (
    cosine,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.metrics.base import metrics
from kerasish.metrics.reduction import MeanMetricWrapper

__all__ = [
    "CosineSimilarity",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "RootMeanSquaredError",
]

# There is no class of these.
metrics.register()(huber)
metrics.register()(log_cosh)


@metrics.register("mse", "MSE")
class MeanSquaredError(MeanMetricWrapper):
    """The mean of the squares of the errors.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = MeanSquaredError()
        >>> metric.update_state([[0.0], [1.0]], [[2.0], [1.0]])
        >>> round(float(metric.result()), 3)
        2.0
    """

    def __init__(self, name: str = "mean_squared_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


@metrics.register("mae", "MAE")
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of the absolute errors.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = MeanAbsoluteError()
        >>> metric.update_state([[0.0], [1.0]], [[2.0], [1.0]])
        >>> round(float(metric.result()), 3)
        1.0
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


@metrics.register()
class RootMeanSquaredError(MeanMetricWrapper):
    """The root of the mean of the squares of the errors.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = RootMeanSquaredError()
        >>> metric.update_state([[0.0], [1.0]], [[2.0], [1.0]])
        >>> round(float(metric.result()), 3)
        1.414
    """

    def __init__(
        self, name: str = "root_mean_squared_error", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(mean_squared_error, name, dtype)

    def result(self) -> PyTree:
        return jnp.sqrt(super().result())


@metrics.register("mape", "MAPE")
class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of the absolute errors in percent of the targets.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = MeanAbsolutePercentageError()
        >>> metric.update_state([[2.0], [4.0]], [[1.0], [4.0]])
        >>> round(float(metric.result()), 3)
        25.0
    """

    def __init__(
        self, name: str = "mean_absolute_percentage_error", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


@metrics.register("msle", "MSLE")
class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of the squares of the errors of `log(y + 1)`: errors count by their ratio.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = MeanSquaredLogarithmicError()
        >>> metric.update_state([[0.0], [1.0]], [[1.0], [1.0]])
        >>> round(float(metric.result()), 3)
        0.24
    """

    def __init__(
        self, name: str = "mean_squared_logarithmic_error", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


@metrics.register()
class LogCoshError(MeanMetricWrapper):
    """The mean of `log(cosh(error))`: a square for small errors, a line for large ones.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = LogCoshError()
        >>> metric.update_state([[0.0], [0.0]], [[0.0], [2.0]])
        >>> round(float(metric.result()), 3)
        0.663
    """

    def __init__(self, name: str = "logcosh", dtype: DTypeLike | None = None) -> None:
        super().__init__(log_cosh, name, dtype)


@metrics.register()
class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between targets and predictions: 1 where they agree.

    The loss of that name has the opposite sign.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        axis: the axis of the vectors.

    Examples:
        >>> metric = CosineSimilarity()
        >>> metric.update_state([[3.0, 4.0]], [[1.0, 0.0]])
        >>> round(float(metric.result()), 3)
        0.6
    """

    def __init__(
        self, name: str = "cosine_similarity", dtype: DTypeLike | None = None, axis: int = -1
    ) -> None:
        super().__init__(cosine, name, dtype, axis=axis)
