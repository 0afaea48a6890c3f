"""How often predictions are right."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, DTypeLike
from kerasish.functional import align, same_shape
from kerasish.metrics.base import metrics
from kerasish.metrics.reduction import MeanMetricWrapper

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]


def _aligned(y_true: Array, y_pred: Array, what: str) -> tuple[Any, Any]:
    y_true, y_pred = align(jnp.asarray(y_true), jnp.asarray(y_pred))
    same_shape(y_true, y_pred, what)
    return y_true, y_pred


def _labels(y_true: Array, y_pred: Array) -> Array:
    """Return class numbers without the last axis of size 1 that they may have."""
    y_true = jnp.asarray(y_true)
    return y_true[..., 0] if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 else y_true


@metrics.register()
def accuracy(y_true: Array, y_pred: Array) -> Array:
    """Return 1 where targets and predictions are equal, else 0: `(batch, ...)`."""
    y_true, y_pred = _aligned(y_true, y_pred, "accuracy")
    return (y_true.astype(y_pred.dtype) == y_pred).astype("float32")


@metrics.register()
def binary_accuracy(y_true: Array, y_pred: Array, threshold: float = 0.5) -> Array:
    """Return the share of the last axis where `y_pred > threshold` says what `y_true` does.

    Shapes: `(batch, ..., n), (batch, ..., n) -> (batch, ..., n)`, 1 where right and 0 where not.
    """
    y_true, y_pred = _aligned(y_true, y_pred, "binary_accuracy")
    return (y_true == (y_pred > threshold).astype(y_true.dtype)).astype("float32")


@metrics.register()
def categorical_accuracy(y_true: Array, y_pred: Array) -> Array:
    """Return 1 where the largest prediction is the one-hot target's: `(batch, ...)`."""
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    return (jnp.argmax(y_true, -1) == jnp.argmax(y_pred, -1)).astype("float32")


@metrics.register()
def sparse_categorical_accuracy(y_true: Array, y_pred: Array) -> Array:
    """Return 1 where the largest prediction is that of the target's class: `(batch, ...)`.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: `(batch, ..., classes)`.

    Examples:
        >>> sparse_categorical_accuracy(jnp.array([1]), jnp.array([[0.2, 0.8]])).tolist()
        [1.0]
    """
    y_pred = jnp.asarray(y_pred)
    y_true = _labels(y_true, y_pred)
    return (y_true.astype("int32") == jnp.argmax(y_pred, -1)).astype("float32")


@metrics.register()
def sparse_top_k_categorical_accuracy(
    y_true: Array, y_pred: Array, k: int = 5, from_sorted_ids: bool = False
) -> Array:
    """Return 1 where fewer than `k` predictions are larger than the target's: `(batch, ...)`.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: `(batch, ..., classes)`.
        k: how many predictions count.
        from_sorted_ids: whether predictions are class numbers, the most likely first.

    Examples:
        >>> y_pred = jnp.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
        >>> sparse_top_k_categorical_accuracy(jnp.array([2, 1]), y_pred, k=2).tolist()
        [1.0, 0.0]
    """
    y_pred = jnp.asarray(y_pred)
    y_true = _labels(y_true, y_pred).astype("int32")
    if from_sorted_ids:
        found = y_pred[..., :k].astype("int32") == y_true[..., None]
        return jnp.any(found, -1).astype("float32")
    own = jnp.take_along_axis(y_pred, y_true[..., None], -1)
    own = jnp.where(jnp.isnan(own), -jnp.inf, own)
    return (jnp.sum(y_pred > own, -1) < k).astype("float32")


@metrics.register()
def top_k_categorical_accuracy(y_true: Array, y_pred: Array, k: int = 5) -> Array:
    """Return 1 where the one-hot target is among the `k` largest predictions: `(batch, ...)`."""
    return sparse_top_k_categorical_accuracy(jnp.argmax(jnp.asarray(y_true), -1), y_pred, k)


@metrics.register()
class Accuracy(MeanMetricWrapper):
    """How often predictions equal targets.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = Accuracy()
        >>> float(metric([1, 2, 3, 4], [0, 2, 3, 4]))
        0.75
    """

    def __init__(self, name: str = "accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(accuracy, name, dtype)


@metrics.register()
class BinaryAccuracy(MeanMetricWrapper):
    """How often predictions are on the target's side of a threshold.

    Args:
        name: a name.
        dtype: the dtype of the sums.
        threshold: from 0 to 1; above it a prediction means 1.

    Raises:
        ArgumentError: if `threshold` is not from 0 to 1.

    Examples:
        >>> metric = BinaryAccuracy(threshold=0.6)
        >>> float(metric([1, 1, 0, 0], [0.98, 0.5, 0.1, 0.2]))
        0.75
    """

    def __init__(
        self, name: str = "binary_accuracy", dtype: DTypeLike | None = None, threshold: float = 0.5
    ) -> None:
        if not 0 <= threshold <= 1:
            raise ArgumentError(f"threshold must be from 0 to 1; got {threshold}.")
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@metrics.register()
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the one-hot target's.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = CategoricalAccuracy()
        >>> float(metric([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
        0.5
    """

    def __init__(self, name: str = "categorical_accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@metrics.register()
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the target's class.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = SparseCategoricalAccuracy()
        >>> metric.update_state([1, 0], [[0.2, 0.8], [0.3, 0.7]])
        >>> float(metric.result())
        0.5
    """

    def __init__(
        self, name: str = "sparse_categorical_accuracy", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


@metrics.register()
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the one-hot target is among the `k` largest predictions.

    Args:
        k: how many predictions count.
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> metric = TopKCategoricalAccuracy(k=2)
        >>> float(metric([[0, 0, 1], [1, 0, 0]], [[0.1, 0.9, 0.8], [0.0, 0.95, 0.05]]))
        0.5
    """

    def __init__(
        self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@metrics.register()
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the target's class is among the `k` largest predictions.

    Args:
        k: how many predictions count.
        name: a name.
        dtype: the dtype of the sums.
        from_sorted_ids: whether predictions are class numbers, the most likely first.

    Examples:
        >>> metric = SparseTopKCategoricalAccuracy(k=1)
        >>> float(metric([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
        0.5
        >>> metric = SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
        >>> float(metric([2, 1], [[1, 0, 3], [1, 0, 2]]))
        0.5
    """

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: DTypeLike | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids
        )
