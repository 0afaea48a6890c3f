"""BackgroundWriter: has files written by a thread, so that training does not wait for the disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

__all__ = ["BackgroundWriter"]

# One for all, so that files come into being in the order in which they were asked for: what a
# checkpoint of the run tells of was written before it.
_THREAD = ThreadPoolExecutor(1, "kerasish-files")

# Files that wait to be written; each holds a state of the model.
_WAITING = 2


class BackgroundWriter:
    """What one callback has to write.

    Examples:
        >>> writer = BackgroundWriter()
        >>> writer.write(lambda: print("written"))
        >>> writer.finish()
        written
    """

    def __init__(self) -> None:
        self._writing: list[Future[None]] = []

    def write(self, work: Callable[[], None]) -> None:
        """Have some work done later; wait if more is waiting already than memory is good for.

        Raises:
            Exception: what earlier work failed with.
        """
        while len(self._writing) >= _WAITING or (self._writing and self._writing[0].done()):
            self._writing.pop(0).result()
        self._writing.append(_THREAD.submit(work))

    def rest(self) -> None:
        """Wait until nothing is under way, after an exception that was told already."""
        wait(self._writing)

    def finish(self) -> None:
        """Wait until everything is written.

        Raises:
            Exception: what some of it failed with.
        """
        writing, self._writing = self._writing, []
        for each in writing:
            each.result()
