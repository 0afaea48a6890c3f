"""Batches: inputs, targets and sample weights as arrays of numbers with one number of samples."""

from __future__ import annotations

import math
from typing import TypeAlias

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import PyTree
from kerasish.training.data.conversion import as_arrays

__all__ = [
    "Batch",
    "clean",
    "explain_list_of_samples",
    "is_integer",
    "num_samples",
    "split_validation",
    "take_batch",
    "unpack_x_y_sample_weight",
]

Batch: TypeAlias = tuple[PyTree, PyTree, PyTree]
"""Inputs, targets and sample weights; the last two may be None."""


def is_integer(n: object) -> bool:
    """Return whether `n` is an integer of Python or NumPy; booleans are not."""
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool)


def _with_names(x: PyTree, y: PyTree, sample_weight: PyTree) -> list[tuple[PyTree, str]]:
    return [(x, "x"), (y, "y"), (sample_weight, "sample_weight")]


def num_samples(batch: Batch) -> int:
    """Return the number of samples.

    Raises:
        DataError: if it is zero, or differs between the arrays.
    """
    lengths = {
        name: [len(leaf) for leaf in jax.tree.leaves(data)]
        for data, name in _with_names(*batch)
        if data is not None
    }
    different = {n for each in lengths.values() for n in each}
    if not different or different == {0}:
        raise DataError("The data is empty: x has no samples.")
    if len(different) > 1:
        _check_list_of_samples(batch)
        counts = ", ".join(
            f"{name} has {' and '.join(map(str, each[:4]))}{' ...' if len(each) > 4 else ''}"
            for name, each in lengths.items()
        )
        raise DataError(f"All arrays must have the same number of samples; {counts}.")
    return different.pop()


def _check_list_of_samples(batch: Batch) -> None:
    """Refuse a list with one array per sample, which means one array per input.

    Raises:
        DataError: if there is such a list.
    """
    for data, name in _with_names(*batch):
        if isinstance(data, list) and len(data) > 1 and len({a.shape for a in data}) == 1:
            raise DataError(explain_list_of_samples(data, name))


def explain_list_of_samples(data: list[np.ndarray], name: str) -> str:
    """Return the message for a list of arrays that was passed in place of one array."""
    return (
        f"{name} is a list of {len(data)} arrays of shape {tuple(data[0].shape)}, which means one "
        f"for each of {len(data)} inputs or outputs. If each is a sample, stack them: "
        f"`np.stack({name})`."
    )


def unpack_x_y_sample_weight(item: PyTree) -> Batch:
    """Return an item of a source of batches as inputs, targets and weights.

    Raises:
        DataError: if it has more than three parts, or contains values that are not numbers.
    """
    parts = tuple(item) if isinstance(item, tuple) else (item,)
    if isinstance(item, list) and 2 <= len(item) <= 3:
        parts = tuple(item)  # loaders of PyTorch yield lists
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch is x, (x, y) or (x, y, sample_weight); got a tuple of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return clean(x, y, sample_weight)


def clean(x: PyTree, y: PyTree, sample_weight: PyTree, *, lazy: bool = False) -> Batch:
    """Convert inputs, targets and weights to structures of arrays.

    Args:
        x: inputs.
        y: targets.
        sample_weight: weights.
        lazy: whether files and sparse matrices are kept as `LazyRows`.

    Raises:
        DataError: if the data contain values that are not numbers.
    """
    x, y, sample_weight = (
        as_arrays(data, name, lazy=lazy) for data, name in _with_names(x, y, sample_weight)
    )
    return x, y, sample_weight


def take_batch(batch: Batch, size: int) -> Batch:
    """Return the first `size` samples; `LazyRows` stay lazy."""
    x, y, sample_weight = jax.tree.map(lambda array: array[:size], batch)
    return x, y, sample_weight


def split_validation(batch: Batch, fraction: float) -> tuple[Batch, Batch]:
    """Split off the last `fraction` of the samples, before any shuffling, as Keras does.

    Raises:
        ArgumentError: if one of the parts would be empty.
    """
    if not 0 < fraction < 1:
        raise ArgumentError(f"validation_split must be between 0 and 1; got {fraction}.")
    samples = num_samples(batch)
    cut = math.floor(samples * (1 - fraction))
    if cut in (0, samples):
        raise ArgumentError(
            f"validation_split={fraction} of {samples} samples leaves one side without any."
        )
    return (
        jax.tree.map(lambda array: array[:cut], batch),
        jax.tree.map(lambda array: array[cut:], batch),
    )
