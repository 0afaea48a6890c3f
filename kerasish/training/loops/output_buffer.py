"""OutputBuffer: the outputs of `predict`, copied from the device as they come."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.types import PyTree

__all__ = ["OutputBuffer"]


class OutputBuffer:
    """Outputs in the memory of the host.

    Args:
        like: abstract outputs for some batch.
        samples: the number of rows in total; None if unknown.
        out: the arrays to write to, in the structure of the outputs; None to allocate them.

    Raises:
        ShapeError: if `out` does not have the structure or the shapes of the outputs.
    """

    def __init__(self, like: PyTree, samples: int | None, out: PyTree = None) -> None:
        self._parts: list[PyTree] = []
        self._rows = 0
        self._is_given = out is not None
        self._arrays = out
        if out is not None:
            _check(out, like, samples)
        elif samples is not None:
            room = lambda a: np.empty((samples, *a.shape[1:]), a.dtype)
            self._arrays = jax.tree.map(room, like)

    def add(self, outputs: PyTree, rows: int | None) -> None:
        """Copy the first rows of some outputs (None: all); this waits for the device."""
        if self._arrays is None or rows is None:
            self._parts.append(jax.tree.map(lambda a: np.array(np.asarray(a)[:rows]), outputs))
            return
        place = slice(self._rows, self._rows + rows)

        def copy(array: np.ndarray, output: jax.Array) -> None:
            if len(array) < place.stop:
                raise ArgumentError(
                    f"`out` has room for {len(array)} samples; the data have more. Give a larger "
                    "array, or fewer `steps`."
                )
            array[place] = np.asarray(output)[:rows]

        jax.tree.map(copy, self._arrays, outputs)
        self._rows += rows

    def result(self) -> PyTree:
        """Return all outputs that were added."""
        if self._arrays is None:
            return jax.tree.map(lambda *parts: np.concatenate(parts), *self._parts)
        if self._is_given:
            return self._arrays
        return jax.tree.map(lambda array: array[: self._rows], self._arrays)


def _check(out: PyTree, like: PyTree, samples: int | None) -> None:
    given_structure: Any = jax.tree.structure(out)
    structure: Any = jax.tree.structure(like)
    if given_structure != structure:
        raise ShapeError(
            f"`out` is {given_structure}; the model returns {structure}, where each * is an array."
        )
    for given, output in zip(jax.tree.leaves(out), jax.tree.leaves(like), strict=True):
        rows = "samples" if samples is None else samples
        fits = given.shape[1:] == output.shape[1:] and samples in (None, len(given))
        if not fits or not np.can_cast(output.dtype, given.dtype, "same_kind"):
            wanted = ", ".join(map(str, (rows, *output.shape[1:])))
            raise ShapeError(
                f"`out` must be {output.dtype} of shape ({wanted}); got {given.dtype} of shape "
                f"{given.shape}."
            )
