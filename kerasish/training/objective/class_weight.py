"""Sample weights that give each class its weight."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.losses import (
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    Circle,
    KLDivergence,
    LossFunctionWrapper,
    SparseCategoricalCrossentropy,
)
from kerasish.training.data.batch import Batch
from kerasish.training.data.lazy_rows import dense
from kerasish.training.objective.outputs import flatten_outputs, match

__all__ = ["ClassWeights", "class_axis", "expects_probabilities", "is_sparse"]

# Losses whose targets are class numbers, and those whose targets are shares of all classes.
_SPARSE = (SparseCategoricalCrossentropy, CategoricalGeneralizedCrossEntropy, Circle)
_DENSE = (
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalHinge,
    KLDivergence,
)
_SPARSE_NAMES = {"sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"}
_DENSE_NAMES = {
    *("categorical_crossentropy", "categorical_focal_crossentropy"),
    *("categorical_hinge", "kl_divergence"),
}

_SHARES = {
    *("binary_crossentropy", "binary_focal_crossentropy"),
    *("categorical_crossentropy", "categorical_focal_crossentropy"),
}


def is_sparse(loss: Any) -> bool:
    """Return whether the targets of a loss are class numbers."""
    return isinstance(loss, _SPARSE) or _function_name(loss) in _SPARSE_NAMES


def _is_dense(loss: Any) -> bool:
    return isinstance(loss, _DENSE) or _function_name(loss) in _DENSE_NAMES


def expects_probabilities(loss: Any) -> bool:
    """Return whether the targets of a loss are probabilities: each from 0 to 1."""
    return _function_name(loss) in _SHARES


def _function_name(loss: Any) -> str:
    fn = loss.fn if isinstance(loss, LossFunctionWrapper) else loss
    return getattr(fn, "__name__", "")


def class_axis(loss: Any, rank: int) -> int:
    """Return in which axis of outputs of a rank a loss has the classes; counted from 0."""
    axis = loss.fn_arguments.get("axis", -1) if isinstance(loss, LossFunctionWrapper) else -1
    return axis % rank if isinstance(axis, int) and rank else rank - 1


class ClassWeights:
    """Gives samples, or their steps or pixels, the weights of their classes.

    What labels are is said by the loss and the shape of the outputs: class numbers have one axis
    less than outputs, or 1 in it; with several outputs for each label, labels are shares of
    classes, and the largest counts. A class that has no weight counts 1.

    Args:
        weights: a number for each class number.
        outputs: returns the abstract outputs for inputs; None if that is not known.
        model: a compiled model.

    Raises:
        ArgumentError: if `weights` is no dict from class numbers to numbers.
    """

    def __init__(
        self, weights: Mapping[int, float], outputs: Callable[[Any], Any], model: Any
    ) -> None:
        _check_weights(weights)
        self._labels = np.array(sorted(map(int, weights)), "int64")
        by_label = {int(label): value for label, value in weights.items()}
        self._values = np.array([by_label[label] for label in self._labels.tolist()], "float32")
        self._outputs, self._model = outputs, model
        self._settled: tuple[tuple[int, ...] | None, Any, list[str]] | None = None

    def __call__(self, batch: Batch, first: Batch) -> Batch:
        """Return data whose samples count as their classes do, times the weights there are.

        Args:
            batch: inputs, targets and weights.
            first: a batch of them, to follow through the model.

        Raises:
            DataError: if the targets are not classes of a single output.
        """
        x, y, weight = batch
        if self._settled is None:
            self._settled = self._settle(first[0])
        shape, loss, keys = self._settled
        target = match(y, keys, "y")[0]
        if target is None or isinstance(target, (list, dict)):
            raise DataError("class_weight works for a single output with class targets in `y`.")
        labels = _labels_of(np.asarray(dense(target)), shape, loss)
        found = self._weights_of(labels)
        given = match(weight, keys, "sample_weight")[0]
        return x, y, found if given is None else _times(found, np.asarray(given))

    def _settle(self, x: Any) -> tuple[tuple[int, ...] | None, Any, list[str]]:
        outputs = self._outputs(x)
        if outputs is None:
            return None, None, [""]
        flat = flatten_outputs(outputs, self._model._kerasish_output_names())
        keys = [name for name, _ in flat]
        if len(flat) > 1:
            raise DataError(
                f"class_weight works for models with a single output; this one has {keys}. Give "
                "`sample_weight` as a list or dict with weights for each."
            )
        losses = match(self._model._kerasish_objective.loss, keys, "loss", spread=True)
        return tuple(flat[0][1].shape), losses[0], keys

    def _weights_of(self, labels: np.ndarray) -> np.ndarray:
        if not len(self._labels):
            return np.ones(labels.shape, "float32")
        place = np.searchsorted(self._labels, labels).clip(max=len(self._labels) - 1)
        known = self._labels[place] == labels
        return np.where(known, self._values[place], np.float32(1))


def _check_weights(weights: Any) -> None:
    whole = lambda label: isinstance(label, (Real, np.bool_)) and label == math.floor(label)
    number = lambda value: isinstance(value, (Real, np.floating)) and math.isfinite(value)
    given = isinstance(weights, Mapping)
    if given and all(map(whole, weights)) and all(map(number, weights.values())):
        return
    listed = isinstance(weights, (list, tuple, np.ndarray)) and np.ndim(weights) == 1
    fix = " Write `dict(enumerate(class_weight))`." if listed else ""
    raise ArgumentError(
        "class_weight must be a dict with a number for each class number, such as "
        f"{{0: 1.0, 1: 2.5}}; got {weights!r}.{fix}"
    )


def _labels_of(y: np.ndarray, shape: tuple[int, ...] | None, loss: Any) -> np.ndarray:
    """Return the class number of each sample, step or pixel.

    Args:
        y: the targets.
        shape: that of the outputs; None if it is not known.
        loss: the loss of the output.
    """
    rank = y.ndim if shape is None else len(shape)
    axis = class_axis(loss, rank)
    if y.ndim < rank or (y.ndim == 1 and rank == 1):
        return _numbers(y)
    if y.ndim == rank and y.shape[axis] == 1:
        return _numbers(y.squeeze(axis))
    if is_sparse(loss):
        return _numbers(y)  # it has the wrong rank, which the loss explains
    if _is_dense(loss) or _is_one_hot(y, axis):
        largest: np.ndarray = y.argmax(axis)
        return largest
    if shape is None and np.issubdtype(y.dtype, np.integer):
        return y
    raise DataError(
        f"class_weight wants one class for each sample; y of shape {y.shape} has several labels "
        "in its last axis. Give `sample_weight`, or let the model end in one number for each "
        f"label, {(None, *y.shape[1:], 1)}."
    )


def _numbers(y: np.ndarray) -> np.ndarray:
    """Return class numbers; labels that are smoothed count as the nearest."""
    return y.astype("int64") if y.dtype.kind in "iub" else np.rint(y).astype("int64")


def _is_one_hot(y: np.ndarray, axis: int) -> bool:
    """Return whether there is one class, hard or smoothed, in each row."""
    alone = (y > 0).sum(axis) == 1
    return bool(np.all(alone | np.isclose(y.sum(axis), 1)))


def _times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the product of weights, of which one may have fewer axes, or 1 at the end."""
    rank = max(a.ndim, b.ndim)
    a, b = (w.reshape(*w.shape, *(1,) * (rank - w.ndim)) for w in (a, b))
    product: np.ndarray = a * b
    return product
