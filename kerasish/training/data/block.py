"""Blocks: what goes to the device in one dispatch, and the memory that it lies in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from kerasish.training.data.batch import Batch, num_samples
from kerasish.training.data.lazy_rows import LazyRows

__all__ = ["Block", "empty", "gather", "nbytes", "stack_capacity"]

# Of data in a stack: enough to keep a device busy, so little that it stays in a CPU's cache
# from the gathering to the computing.
_STACK_BYTES = 2**22
_MOST_BATCHES = 1024
# A stack is not made smaller than this, however little data there is.
_SMALL_BYTES = 2**20
_SMALL_BATCHES = 64

# XLA's CPU client takes NumPy's memory as it is if it begins at a multiple of this.
_ALIGNMENT = 64


class Block(NamedTuple):
    """Batches for one dispatch.

    Attributes:
        data: a structure of arrays: one batch, or a stack, the samples of many.
        start: the number of the first batch to take from `data`.
        stop: the number of the batch to stop before.
        size: samples in a batch; None if `data` is the batch.
    """

    data: Batch
    start: int = 0
    stop: int = 1
    size: int | None = None

    @property
    def steps(self) -> int:
        """The number of batches."""
        return self.stop - self.start

    @property
    def samples(self) -> int:
        """The number of samples in all batches."""
        return num_samples(self.data) if self.size is None else self.steps * self.size

    @property
    def shapes(self) -> Any:
        """What a program for such a block depends on."""
        leaves = tuple((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(self.data))
        return self.size, jax.tree.structure(self.data), leaves

    def batch(self, number: int) -> Batch:
        """Return one of the batches of the stack."""
        assert self.size is not None
        rows = slice(number * self.size, (number + 1) * self.size)
        found: Batch = jax.tree.map(lambda array: array[rows], self.data)
        return found

    def batches(self) -> Iterator[Block]:
        """Return the batches one by one, each as a block of its own."""
        if self.size is None:
            yield self
            return
        for number in range(self.start, self.stop):
            yield Block(self.batch(number))

    def shape_struct(self, *, single: bool = False) -> Block:
        """Return the block, or one of its batches alone, with shapes in the place of arrays."""
        rows = self.size if single else None

        def shaped(array: Any) -> jax.ShapeDtypeStruct:
            shape = array.shape if rows is None else (rows, *array.shape[1:])
            return jax.ShapeDtypeStruct(shape, array.dtype)

        data = jax.tree.map(shaped, self.data)
        return Block(data) if single else self._replace(data=data)


def nbytes(tree: Any) -> int:
    """Return the bytes of all arrays, abstract or not."""
    return sum(math.prod(a.shape) * np.dtype(a.dtype).itemsize for a in jax.tree.leaves(tree))


def stack_capacity(batch_bytes: int, steps: int | None) -> int:
    """Return how many batches a stack has room for; it may be sent with fewer.

    A program is compiled for this number, so it is the same for many numbers of steps.

    Args:
        batch_bytes: of one batch, with what is computed from it and kept.
        steps: how many there are; None if that is not known.
    """
    most = _at_most(_MOST_BATCHES, _STACK_BYTES, batch_bytes)
    least = _at_most(_SMALL_BATCHES, _SMALL_BYTES, batch_bytes)
    wanted = most if steps is None else 1 << max(0, steps - 1).bit_length()
    return max(least, min(most, wanted))


def _at_most(batches: int, size: int, batch_bytes: int) -> int:
    return max(1, min(batches, size // max(batch_bytes, 1)))


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array, not filled, whose memory the CPU client of XLA need not copy."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + _ALIGNMENT, "uint8")
    start = -memory.ctypes.data % _ALIGNMENT
    aligned: np.ndarray = memory[start : start + size].view(dtype).reshape(shape)
    return aligned


def gather(arrays: Any, rows: Any, capacity: int | None = None) -> Any:
    """Return some samples of each array, on the host.

    Args:
        arrays: a structure of arrays.
        rows: a slice, or an array of indices.
        capacity: how many samples to have room for; what is not filled is arbitrary.
    """

    def take(array: Any) -> np.ndarray:
        known, place = array, rows
        if isinstance(array, LazyRows):
            known, place = array.read(rows), slice(None)
        known = np.asarray(known)
        count = len(range(len(known))[place]) if isinstance(place, slice) else len(place)
        taken = empty((count if capacity is None else capacity, *known.shape[1:]), known.dtype)
        if isinstance(place, slice):
            taken[:count] = known[place]
        else:
            # "clip" spares NumPy a buffer; the indices are ours and within bounds.
            np.take(known, place, axis=0, out=taken[:count], mode="clip")
        return taken

    return jax.tree.map(take, arrays)
