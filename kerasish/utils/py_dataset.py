"""Datasets that give batches by their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import index
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError

__all__ = ["IndexedBatches", "PyDataset", "Sequence"]


class PyDataset:
    """The base of datasets of your own, which `fit`, `evaluate` and `predict` take.

    A subclass gives `__getitem__(index)`, which returns a batch `x`, `(x, y)` or
    `(x, y, sample_weight)`, and `__len__`, the number of batches. Without
    `__len__` the batches go on for ever, and `fit` needs `steps_per_epoch`.

    Args:
        workers: accepted: one thread reads ahead while the device computes.
        use_multiprocessing: accepted, likewise.
        max_queue_size: accepted, likewise.

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

    def __getitem__(self, index: int) -> Any:
        """Return a batch by its number."""
        raise NotImplementedError(f"{type(self).__name__} has no `__getitem__`.")

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None if they go on for ever."""
        return len(self) if hasattr(self, "__len__") else None

    def __iter__(self) -> Iterator[Any]:
        number = 0
        while (count := self.num_batches) is None or number < count:
            yield self[number]
            number += 1

    def on_epoch_begin(self) -> None:
        """Be told that a pass through the data begins."""

    def on_epoch_end(self) -> None:
        """Be told that a pass through the data is over."""


Sequence = PyDataset


class IndexedBatches(PyDataset):
    """Batches of samples that can be had by their numbers.

    Args:
        gather: what returns a batch for an array of sample numbers, or for one.
        count: how many samples there are.
        batch_size: samples in a batch; None gives single samples.
        shuffle: whether each pass takes another order.
        seed: what the orders depend on; None draws one.
        **attributes: what else to know about the data, such as `class_names`.

    Raises:
        ArgumentError: if `batch_size` is not positive.
    """

    # The order is that of the samples; `fit` does not reorder the batches.
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

    def __getitem__(self, index_: int) -> Any:
        number = index(index_)
        if not 0 <= number < len(self):
            raise IndexError(f"There are {len(self)} batches; there is none of number {number}.")
        if self._batch_size is None:
            return self._gather(self._order[number])
        start = number * self._batch_size
        return self._gather(self._order[start : start + self._batch_size])

    def on_epoch_end(self) -> None:
        """Take another order for the next pass."""
        if self._rng is not None:
            self._rng.shuffle(self._order)
