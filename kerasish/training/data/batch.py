"""Data as it can be trained on: batches of arrays of numbers, all of one length."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.training.data.conversion import as_arrays

__all__ = [
    "Batch",
    "as_batch",
    "clean",
    "is_integer",
    "list_of_samples",
    "num_samples",
    "split_validation",
]

# (inputs, targets, sample weights); the last two may be None.
Batch = tuple[Any, Any, Any]


def is_integer(n: Any) -> bool:
    """Return whether `n` is a whole number, Python's or NumPy's; True and False are none."""
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool)


def _named(x: Any, y: Any, sample_weight: Any) -> list[tuple[Any, str]]:
    return [(x, "x"), (y, "y"), (sample_weight, "sample_weight")]


def num_samples(batch: Batch) -> int:
    """Return the number of samples.

    Raises:
        DataError: if there are none, or the arrays differ.
    """
    lengths = {
        name: [len(leaf) for leaf in jax.tree.leaves(data)]
        for data, name in _named(*batch)
        if data is not None
    }
    different = {n for each in lengths.values() for n in each}
    if not different or different == {0}:
        raise DataError("The data is empty: x has no samples.")
    if len(different) > 1:
        _explain_list(batch)
        told = ", ".join(
            f"{name} has {' and '.join(map(str, each[:4]))}{' ...' if len(each) > 4 else ''}"
            for name, each in lengths.items()
        )
        raise DataError(f"All arrays must have the same number of samples; {told}.")
    return different.pop()


def _explain_list(batch: Batch) -> None:
    """Say of a list with an array for each sample that it means as many inputs.

    Raises:
        DataError: if there is one.
    """
    for data, name in _named(*batch):
        if isinstance(data, list) and len(data) > 1 and len({a.shape for a in data}) == 1:
            raise DataError(list_of_samples(data, name))


def list_of_samples(data: list[Any], name: str) -> str:
    """Return what there is to say of a list of arrays in the place of one."""
    return (
        f"{name} is a list of {len(data)} arrays of shape {tuple(data[0].shape)}, which means one "
        f"for each of {len(data)} inputs or outputs. If each is a sample, stack them: "
        f"`np.stack({name})`."
    )


def as_batch(item: Any) -> Batch:
    """Return what an iterator gave as inputs, targets and weights."""
    parts = tuple(item) if isinstance(item, tuple) else (item,)
    if isinstance(item, list) and 2 <= len(item) <= 3:
        parts = tuple(item)  # as loaders of PyTorch give it
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch is x, (x, y) or (x, y, sample_weight); got a tuple of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return clean(x, y, sample_weight)


def clean(x: Any, y: Any, sample_weight: Any, *, lazy: bool = False) -> Batch:
    """Return inputs, targets and weights as structures of arrays.

    Args:
        x: inputs.
        y: targets.
        sample_weight: weights.
        lazy: whether what is not in memory stays out of it; see `LazyRows`.

    Raises:
        DataError: if there is something among them that is no number.
    """
    x, y, sample_weight = (
        as_arrays(data, name, lazy=lazy) for data, name in _named(x, y, sample_weight)
    )
    return x, y, sample_weight


def split_validation(batch: Batch, share: float) -> tuple[Batch, Batch]:
    """Cut the last `share` of the samples off, before any shuffling, as Keras does.

    Raises:
        ArgumentError: if nothing would be left on one side.
    """
    if not 0 < share < 1:
        raise ArgumentError(f"validation_split must be between 0 and 1; got {share}.")
    samples = num_samples(batch)
    cut = math.floor(samples * (1 - share))
    if cut in (0, samples):
        raise ArgumentError(
            f"validation_split={share} of {samples} samples leaves one side without any."
        )
    return (
        jax.tree.map(lambda array: array[:cut], batch),
        jax.tree.map(lambda array: array[cut:], batch),
    )
