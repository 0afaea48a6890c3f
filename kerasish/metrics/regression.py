"""Errors of predictions of numbers, as metrics."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.criteria import mean_absolute_error, mean_squared_error
from kerasish.metrics.base import metrics
from kerasish.metrics.reduction import MeanMetricWrapper

__all__ = ["MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError"]

metrics.register()(mean_squared_error)
metrics.register()(mean_absolute_error)


@metrics.register("mse", "MSE")
class MeanSquaredError(MeanMetricWrapper):
    """The mean of the squares of the errors.

    Args:
        name: a name.
        dtype: the dtype of the sums.
    """

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


@metrics.register("mae", "MAE")
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of the absolute errors.

    Args:
        name: a name.
        dtype: the dtype of the sums.
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


@metrics.register()
class RootMeanSquaredError(MeanMetricWrapper):
    """The root of the mean of the squares of the errors.

    Args:
        name: a name.
        dtype: the dtype of the sums.
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)

    def result(self) -> Any:
        return jnp.sqrt(super().result())
