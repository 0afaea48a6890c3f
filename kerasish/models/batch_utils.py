"""Small conversions between what users give and get and what the engine works on."""

from __future__ import annotations

from typing import Any

import jax

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Logs, PyTree
from kerasish.training.data.array_adapter import ArrayAdapter
from kerasish.training.data.batch import Batch, clean, split_validation
from kerasish.training.data.conversion import is_arrays

__all__ = ["as_batch", "as_result", "as_validation", "split_arrays"]


def as_batch(x: Any, y: PyTree, sample_weight: PyTree) -> Batch:
    """Return arrays as one batch.

    Raises:
        DataError: if they are no arrays of numbers, or differ in length.
    """
    batch = clean(x, y, sample_weight)
    size = len(jax.tree.leaves(batch[0])[0]) if jax.tree.leaves(batch[0]) else 1
    return ArrayAdapter(batch, size or 1, False, 0).arrays


def as_result(
    logs: dict[str, float], order: list[str], return_dict: bool
) -> float | list[float] | Logs:
    """Return logs as Keras does: a dict, a list with the loss first, or the loss alone."""
    if return_dict:
        return logs
    values = [logs[name] for name in order if name in logs]
    return values[0] if len(values) == 1 else values


def as_validation(data: PyTree) -> Batch:
    """Return `validation_data` as inputs, targets and weights; anything but a tuple is inputs.

    Raises:
        ArgumentError: if there are too many parts.
    """
    # A list is taken as a tuple, as Keras does.
    parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(
            "validation_data is (x, y) or (x, y, sample_weight), or an iterable of batches; got "
            f"a {type(data).__name__} of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def split_arrays(x: Any, y: PyTree, sample_weight: PyTree, share: float) -> tuple[Batch, Batch]:
    """Return data for training and for validation.

    Raises:
        ArgumentError: if x is no arrays, or nothing would be left on one side.
        DataError: if the arrays cannot be used.
    """
    if not is_arrays(x):
        raise ArgumentError(
            f"validation_split needs x and y as arrays; x is a {type(x).__name__}. Give "
            "`validation_data` instead."
        )
    return split_validation(clean(x, y, sample_weight, lazy=True), share)
