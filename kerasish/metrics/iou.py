"""How far predicted regions cover the true ones: intersection over union."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.metrics.base import Metric, metrics
from kerasish.metrics.counting import as_array, histogram, ratio, spread

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]


@functools.partial(jax.jit, static_argnames=("classes", "ignore_class", "dtype"))
def _confusion_matrix(
    y_true: Array,
    y_pred: Array,
    sample_weight: Array | None,
    *,
    classes: int,
    ignore_class: int | None,
    dtype: str,
) -> Array:
    """Return how often each class, a row, was taken for each class, a column."""
    y_true, y_pred = _flat_if_one(y_true, y_pred), _flat_if_one(y_pred, y_true)
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"Classes of targets and predictions must have one shape; y_true has {y_true.shape} "
            f"and y_pred {y_pred.shape}."
        )
    weight = spread(sample_weight, y_true, dtype)
    known = (y_true >= 0) & (y_true < classes) & (y_pred >= 0) & (y_pred < classes)
    if ignore_class is not None:
        known &= y_true != ignore_class
    cells = jnp.where(known, y_true * classes + y_pred, -1)
    return histogram(cells, weight, classes * classes).reshape(classes, classes)


def _flat_if_one(x: Array, other: Any) -> Any:
    """Return an array without a last axis of size 1 that the other one does not have."""
    return x[..., 0] if x.ndim == other.ndim + 1 and x.shape[-1] == 1 else x


@functools.partial(jax.jit, static_argnames="wanted")
def _mean_share(counts: Array, *, wanted: tuple[int, ...]) -> Array:
    """Return the mean of intersection over union of those of the wanted classes that have one."""
    both = jnp.diagonal(counts)
    union = jnp.sum(counts, 0) + jnp.sum(counts, 1) - both
    places = jnp.asarray(wanted)
    shares, union = ratio(both, union)[places], union[places]
    result: Array = ratio(jnp.sum(shares), jnp.sum(union > 0).astype(counts.dtype))
    return result


@metrics.register()
class IoU(Metric):
    """Intersection over union of regions, the mean over some classes.

    The union of a class holds all that is of the class or was taken for it; the
    intersection what is both. Classes without a union are left out of the mean.

    Args:
        num_classes: how many classes there are; others are left out.
        target_class_ids: the classes whose mean it is.
        name: a name.
        dtype: the dtype of the counts, int32 by default, which counts in float32, so that
            fractional sample weights count.
        ignore_class: a class whose places are left out.
        sparse_y_true: whether targets are class numbers, `(batch, ...)`; else
            they are one-hot, `(batch, ..., classes)`.
        sparse_y_pred: the same of predictions.
        axis: the axis of the classes, where there is one.

    Raises:
        ArgumentError: if a target class is not a class, or there is none.
        ShapeError: if shapes do not fit together.

    Examples:
        >>> metric = IoU(num_classes=2, target_class_ids=[0])
        >>> round(float(metric([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype or "int32", name)
        self.num_classes = num_classes
        self.target_class_ids = [int(each) for each in target_class_ids]
        wrong = [each for each in self.target_class_ids if not 0 <= each < num_classes]
        if wrong or not self.target_class_ids:
            raise ArgumentError(
                f"target_class_ids must be of the classes 0 to {num_classes - 1}; "
                f"got {self.target_class_ids}."
            )
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        shape = (num_classes, num_classes)
        # Not in whole numbers, which fractional weights are not; Keras's would overflow besides.
        dtype = "float32" if jnp.issubdtype(self.dtype, jnp.integer) else self.dtype
        shape = (num_classes, num_classes)
        self.total_cm = self.add_weight(shape, dtype=dtype, name="total_confusion_matrix")

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        y_true, y_pred, sample_weight = map(as_array, (y_true, y_pred, sample_weight))
        if not self.sparse_y_true:
            y_true = jnp.argmax(y_true, self.axis)
        if not self.sparse_y_pred:
            y_pred = jnp.argmax(y_pred, self.axis)
        self._count(y_true, y_pred, sample_weight)

    def _count(self, y_true: Array, y_pred: Array, sample_weight: Array | None) -> None:
        self.total_cm.assign_add(
            _confusion_matrix(
                jnp.asarray(y_true, "int32"),
                jnp.asarray(y_pred, "int32"),
                sample_weight,
                classes=self.num_classes,
                ignore_class=self.ignore_class,
                dtype=self.total_cm.dtype,
            )
        )

    def result(self) -> PyTree:
        return _mean_share(self.total_cm.value, wanted=tuple(self.target_class_ids))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }

    def _config_without(self, *keys: str) -> dict[str, Any]:
        """Return the config of a subclass that settles some arguments."""
        return {key: value for key, value in IoU.get_config(self).items() if key not in keys}


@metrics.register()
class BinaryIoU(IoU):
    """Intersection over union of what is positive and what is not.

    Args:
        target_class_ids: the classes whose mean it is: `[0]`, `[1]` or both.
        threshold: predictions from here on mean 1.
        name: a name.
        dtype: the dtype of the counts, int32 by default, which counts in float32, so that
            fractional sample weights count.

    Raises:
        ArgumentError: if a target class is neither 0 nor 1.

    Examples:
        >>> metric = BinaryIoU(target_class_ids=[0, 1], threshold=0.3)
        >>> round(float(metric([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
        0.3333
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        y_true, y_pred, sample_weight = map(as_array, (y_true, y_pred, sample_weight))
        self._count(y_true, jnp.asarray(y_pred) >= self.threshold, sample_weight)

    def get_config(self) -> dict[str, Any]:
        settled = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return self._config_without(*settled) | {"threshold": self.threshold}


@metrics.register()
class MeanIoU(IoU):
    """Intersection over union of regions, the mean over all classes.

    Args:
        num_classes: how many classes there are; others are left out.
        name: a name.
        dtype: the dtype of the counts, int32 by default, which counts in float32, so that
            fractional sample weights count.
        ignore_class: a class whose places are left out.
        sparse_y_true: whether targets are class numbers, `(batch, ...)`; else
            they are one-hot, `(batch, ..., classes)`.
        sparse_y_pred: the same of predictions.
        axis: the axis of the classes, where there is one.

    Examples:
        >>> metric = MeanIoU(num_classes=2)
        >>> round(float(metric([0, 0, 1, 1], [0, 1, 1, 1])), 4)
        0.5833
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name,
            dtype,
            ignore_class,
            sparse_y_true,
            sparse_y_pred,
            axis,
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids")


@metrics.register()
class OneHotIoU(IoU):
    """Intersection over union of one-hot regions, the mean over some classes.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean it is.
        name: a name.
        dtype: the dtype of the counts, int32 by default, which counts in float32, so that
            fractional sample weights count.
        ignore_class: a class whose places are left out.
        sparse_y_pred: whether predictions are class numbers, `(batch, ...)`;
            else the largest of `(batch, ..., classes)` is meant.
        axis: the axis of the classes.

    Raises:
        ArgumentError: if a target class is no class.

    Examples:
        >>> metric = OneHotIoU(num_classes=2, target_class_ids=[1])
        >>> float(metric([[1, 0], [0, 1], [0, 1]], [[0.7, 0.3], [0.9, 0.1], [0.2, 0.8]]))
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("sparse_y_true")


@metrics.register()
class OneHotMeanIoU(IoU):
    """Intersection over union of one-hot regions, the mean over all classes.

    Args:
        num_classes: how many classes there are.
        name: a name.
        dtype: the dtype of the counts, int32 by default, which counts in float32, so that
            fractional sample weights count.
        ignore_class: a class whose places are left out.
        sparse_y_pred: whether predictions are class numbers, `(batch, ...)`;
            else the largest of `(batch, ..., classes)` is meant.
        axis: the axis of the classes.

    Examples:
        >>> metric = OneHotMeanIoU(num_classes=2)
        >>> float(metric([[1, 0], [0, 1], [0, 1]], [[0.7, 0.3], [0.9, 0.1], [0.2, 0.8]]))
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class, False, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids", "sparse_y_true")
