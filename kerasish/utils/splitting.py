"""split_dataset: split a dataset in two."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import PyTree
from kerasish.utils.py_dataset import IndexedBatches, PyDataset

__all__ = ["split_dataset"]

Size = int | float | None


def split_dataset(
    dataset: PyTree | PyDataset,
    left_size: Size = None,
    right_size: Size = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Split a dataset in two, for example for training and validation.

    Args:
        dataset: an array; a tuple, list or dict of arrays, such as `(x, y)`; or a
            dataset of batches with `__len__` and `__getitem__`.
        left_size: the size of the first part, as a number of samples (or batches) or as a
            fraction; None for the rest.
        right_size: the size of the second part, likewise.
        shuffle: whether to shuffle before the split.
        seed: the seed for shuffling.
        preferred_backend: accepted as in Keras; ignored.

    Returns:
        Two datasets of the same kind: arrays, tuples of arrays, or datasets of batches.

    Raises:
        ArgumentError: if the sizes are invalid or exceed the number of samples.
        DataError: if the type is not supported, or the arrays differ in length.

    Examples:
        >>> (x, y), (x_test, y_test) = split_dataset((np.arange(10), np.ones(10)), 0.8)
        >>> x_test.tolist(), len(y)
        ([8, 9], 8)
    """
    batches = isinstance(dataset, PyDataset)
    count = _count(dataset, batches)
    left, right = _sizes(count, left_size, right_size)
    order = np.arange(count)
    if shuffle:
        np.random.default_rng(seed).shuffle(order)
    parts = order[:left], order[count - right :] if left_size is None else order[left:][:right]
    if batches:
        return _batches(dataset, parts[0]), _batches(dataset, parts[1])
    first, second = (jax.tree.map(lambda a, p=part: a[p], _arrays(dataset)) for part in parts)
    return first, second


def _arrays(dataset: PyTree) -> PyTree:
    """Convert the leaves of a dataset to arrays; a list of numbers becomes one array."""
    if isinstance(dataset, list) and not any(hasattr(each, "shape") for each in dataset):
        return np.asarray(dataset)
    return jax.tree.map(lambda a: a if isinstance(a, jax.Array) else np.asarray(a), dataset)


def _batches(dataset: PyDataset, numbers: np.ndarray) -> IndexedBatches:
    return IndexedBatches(lambda n: dataset[int(numbers[n])], len(numbers), None)


def _count(dataset: PyTree | PyDataset, batches: bool) -> int:
    if batches:
        count = dataset.num_batches
        if count is None:
            raise DataError("split_dataset requires a finite dataset; this one has no length.")
        return int(count)
    lengths = {a.shape[:1] for a in jax.tree.leaves(_arrays(dataset))}
    if len(lengths) != 1 or () in lengths:
        raise DataError(
            "split_dataset expects arrays with the same number of samples, or a `PyDataset`; got "
            f"{type(dataset).__name__} with first sizes {sorted(lengths)}."
        )
    return int(lengths.pop()[0])


def _sizes(count: int, left: Size, right: Size) -> tuple[int, int]:
    if left is None and right is None:
        raise ArgumentError("split_dataset needs left_size, right_size or both.")
    sizes = [_size(count, name, size) for name, size in (("left", left), ("right", right))]
    first, second = (
        count - sizes[1 - i] if size is None else size  # type: ignore[operator]
        for i, size in enumerate(sizes)
    )
    if first + second > count or min(first, second) < 1:
        raise ArgumentError(
            f"{count} samples cannot be split by left_size={left!r} and right_size={right!r} "
            "into two non-empty parts."
        )
    return first, second


def _size(count: int, name: str, size: Size) -> int | None:
    if size is None:
        return None
    if isinstance(size, float):
        if not 0 <= size <= 1:
            raise ArgumentError(
                f"{name}_size must be a fraction in [0, 1] or an integer; got {size}."
            )
        return round(size * count)
    return int(size)
