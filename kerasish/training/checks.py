"""What can be known to be wrong before anything compiles."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import DataError
from kerasish.training.class_weight import class_axis, is_sparse
from kerasish.training.data import Batch
from kerasish.training.objective import Objective
from kerasish.training.outputs import flatten_outputs, match

__all__ = ["check_targets"]


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
        if is_sparse(loss) and output.ndim and np.size(target):
            classes = output.shape[class_axis(loss, output.ndim)]
            _check_classes(np.asarray(target), classes, loss, which)


def _check_numbers(array: Any, which: str) -> None:
    if jnp.issubdtype(array.dtype, jnp.floating) and np.isnan(np.sum(array)):
        rows = np.flatnonzero(np.isnan(np.asarray(array).reshape(len(array), -1)).any(1))
        raise DataError(
            f"{which} holds NaN in {len(rows)} of {len(array)} samples, the first at index "
            f"{rows[0]}; remove or repair them."
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
