"""Where batches come from: arrays in memory, gathered in stacks or kept on the device."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from functools import cached_property

import jax
import numpy as np

from kerasish.training.data import device_cache
from kerasish.training.data.batch import Batch, num_samples
from kerasish.training.data.block import Block, gather, nbytes, stack_capacity
from kerasish.training.data.lazy_rows import dense, has_lazy

__all__ = ["ArrayAdapter", "DataAdapter", "StepBudget", "WeightFn", "cut"]

# Asked before each block: how many batches may it have?
StepBudget = Callable[[], int]

# Gives data further weights; its second argument is a batch of them.
WeightFn = Callable[[Batch, Batch], Batch]


class DataAdapter:
    """A source of batches.

    Attributes:
        steps: how many batches one pass has; None if that is not known beforehand.
        samples: how many samples one pass has; None if that is not known.
        seed: what the order of a pass depends on, besides its number.
        check: looks at each batch that could not be looked at before.
        endless: whether a pass is known to have no end.
        is_lazy: whether values are only known when they are taken.
        beside: bytes that are kept on the device for each batch, besides the batch.
    """

    steps: int | None = None
    samples: int | None = None
    is_lazy = True
    endless = False

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.check: Callable[[Batch], None] = lambda batch: None
        self.extra_bytes_per_batch = 0

    def blocks(
        self, epoch: int, room: StepBudget, limit: int | None = None, start: int = 0
    ) -> Generator[Block]:
        """Return an iterator over one pass.

        Args:
            epoch: the number of the pass, which its order depends on.
            room: asked before each block how many batches it may have.
            limit: how many batches will be taken at most.
            start: how many batches to leave out: before a resume, they were made.
        """
        raise NotImplementedError

    def samples_of(self, epoch: int, batch: int) -> np.ndarray | None:
        """Return which samples of the user's arrays are in a batch; None if there are no arrays."""
        return None

    def skip(self, passes: int) -> None:
        """Be told, after a resume, how many passes there were before."""

    def first(self) -> Batch:
        """Return a batch to learn shapes from; no pass loses it."""
        raise NotImplementedError

    def partial(self) -> Batch | None:
        """Return a last batch that has fewer samples than the others, if it is known."""
        return None

    def shapes(self) -> list[Block]:
        """Return abstract blocks of each shape that is known to come."""
        return []


def cut(data: Batch, count: int, size: int, room: StepBudget, done: int = 0) -> Iterator[Block]:
    """Cut a stack of `count` batches into blocks, each as long as there is room."""
    while done < count:
        stop = min(count, done + room())
        yield Block(data, done, stop, size)
        done = stop


class ArrayAdapter(DataAdapter):
    """Batches cut from arrays.

    An accelerator that has room for the data keeps it, in the order of the
    pass. Otherwise stacks of batches are gathered on the host as they are needed,
    while the device computes.

    Args:
        batch: structures of arrays, all of one length.
        batch_size: samples in a batch; the last may have fewer.
        shuffle: whether each pass takes the samples in another order.
        seed: what the orders depend on, besides the number of the pass.
        again: whether there will be several passes.
        weigh: gives the data further weights.
    """

    def __init__(
        self,
        batch: Batch,
        batch_size: int,
        shuffle: bool,
        seed: int,
        again: bool = False,
        weigh: WeightFn | None = None,
    ) -> None:
        super().__init__(seed)
        self.arrays = batch
        self.samples = samples = num_samples(batch)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.again = again
        self.is_lazy = has_lazy(batch)
        self.steps = math.ceil(samples / batch_size)
        self._whole, self._rest = divmod(samples, batch_size)
        self._resident: Batch | None = None
        if weigh is not None:
            self.arrays = weigh(batch, self.first())

    def blocks(
        self, epoch: int, room: StepBudget, limit: int | None = None, start: int = 0
    ) -> Generator[Block]:
        order = self._order(epoch)
        if self._stays:
            if self._resident is None:
                self._resident = jax.device_put(self.arrays)
            data = self._resident if order is None else device_cache.shuffled(self._resident, order)
            yield from cut(data, self._whole, self.batch_size, room, start)
        else:
            yield from self._stacks(order, room, start)
        if self._rest and start <= self._whole:
            row = self._whole * self.batch_size
            yield Block(self._rows(order, row, row + self._rest), size=self._rest)

    def _order(self, epoch: int) -> np.ndarray | None:
        if not self.shuffle:
            return None
        return np.random.default_rng((self.seed, epoch)).permutation(num_samples(self.arrays))

    def partial(self) -> Batch | None:
        if not (self._rest and self._whole):
            return None
        return self._rows(None, 0, self._rest)

    def samples_of(self, epoch: int, batch: int) -> np.ndarray | None:
        order, rows = self._order(epoch), slice(batch * self.batch_size, None)
        all_ = np.arange(num_samples(self.arrays)) if order is None else order
        return all_[rows][: self.batch_size]

    @cached_property
    def _stays(self) -> bool:
        """Whether the data stay on the device, decided once."""
        return self.again and not self.is_lazy and device_cache.fits_on_device(self.arrays)

    def _stacks(self, order: np.ndarray | None, room: StepBudget, start: int) -> Iterator[Block]:
        size, most = self.batch_size, self._in_a_stack()
        for first in range(start, self._whole, most):
            count = min(most, self._whole - first)
            rows = self._rows(order, first * size, (first + count) * size, most * size)
            data = device_cache.to_device(rows)
            yield from cut(data, count, size, room)

    def _in_a_stack(self) -> int:
        batch_bytes = nbytes(self.first())
        return stack_capacity(batch_bytes + self.extra_bytes_per_batch, self._whole)

    def _rows(
        self, order: np.ndarray | None, start: int, stop: int, capacity: int | None = None
    ) -> Batch:
        rows = slice(start, stop) if order is None else order[start:stop]
        found: Batch = gather(self.arrays, rows, capacity)
        if self.is_lazy:
            # Values that were not in memory before are looked at now.
            count = stop - start
            self.check(jax.tree.map(lambda array: array[:count], found))
        return found

    def first(self) -> Batch:
        batch: Batch = dense(jax.tree.map(lambda array: array[: self.batch_size], self.arrays))
        return batch

    def shapes(self) -> list[Block]:
        found = []
        if self._whole:
            rows = num_samples(self.arrays) if self._stays else self._in_a_stack() * self.batch_size
            found.append(Block(self._abstract(rows), size=self.batch_size))
        if self._rest:
            found.append(Block(self._abstract(self._rest), size=self._rest))
        return found

    def _abstract(self, rows: int) -> Batch:
        sized = lambda a: jax.ShapeDtypeStruct((rows, *a.shape[1:]), a.dtype)
        found: Batch = jax.tree.map(sized, self.arrays)
        return found
