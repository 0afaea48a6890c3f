"""How many steps to make in one dispatch: as many as take a tenth of a second, or some more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from kerasish.core.types import PyTree

__all__ = ["DispatchPacer"]

# Long enough that a dispatch costs nothing beside it, short enough for bars and Ctrl-C.
_SECONDS = 0.1
# XLA's CPU client takes the memory that a dispatch works in anew from the system, page by page,
# which takes up to a third of a step. So there are some steps in it, if they are not too slow.
_STEPS, _MOST_SECONDS = 8, 0.5


class _Dispatch(NamedTuple):
    kind: str
    steps: int
    result: Any
    began: float
    failed: Callable[[], None]


class DispatchPacer:
    """What the device is busy with, and the time that steps take, measured as they are made.

    The host runs one dispatch ahead of the device: while one is computed, it gathers the
    data for the next and sends it off, and only then waits for the first.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._under_way: _Dispatch | None = None
        self._free = 0.0

    def steps_per_dispatch(self, kind: str) -> int:
        """Return how many steps of a kind make a good dispatch; one before anything is known."""
        seconds = self._seconds.get(kind)
        if seconds is None:
            return 1
        steps = min(_STEPS, int(_MOST_SECONDS / seconds)) if jax.default_backend() == "cpu" else 1
        return max(1, int(_SECONDS / seconds), steps)

    def record_dispatch(
        self,
        kind: str,
        steps: int,
        result: PyTree,
        began: float,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Note what was dispatched, and wait for what was before it.

        Args:
            kind: the kind of steps.
            steps: how many.
            result: arrays that are ready when the steps are done.
            began: when they were dispatched.
            failed: called if the device fails in them.
        """
        before = self._under_way
        self._under_way = _Dispatch(kind, steps, result, began, failed)
        self._wait(before)

    def block_until_ready(self) -> None:
        """Wait until the device has done everything.

        Raises:
            Exception: what the device failed with, after `failed` was called.
        """
        under_way, self._under_way = self._under_way, None
        self._wait(under_way)

    def _wait(self, dispatch: _Dispatch | None) -> None:
        if dispatch is None:
            return
        leaves = jax.tree.leaves(dispatch.result)
        was_ready = all(leaf.is_ready() for leaf in leaves)
        try:
            jax.block_until_ready(leaves)
        except Exception:
            self._under_way = None  # it began with what has just failed
            dispatch.failed()
            raise
        now = time.perf_counter()
        seconds = (now - max(dispatch.began, self._free)) / dispatch.steps
        self._free = now
        known = self._seconds.get(dispatch.kind)
        # If it was ready before anyone waited, it took less than that.
        self._seconds[dispatch.kind] = min(seconds, known or seconds) if was_ready else seconds
