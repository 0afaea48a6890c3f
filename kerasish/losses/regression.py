"""Distances between targets and predictions, as losses."""

from __future__ import annotations

from typing import Any

from kerasish.criteria import mean_absolute_error, mean_squared_error
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = ["MeanAbsoluteError", "MeanSquaredError"]


@losses.register()
class MeanSquaredError(LossFunctionWrapper):
    """The mean of the squares of the errors.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@losses.register()
class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of the absolute errors.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


# After the classes: a name in small letters means the function, as in Keras.
losses.register("mse", "MSE")(mean_squared_error)
losses.register("mae", "MAE")(mean_absolute_error)
