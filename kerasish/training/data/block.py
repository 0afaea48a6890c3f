"""Blocks: the batches of one dispatch, and the host memory that stacks are gathered in."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import NamedTuple

import jax
import numpy as np

from kerasish.core.types import DTypeLike, PyTree
from kerasish.training.data.batch import Batch, num_samples
from kerasish.training.data.lazy_rows import LazyRows

__all__ = ["Block", "empty_aligned", "gather", "nbytes", "stack_capacity"]

# Bytes of data in a stack: enough to keep a device busy, and few enough to stay in the cache of a
# CPU from the gathering to the computation.
_STACK_BYTES = 2**22
_MOST_BATCHES = 1024
# A stack is not made smaller than this, however few data there are.
_SMALL_BYTES = 2**20
_SMALL_BATCHES = 64

# The CPU client of XLA uses the memory of a NumPy array without a copy if it is aligned to this.
_ALIGNMENT = 64


class Block(NamedTuple):
    """Batches for one dispatch.

    Attributes:
        data: a stack of batches, arrays of shape `(batches, size, ...)`; or one batch, arrays of
            shape `(size, ...)`.
        start: index of the first batch of the stack to use.
        stop: index of the batch to stop before.
        size: samples in a batch; None if the batch is to be one step outside of a loop.
        is_stack: whether `data` is a stack.
    """

    data: Batch
    start: int = 0
    stop: int = 1
    size: int | None = None
    is_stack: bool = False

    @property
    def steps(self) -> int:
        """The number of batches."""
        return self.stop - self.start

    @property
    def samples(self) -> int:
        """The number of samples in all batches."""
        return num_samples(self.data) if self.size is None else self.steps * self.size

    @property
    def signature(self) -> Hashable:
        """What a program for such a block is compiled for: layout, structure, shapes, dtypes."""
        leaves = tuple((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(self.data))
        return self.size, self.is_stack, jax.tree.structure(self.data), leaves

    def batch(self, index: int) -> Batch:
        """Return one of the batches."""
        if not self.is_stack:
            return self.data
        batch: Batch = jax.tree.map(lambda array: array[index], self.data)
        return batch

    def batches(self) -> Iterator[Block]:
        """Yield the batches, each as a block that is one step outside of a loop."""
        if self.size is None:
            yield self
            return
        for index in range(self.start, self.stop):
            yield Block(self.batch(index))

    def split(self, steps: int) -> tuple[Block, Block | None]:
        """Return the first `steps` batches, and those that are left, if any."""
        middle = self.start + steps
        if middle >= self.stop:
            return self, None
        return self._replace(stop=middle), self._replace(start=middle)

    def shape_struct(self, *, single: bool = False) -> Block:
        """Return the block, or one batch of it, with `jax.ShapeDtypeStruct`s in place of arrays."""
        skip = 1 if single and self.is_stack else 0
        data = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[skip:], a.dtype), self.data)
        return Block(data) if single else self._replace(data=data)


def nbytes(tree: PyTree) -> int:
    """Return the bytes of all arrays, abstract or not."""
    return sum(math.prod(a.shape) * np.dtype(a.dtype).itemsize for a in jax.tree.leaves(tree))


def stack_capacity(batch_bytes: int, steps: int | None) -> int:
    """Return how many batches a stack has room for; it may be dispatched with fewer.

    Programs are compiled for this number, so it is the same for many numbers of steps.

    Args:
        batch_bytes: bytes of one batch and of what is computed from it and kept.
        steps: the number of batches; None if unknown.
    """
    most = _at_most(_MOST_BATCHES, _STACK_BYTES, batch_bytes)
    least = _at_most(_SMALL_BATCHES, _SMALL_BYTES, batch_bytes)
    wanted = most if steps is None else 1 << max(0, steps - 1).bit_length()
    return max(least, min(most, wanted))


def _at_most(batches: int, size: int, batch_bytes: int) -> int:
    return max(1, min(batches, size // max(batch_bytes, 1)))


def empty_aligned(shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Return an uninitialized array whose memory the CPU client of XLA uses without a copy."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + _ALIGNMENT, "uint8")
    start = -memory.ctypes.data % _ALIGNMENT
    aligned: np.ndarray = memory[start : start + size].view(dtype).reshape(shape)
    return aligned


def gather(arrays: PyTree, rows: slice | np.ndarray, capacity: int | None = None) -> PyTree:
    """Return some samples of each array, on the host.

    Args:
        arrays: a structure of arrays.
        rows: a slice, or an array of indices.
        capacity: the number of samples to have room for; the rest is uninitialized.
    """

    def take(array: np.ndarray | jax.Array | LazyRows) -> np.ndarray:
        source, place = array, rows
        if isinstance(array, LazyRows):
            source, place = array.read(rows), slice(None)
        source = np.asarray(source)
        count = len(range(len(source))[place]) if isinstance(place, slice) else len(place)
        shape = (count if capacity is None else capacity, *source.shape[1:])
        taken = empty_aligned(shape, source.dtype)
        if isinstance(place, slice):
            taken[:count] = source[place]
        else:
            # "clip" saves NumPy a buffer; the indices are known to be within bounds.
            np.take(source, place, axis=0, out=taken[:count], mode="clip")
        return taken

    return jax.tree.map(take, arrays)
