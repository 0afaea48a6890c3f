"""What can be known to be wrong before anything compiles."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import DataError
from kerasish.core.types import Array, PyTree
from kerasish.losses import LossFunctionWrapper
from kerasish.training.data.batch import Batch
from kerasish.training.objective.class_weight import class_axis, expects_probabilities, is_sparse
from kerasish.training.objective.objective import Objective
from kerasish.training.objective.outputs import flatten_outputs, match

__all__ = ["check_inputs", "check_targets"]


_FIX = "remove or repair them, or compile with `allow_nan=True` if the {} masks them"


def check_targets(
    batch: Batch,
    outputs: PyTree,
    names: list[str],
    objective: Objective,
    *,
    allow_nan: bool = False,
    allow_placeholders: bool = False,
) -> None:
    """Look at the targets for what no loss could be computed from.

    Args:
        batch: inputs, targets and weights, on the host.
        outputs: the abstract outputs of the model on such a batch.
        names: the names of the outputs.
        objective: the losses.
        allow_nan: whether NaN and infinity are left to the loss.
        allow_placeholders: whether targets may be all NaN, where there are none.

    Raises:
        DataError: if there is a number among them that is not finite, that the loss is not made
            for, or a class that the model has no output for.
    """
    _, y, weights = batch
    for weight in jax.tree.leaves(weights):
        if not allow_nan:
            _check_numbers(weight, "sample_weight", "remove or repair them")
    flat = flatten_outputs(outputs, names)
    keys = [name for name, _ in flat]
    found = match(objective.loss, keys, "loss", spread=True)
    weighted = match(weights, keys, "sample_weight", spread=True)
    targets = match(y, keys, "y")
    for (name, output), target, loss, weight in zip(flat, targets, found, weighted, strict=True):
        if target is None or isinstance(target, (list, dict)):
            continue
        which = "y" if len(keys) == 1 else f"y[{name!r}]"
        if not allow_nan and not (allow_placeholders and _is_nan(target)):
            _check_numbers(target, which, _FIX.format("loss"))
        _check_real(target, output, which)
        if is_sparse(loss) and output.ndim and np.size(target):
            classes = output.shape[class_axis(loss, output.ndim)]
            _check_classes(np.asarray(target), classes, loss, which)
        elif expects_probabilities(loss) and _is_like(target, output) and weight is None:
            _check_shares(target, loss, which)


def check_inputs(x: Any) -> None:
    """Look at inputs for numbers that are not finite, which no layer gets rid of by itself.

    Args:
        x: inputs; None if they are not known yet.

    Raises:
        DataError: if there is one.
    """
    for path, leaf in jax.tree_util.tree_flatten_with_path(x)[0]:
        _check_numbers(
            leaf,
            f"x{jax.tree_util.keystr(path)}",
            _FIX.format("model"),
        )


def _is_nan(array: Array) -> bool:
    """Return whether all numbers of an array are NaN, looking at the first one first."""
    if not jnp.issubdtype(array.dtype, jnp.inexact) or not array.size:
        return False
    first = np.asarray(array[(0,) * array.ndim])
    return bool(np.isnan(first) and np.isnan(np.asarray(array)).all())


def _check_numbers(array: Array, which: str, fix: str) -> None:
    if not jnp.issubdtype(array.dtype, jnp.inexact) or _adds_up(array):
        return
    values = np.asarray(array).reshape(len(array), -1)
    for what, found in (("NaN", np.isnan), ("infinity", np.isinf)):
        rows = np.flatnonzero(found(values).any(1))
        if rows.size:
            raise DataError(
                f"{which} holds {what} in {len(rows)} of {len(array)} samples, the first at index "
                f"{rows[0]}; {fix}."
            )


def _adds_up(array: Array) -> bool:
    """Return whether the sum of an array is finite, so that all of its numbers are."""
    with np.errstate(over="ignore", invalid="ignore"):
        # Of 16 bits the sum would be too large soon.
        return bool(np.isfinite(array.sum(dtype=None if array.dtype.itemsize > 2 else "float32")))


def _check_real(target: PyTree, output: PyTree, which: str) -> None:
    if jnp.iscomplexobj(target) and not jnp.issubdtype(output.dtype, jnp.complexfloating):
        raise DataError(
            f"{which} holds complex numbers, but the output is {output.dtype}. Give `y.real`, or "
            "both parts: `np.stack([y.real, y.imag], axis=-1)`."
        )


def _is_like(target: PyTree, output: PyTree) -> bool:
    """Return whether targets, if there are any, have the shape of outputs or lack an axis of 1."""
    shape = target.shape[1:]
    return np.size(target) > 0 and (*shape, 1)[: output.ndim - 1] == output.shape[1:]


def _check_shares(target: PyTree, loss: LossFunctionWrapper, which: str) -> None:
    low, high = target.min(), target.max()
    # Labels that are smoothed or disturbed a little go beyond, and are meant so.
    if low < -0.5 or high > 1.5:
        name = getattr(loss.fn, "__name__", loss.name)
        fix = "Labels of -1 and 1 become those by `(y + 1) / 2`" if low < 0 else _ABOUT_CLASSES
        raise DataError(
            f"{name} wants targets from 0 to 1; {which} holds {low if low < -0.5 else high}. {fix}."
        )


_ABOUT_CLASSES = (
    "For class numbers give the model an output for each class, and use "
    "`sparse_categorical_crossentropy`; for other numbers, another loss"
)


def _check_classes(target: np.ndarray, classes: int, loss: LossFunctionWrapper, which: str) -> None:
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
