"""Distances between targets and predictions, as losses."""

from __future__ import annotations

from kerasish.core.types import DTypeLike
from kerasish.functional import (
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.losses.base import LossFunctionWrapper, losses

__all__ = [
    "Huber",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
]


@losses.register()
class MeanSquaredError(LossFunctionWrapper):
    """The mean of the squares of the errors.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]))
        2.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@losses.register()
class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of the absolute errors.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]]))
        1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@losses.register()
class MeanAbsolutePercentageError(LossFunctionWrapper):
    """The mean of the absolute errors in percent of the targets.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]]))
        25.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@losses.register()
class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """The mean of the squares of the errors of `log(y + 1)`: errors count by their ratio.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> loss = MeanSquaredLogarithmicError()([[0.0], [1.0]], [[1.0], [1.0]])
        >>> round(float(loss), 3)
        0.24
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


@losses.register()
class Huber(LossFunctionWrapper):
    """Half the square of small errors, a line for large ones, so that outliers weigh less.

    Args:
        delta: from where on it is a line.
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> float(Huber()([[0.0], [0.0]], [[1.0], [4.0]]))
        2.0

    References:
        Huber, 1964, Robust Estimation of a Location Parameter.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


@losses.register()
class LogCosh(LossFunctionWrapper):
    """The mean of `log(cosh(error))`: a square for small errors, a line for large ones.

    Args:
        reduction: see `Loss`.
        name: a name.
        dtype: see `Loss`.

    Examples:
        >>> round(float(LogCosh()([[0.0], [0.0]], [[0.0], [2.0]])), 3)
        0.663
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "log_cosh",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


# After the classes: a name in small letters means the function, as in Keras.
losses.register("mse", "MSE")(mean_squared_error)
losses.register("mae", "MAE")(mean_absolute_error)
losses.register("mape", "MAPE")(mean_absolute_percentage_error)
losses.register("msle", "MSLE")(mean_squared_logarithmic_error)
losses.register()(huber)
losses.register("logcosh")(log_cosh)
