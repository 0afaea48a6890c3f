"""BackgroundWriter: writes files in a thread, so that training does not wait for the disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

__all__ = ["BackgroundWriter"]

# One thread for all, so that files appear in the order in which they were submitted: what a
# checkpoint of the run refers to was written before it.
_THREAD = ThreadPoolExecutor(1, "kerasish-files")

# Files that wait to be written at most; each holds a state of the model.
_MAX_WAITING = 2


class BackgroundWriter:
    """The files that one callback writes.

    Examples:
        >>> writer = BackgroundWriter()
        >>> writer.submit(lambda: print("written"))
        >>> writer.flush()
        written
    """

    def __init__(self) -> None:
        self._futures: list[Future[None]] = []

    def submit(self, work: Callable[[], None]) -> None:
        """Call `work` in the thread; wait if too much is waiting already.

        Raises:
            Exception: the error of earlier work.
        """
        while len(self._futures) >= _MAX_WAITING or (self._futures and self._futures[0].done()):
            self._futures.pop(0).result()
        self._futures.append(_THREAD.submit(work))

    def wait(self) -> None:
        """Wait until nothing is being written; errors are ignored."""
        wait(self._futures)

    def flush(self) -> None:
        """Wait until everything is written.

        Raises:
            Exception: the error of some of the work.
        """
        futures, self._futures = self._futures, []
        for each in futures:
            each.result()
