"""LazyRows: arrays whose rows are read when needed, such as sparse matrices and mapped files."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

from kerasish.core.types import DTypeLike, PyTree

__all__ = ["LazyRows", "dense", "has_lazy"]


class LazyRows:
    """An array that is never in memory as a whole.

    Args:
        read: returns an array with the rows of a slice, or of an array of indices.
        shape: the shape of the whole array.
        dtype: the dtype of the rows.
        start: the index that `read` has for the first row.
    """

    def __init__(
        self,
        read: Callable[[slice | np.ndarray], np.ndarray],
        shape: tuple[int, ...],
        dtype: DTypeLike,
        start: int = 0,
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

    def read(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return some rows as an array: those of a slice, or of an array of indices."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            rows = slice(self._start + start, self._start + stop)
        else:
            rows = np.asarray(rows) + self._start
        return np.asarray(self._read(rows), self.dtype)


def has_lazy(tree: PyTree) -> bool:
    """Return whether some of the arrays are `LazyRows`."""
    return any(isinstance(leaf, LazyRows) for leaf in jax.tree.leaves(tree))


def dense(tree: PyTree) -> PyTree:
    """Read all rows of the `LazyRows` in a structure of arrays."""
    whole = lambda leaf: leaf.read(slice(None)) if isinstance(leaf, LazyRows) else leaf
    return jax.tree.map(whole, tree)
