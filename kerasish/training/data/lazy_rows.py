"""Arrays whose rows are read as they are needed: sparse matrices, files mapped into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

__all__ = ["LazyRows", "dense", "has_lazy"]


class LazyRows:
    """An array that is never in memory as a whole.

    Args:
        read: returns an array with the rows of a slice, or of an array of numbers.
        shape: the shape of the whole.
        dtype: the dtype that is read.
        start: which row of what `read` knows is the first.
    """

    def __init__(
        self, read: Callable[[Any], Any], shape: tuple[int, ...], dtype: Any, start: int = 0
    ) -> None:
        self._read = read
        self._start = start
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.ndim = len(shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> LazyRows:
        start, stop, _ = rows.indices(len(self))
        shape = max(0, stop - start), *self.shape[1:]
        return LazyRows(self._read, shape, self.dtype, self._start + start)

    def read(self, rows: Any) -> np.ndarray:
        """Return some rows as an array: those of a slice, or of an array of numbers."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            rows = slice(self._start + start, self._start + stop)
        else:
            rows = np.asarray(rows) + self._start
        return np.asarray(self._read(rows), self.dtype)


def has_lazy(tree: Any) -> bool:
    """Return whether there is an array among others whose rows are read as they are needed."""
    return any(isinstance(leaf, LazyRows) for leaf in jax.tree.leaves(tree))


def dense(tree: Any) -> Any:
    """Return a structure of arrays, with all rows read."""
    whole = lambda leaf: leaf.read(slice(None)) if isinstance(leaf, LazyRows) else leaf
    return jax.tree.map(whole, tree)
