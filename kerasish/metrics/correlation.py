"""How well predictions follow the ups and downs of targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.core.variable import Variable
from kerasish.functional.alignment import paired
from kerasish.metrics.base import Metric, metrics
from kerasish.metrics.counting import as_array, ratio, spread
from kerasish.metrics.f_score import outputs_of
from kerasish.metrics.reduction import MeanMetricWrapper

__all__ = [
    "ConcordanceCorrelation",
    "PearsonCorrelation",
    "R2Score",
    "concordance_correlation",
    "pearson_correlation",
]


def _moments(y_true: Array, y_pred: Array, axis: int | Sequence[int], what: str) -> tuple[Any, ...]:
    """Return the difference of the means, the variances, and the covariance."""
    y_true, y_pred = paired(y_true, y_pred, what)
    means = [jnp.mean(y, axis, keepdims=True) for y in (y_true, y_pred)]
    true, pred = y_true - means[0], y_pred - means[1]
    apart = jnp.squeeze(means[0] - means[1], axis)
    variances = (jnp.mean(jnp.square(y), axis) for y in (true, pred))
    return apart, *variances, jnp.mean(true * pred, axis)


@metrics.register()
def pearson_correlation(y_true: Array, y_pred: Array, axis: int | Sequence[int] = -1) -> Array:
    """Return Pearson's correlation: the covariance over the product of the deviations.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`; not a number
    where targets or predictions are all the same.

    Args:
        y_true: targets.
        y_pred: predictions.
        axis: the axis, or axes, along which values are compared.

    Examples:
        >>> y = jnp.array([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]])
        >>> p = jnp.array([[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]])
        >>> pearson_correlation(y, p).round(4)
        Array([1.    , 0.9934], dtype=float32)
    """
    _, true, pred, both = _moments(y_true, y_pred, axis, "pearson_correlation")
    result: Array = both / jnp.sqrt(true * pred)
    return result


@metrics.register()
def concordance_correlation(y_true: Array, y_pred: Array, axis: int | Sequence[int] = -1) -> Array:
    """Return Lin's concordance correlation: how near predictions are to being the targets.

    `2 * covariance / (variances + (difference of means)**2)`: 1 only where they
    are equal. Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ...)`.

    Args:
        y_true: targets.
        y_pred: predictions.
        axis: the axis, or axes, along which values are compared.

    Examples:
        >>> y = jnp.array([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]])
        >>> p = jnp.array([[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]])
        >>> concordance_correlation(y, p).round(4)
        Array([0.9756, 0.9877], dtype=float32)
    """
    apart, true, pred, both = _moments(y_true, y_pred, axis, "concordance_correlation")
    result: Array = 2 * both / (true + pred + jnp.square(apart))
    return result


@metrics.register()
class PearsonCorrelation(MeanMetricWrapper):
    """The mean over samples of Pearson's correlation of targets and predictions.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        axis: the axis, or axes, along which values are compared.

    Examples:
        >>> metric = PearsonCorrelation()
        >>> y = [[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]]
        >>> p = [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]
        >>> round(float(metric(y, p)), 4)
        0.9967
    """

    def __init__(
        self,
        name: str = "pearson_correlation",
        dtype: DTypeLike | None = None,
        axis: int | Sequence[int] = -1,
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@metrics.register()
class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean over samples of the concordance correlation of targets and predictions.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        axis: the axis, or axes, along which values are compared.

    Examples:
        >>> metric = ConcordanceCorrelation()
        >>> y = [[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]]
        >>> p = [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]
        >>> round(float(metric(y, p)), 4)
        0.9816

    References:
        L. Lin: A Concordance Correlation Coefficient to Evaluate
        Reproducibility, 1989.
    """

    def __init__(
        self,
        name: str = "concordance_correlation",
        dtype: DTypeLike | None = None,
        axis: int | Sequence[int] = -1,
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)


@metrics.register()
class R2Score(Metric):
    """The share of the targets' variance that predictions explain.

    1 means all of it, 0 no more than a constant would. Targets and predictions
    are `(batch, outputs)`.

    Args:
        class_aggregation: `"uniform_average"` for the mean over the outputs,
            `"variance_weighted_average"` for their mean by the variances of
            their targets, None for a value for each output.
        num_regressors: how many inputs the predictions are made of, for the
            adjusted score; 0 for the plain one.
        name: a name.
        dtype: the dtype of the sums.

    Raises:
        ArgumentError: if an argument is none of these.
        ShapeError: if a batch is not of shape `(batch, outputs)`.
        NotBuiltError: if asked for the result before the first batch.

    Examples:
        >>> metric = R2Score()
        >>> round(float(metric([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: DTypeLike | None = None,
    ) -> None:
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise ArgumentError(
                "class_aggregation must be None, 'uniform_average' or "
                f"'variance_weighted_average'; got {class_aggregation!r}."
            )
        if num_regressors < 0:
            raise ArgumentError(f"num_regressors must not be negative; got {num_regressors}.")
        super().__init__(dtype, name)
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors

    num_samples: Variable
    squared_sum: Variable
    sum: Variable
    residual: Variable
    count: Variable

    def _declare(self, outputs: int) -> None:
        self.num_samples = self.add_weight(name="num_samples")
        for name in ("squared_sum", "sum", "residual", "count"):
            setattr(self, name, self.add_weight((outputs,), name=name))

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        y_true, y_pred = outputs_of(self, y_true, y_pred)
        if not self.variables:
            self._declare(y_pred.shape[1])
        y_true, y_pred = jnp.asarray(y_true, self.dtype), jnp.asarray(y_pred, self.dtype)
        weight = spread(as_array(sample_weight), y_pred, self.dtype)
        self.sum.assign_add(jnp.sum(y_true * weight, 0))
        self.squared_sum.assign_add(jnp.sum(jnp.square(y_true) * weight, 0))
        self.residual.assign_add(jnp.sum(jnp.square(y_true - y_pred) * weight, 0))
        self.count.assign_add(jnp.sum(weight, 0))
        self.num_samples.assign_add(y_true.size)

    def result(self) -> PyTree:
        self._kerasish_check_built()
        total = self.squared_sum.value - self.sum.value**2 / self.count.value
        scores = 1 - self.residual.value / total
        scores = jnp.where(jnp.isinf(scores), 0, scores)
        if self.class_aggregation == "uniform_average":
            scores = jnp.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ratio(jnp.sum(scores * total), jnp.sum(total))
        if not self.num_regressors:
            return scores
        # Where there are too few samples for the adjustment there is none.
        left = self.num_samples.value - self.num_regressors - 1
        adjusted = 1 - (1 - scores) * ratio(self.num_samples.value - 1, left)
        return jnp.where(left > 0, adjusted, scores)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
