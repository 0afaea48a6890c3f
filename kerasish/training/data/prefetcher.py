"""Prefetcher: an iterator whose items are taken by a thread ahead of their use."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["Prefetcher"]

Item = TypeVar("Item")

# After `close`, a source that is busy for longer than this is abandoned.
_PATIENCE = 5.0


class _End:
    """Follows the last item, with the error that ended the source, if there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetcher(Generic[Item]):
    """An iterator whose items a thread takes from another one before they are requested.

    At most two items wait, so memory is bounded. An exception in the source is raised where the
    item is requested, with the traceback of the source.

    Args:
        source: makes the iterator; it is called in the thread, as is the iterator.
    """

    def __init__(self, source: Callable[[], Iterator[Item]]) -> None:
        self._items: queue.Queue[Item | _End] = queue.Queue(maxsize=1)
        self._closed = threading.Event()
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._work, source), name="kerasish-data", daemon=True
        )
        self._thread.start()

    def _work(self, source: Callable[[], Iterator[Item]]) -> None:
        end = _End()
        try:
            for item in source():
                if not self._put(item):
                    return
        except BaseException as error:
            end = _End(error)
        self._put(end)

    def _put(self, item: Item | _End) -> bool:
        """Wait until there is room for an item; return whether it was taken."""
        while not self._closed.is_set():
            try:
                self._items.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def __iter__(self) -> Prefetcher[Item]:
        return self

    def __next__(self) -> Item:
        if self._closed.is_set():
            raise StopIteration
        item = self._items.get()
        if isinstance(item, _End):
            self._closed.set()
            raise item.error or StopIteration
        return item

    def close(self) -> None:
        """Let the thread end; items that it has taken from the source are lost."""
        self._closed.set()
        self._thread.join(_PATIENCE)
