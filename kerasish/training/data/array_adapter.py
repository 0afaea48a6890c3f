"""ArrayAdapter: batches from arrays in memory, gathered in stacks or kept on the device."""

from __future__ import annotations

import math
from collections.abc import Generator
from functools import cached_property

import jax
import numpy as np

from kerasish.training.data import device_cache
from kerasish.training.data.batch import Batch, num_samples, take_batch
from kerasish.training.data.block import Block, gather, nbytes, stack_capacity
from kerasish.training.data.data_adapter import CheckFn, DataAdapter
from kerasish.training.data.lazy_rows import dense, has_lazy

__all__ = ["ArrayAdapter"]


class ArrayAdapter(DataAdapter):
    """Batches from arrays.

    An accelerator that has room for the data keeps them, in the order of the pass. Otherwise
    stacks of batches are gathered on the host while the device computes.

    Args:
        batch: structures of arrays with one number of samples.
        batch_size: samples in a batch; the last one may have fewer.
        shuffle: whether each pass has another order.
        seed: what the orders depend on, besides the number of the pass.
        multiple_passes: whether there will be several passes.
    """

    def __init__(
        self,
        batch: Batch,
        batch_size: int,
        shuffle: bool = False,
        seed: int = 0,
        multiple_passes: bool = False,
    ) -> None:
        super().__init__(seed)
        self.arrays: Batch = batch
        self.num_samples = samples = num_samples(batch)
        self.num_batches = math.ceil(samples / batch_size)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.multiple_passes = multiple_passes
        self._is_lazy = has_lazy(batch)
        self._full_batches, self._remainder = divmod(samples, batch_size)
        self._on_device: Batch | None = None

    def stacks(
        self,
        number: int,
        *,
        start: int = 0,
        limit: int | None = None,
        check: CheckFn | None = None,
        extra_bytes_per_batch: int = 0,
    ) -> Generator[Block]:
        order = self._order(number)
        if self._stays_on_device:
            if start < self._full_batches:
                data = self._resident_stack(order)
                yield Block(data, start, self._full_batches, self.batch_size, is_stack=True)
        else:
            capacity = self._capacity(extra_bytes_per_batch)
            for first in range(start, self._full_batches, capacity):
                count = min(capacity, self._full_batches - first)
                data = self._gathered_stack(order, first, count, capacity, check)
                data = device_cache.to_device(data)
                yield Block(data, 0, count, self.batch_size, is_stack=True)
        if self._remainder and start <= self._full_batches:
            row = self._full_batches * self.batch_size
            batch = self._gather(order, row, row + self._remainder, check=check)
            yield Block(batch, size=self._remainder)

    def _order(self, number: int) -> np.ndarray | None:
        if not self.shuffle:
            return None
        return np.random.default_rng((self.seed, number)).permutation(num_samples(self.arrays))

    def first_batch(self) -> Batch:
        batch: Batch = dense(take_batch(self.arrays, self.batch_size))
        return batch

    def last_partial_batch(self) -> Batch | None:
        if not (self._remainder and self._full_batches):
            return None
        return self._gather(None, 0, self._remainder)

    def sample_indices(self, number: int, batch: int) -> np.ndarray | None:
        order, rows = self._order(number), slice(batch * self.batch_size, None)
        indices = np.arange(num_samples(self.arrays)) if order is None else order
        return indices[rows][: self.batch_size]

    # Stacks on the device.

    @cached_property
    def _stays_on_device(self) -> bool:
        """Whether the data stay on the device, decided once."""
        return (
            self.multiple_passes and not self._is_lazy and device_cache.fits_on_device(self.arrays)
        )

    def _resident_stack(self, order: np.ndarray | None) -> Batch:
        rows = self._full_batches * self.batch_size
        if self._on_device is None:
            arrays = self.arrays if self.shuffle else self._stacked(take_batch(self.arrays, rows))
            self._on_device = jax.device_put(arrays)
        if order is None:
            return self._on_device
        shape = self._full_batches, self.batch_size
        stack: Batch = device_cache.shuffled(self._on_device, order[:rows].reshape(shape))
        return stack

    # Stacks on the host.

    def _capacity(self, extra_bytes_per_batch: int = 0) -> int:
        batch_bytes = nbytes(self.first_batch())
        return stack_capacity(batch_bytes + extra_bytes_per_batch, self._full_batches)

    def _gathered_stack(
        self,
        order: np.ndarray | None,
        first: int,
        count: int,
        capacity: int,
        check: CheckFn | None,
    ) -> Batch:
        """Return the batches from `first` on, in a stack with room for `capacity` batches."""
        size = self.batch_size
        rows = self._gather(order, first * size, (first + count) * size, capacity * size, check)
        return self._stacked(rows)

    def _stacked(self, rows: Batch) -> Batch:
        """Return samples as a stack of batches, `(batches, size, ...)`; a view of the arrays."""
        size = self.batch_size
        fold = lambda a: a.reshape(len(a) // size, size, *a.shape[1:])
        stack: Batch = jax.tree.map(fold, rows)
        return stack

    def _gather(
        self,
        order: np.ndarray | None,
        start: int,
        stop: int,
        capacity: int | None = None,
        check: CheckFn | None = None,
    ) -> Batch:
        rows = slice(start, stop) if order is None else order[start:stop]
        gathered: Batch = gather(self.arrays, rows, capacity)
        if self._is_lazy and check is not None:
            # Values that were not in memory before.
            check(take_batch(gathered, stop - start))
        return gathered

    def stack_specs(self) -> list[Block]:
        specs = []
        if self._full_batches:
            batches = self._full_batches if self._stays_on_device else self._capacity()
            data = self._spec(batches, self.batch_size)
            specs.append(Block(data, size=self.batch_size, is_stack=True))
        if self._remainder:
            specs.append(Block(self._spec(self._remainder), size=self._remainder))
        return specs

    def _spec(self, *leading: int) -> Batch:
        shaped = lambda a: jax.ShapeDtypeStruct((*leading, *a.shape[1:]), a.dtype)
        spec: Batch = jax.tree.map(shaped, self.arrays)
        return spec
