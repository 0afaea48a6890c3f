"""PyDataset: datasets that return batches by index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import index
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.types import PyTree

__all__ = ["IndexedBatches", "PyDataset", "Sequence"]


class PyDataset:
    """Base class of custom datasets for `fit`, `evaluate` and `predict`.

    A subclass implements `__getitem__(index)`, which returns a batch `x`, `(x, y)` or
    `(x, y, sample_weight)`, and `__len__`, the number of batches. Without `__len__` the dataset
    is infinite, and `fit` needs `steps_per_epoch`.

    Args:
        workers: accepted as in Keras; one thread prefetches batches while the device computes.
        use_multiprocessing: accepted as in Keras; ignored.
        max_queue_size: accepted as in Keras; ignored.

    Examples:
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 3
        ...     def __getitem__(self, index):
        ...         x = np.array([[2.0 * index], [2.0 * index + 1]])
        ...         return x, x**2
        >>> [y.tolist() for x, y in Squares()]
        [[[0.0], [1.0]], [[4.0], [9.0]], [[16.0], [25.0]]]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> PyTree:
        """Return the batch at an index."""
        raise NotImplementedError(f"{type(self).__name__} must implement `__getitem__`.")

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None for an infinite dataset."""
        return len(self) if hasattr(self, "__len__") else None

    def __iter__(self) -> Iterator[Any]:
        number = 0
        while (count := self.num_batches) is None or number < count:
            yield self[number]
            number += 1

    def on_epoch_begin(self) -> None:
        """Called at the beginning of an epoch."""

    def on_epoch_end(self) -> None:
        """Called at the end of an epoch."""


Sequence = PyDataset


class IndexedBatches(PyDataset):
    """Batches of samples that are accessible by index.

    Args:
        gather: returns the batch for an array of sample indices, or the sample for one index.
        count: the number of samples.
        batch_size: the number of samples in a batch; None yields single samples.
        shuffle: whether to shuffle the samples in each epoch.
        seed: the seed for shuffling; None draws one.
        **attributes: further attributes of the dataset, such as `class_names`.

    Raises:
        ArgumentError: if `batch_size` is not positive.
    """

    # Shuffling permutes the samples; `fit` does not reorder the batches.
    keeps_order = True

    def __init__(
        self,
        gather: Callable[[Any], Any],
        count: int,
        batch_size: int | None,
        shuffle: bool = False,
        seed: int | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__()
        if batch_size is not None and batch_size < 1:
            raise ArgumentError(f"batch_size must be positive, or None; got {batch_size}.")
        self._gather = gather
        self._batch_size = batch_size
        self._order = np.arange(count)
        self._rng = np.random.default_rng(seed) if shuffle else None
        self.__dict__.update(attributes)
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self._order) // (self._batch_size or 1))

    def __getitem__(self, index_: int) -> PyTree:
        number = index(index_)
        if not 0 <= number < len(self):
            raise IndexError(f"The index {number} is out of range for {len(self)} batches.")
        if self._batch_size is None:
            return self._gather(self._order[number])
        start = number * self._batch_size
        return self._gather(self._order[start : start + self._batch_size])

    def on_epoch_end(self) -> None:
        """Shuffle the samples for the next epoch."""
        if self._rng is not None:
            self._rng.shuffle(self._order)
