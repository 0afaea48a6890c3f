"""What can be known to be wrong before anything compiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.losses import LossFunctionWrapper, SparseCategoricalCrossentropy
from kerasish.training.data import Batch, is_whole
from kerasish.training.objective import Objective
from kerasish.training.outputs import flatten_outputs, match

__all__ = ["check_targets", "class_weights"]


def check_targets(batch: Batch, outputs: Any, names: list[str], objective: Objective) -> None:
    """Look at the targets for what no loss could be computed from.

    Args:
        batch: inputs, targets and weights, on the host.
        outputs: the abstract outputs of the model on such a batch.
        names: the names of the outputs.
        objective: the losses.

    Raises:
        DataError: if there is a NaN among them, or a class that the model has no output for.
    """
    _, y, weights = batch
    for weight in jax.tree.leaves(weights):
        _check_numbers(weight, "sample_weight")
    flat = flatten_outputs(outputs, names)
    keys = [name for name, _ in flat]
    found = match(objective.loss, keys, "loss", spread=True)
    for (name, output), target, loss in zip(flat, match(y, keys, "y"), found, strict=True):
        if target is None or isinstance(target, (list, dict)):
            continue
        which = "y" if len(keys) == 1 else f"y[{name!r}]"
        _check_numbers(target, which)
        if _is_sparse(loss) and np.size(target):
            _check_classes(np.asarray(target), output.shape[-1], loss, which)


def _check_numbers(array: Any, which: str) -> None:
    if jnp.issubdtype(array.dtype, jnp.floating) and np.isnan(np.sum(array)):
        rows = np.flatnonzero(np.isnan(np.asarray(array).reshape(len(array), -1)).any(1))
        raise DataError(
            f"{which} holds NaN in {len(rows)} of {len(array)} samples, the first at index "
            f"{rows[0]}; remove or repair them."
        )


def _is_sparse(loss: Any) -> bool:
    if not isinstance(loss, LossFunctionWrapper):
        return False
    return isinstance(loss, SparseCategoricalCrossentropy) or (
        getattr(loss.fn, "__name__", "") == "sparse_categorical_crossentropy"
    )


def _check_classes(target: np.ndarray, classes: int, loss: Any, which: str) -> None:
    ignored = loss.fn_arguments.get("ignore_class")
    known = target if ignored is None else target[target != ignored]
    if not known.size:
        return
    if np.any(known != np.floor(known)):
        part = known[known != np.floor(known)][0]
        raise DataError(f"{which} holds {part}, which is no class: classes are whole numbers.")
    low, high = known.min(), known.max()
    if low < 0 or high >= classes:
        raise DataError(
            f"{which} holds the class {int(low if low < 0 else high)}, but the model has outputs "
            f"for the classes 0 to {classes - 1}. Give the last layer more units, or number the "
            "classes from 0."
        )


def class_weights(y: Any, weight: Any, class_weight: dict[int, float] | None) -> Any:
    """Return sample weights that give each class its weight, times those there are.

    Raises:
        ArgumentError: if `class_weight` is no dict from class numbers to weights.
        DataError: if the targets are not classes of a single output.
    """
    if class_weight is None:
        return weight
    fits = isinstance(class_weight, Mapping) and all(
        is_whole(label) and label >= 0 and np.isreal(value) for label, value in class_weight.items()
    )
    if not fits:
        raise ArgumentError(
            "class_weight must be a dict with a number for each class number, such as "
            f"{{0: 1.0, 1: 2.5}}; got {class_weight!r}."
        )
    if y is None or isinstance(y, (list, dict)):
        raise DataError("class_weight works for a single output with class targets.")
    array = np.asarray(y)
    classes = array.argmax(-1) if array.ndim > 1 and array.shape[-1] > 1 else array.reshape(-1)
    classes = classes.astype("int64")
    table = np.ones(max(int(classes.max(initial=0)), *class_weight, 0) + 1, "float32")
    for label, value in class_weight.items():
        table[int(label)] = value
    return table[classes] if weight is None else jax.tree.map(lambda w: w * table[classes], weight)
