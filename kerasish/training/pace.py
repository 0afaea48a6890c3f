"""How many steps to make in one dispatch: as many as take a tenth of a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax

from kerasish.training.feed import Block

__all__ = ["Pace"]

# Long enough that a dispatch costs nothing beside it, short enough for bars and Ctrl-C.
_SECONDS = 0.1


class Pace:
    """The time that steps take, by kind (`"train"`, `"test"`), measured as they are made."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._first: set[Any] = set()

    def room(self, kind: str) -> int:
        """Return how many steps of a kind make a good dispatch; one before anything is known."""
        seconds = self._seconds.get(kind)
        return 1 if seconds is None else max(1, int(_SECONDS / seconds))

    @contextmanager
    def timed(self, kind: str, block: Block, result: Callable[[], Any]) -> Iterator[None]:
        """Measure the dispatch of a block in the `with` statement.

        Args:
            kind: the kind of steps.
            block: the batches.
            result: gives an array that is ready when the steps are done.
        """
        start = time.perf_counter()
        yield
        shapes = (kind, block.size, *(leaf.shape for leaf in jax.tree.leaves(block.data)))
        if shapes not in self._first:
            self._first.add(shapes)  # it was compiled, which says nothing about steps
            return
        if block.steps > 1 or kind not in self._seconds:
            jax.block_until_ready(result())
            self._seconds[kind] = (time.perf_counter() - start) / block.steps
