"""Work that a thread does ahead of its user."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

__all__ = ["Prefetcher"]

Item = TypeVar("Item")

# A source that is busy for longer than this when nobody wants it any more is left alone.
_PATIENCE = 5.0


class _End:
    """Comes after the last item, with what ended the source, if it was an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetcher:
    """An iterator whose items a thread takes from another one, before they are asked for.

    At most two items wait, so memory is bounded. An exception in the source is
    raised where the item is asked for, with the source's own traceback.

    Args:
        source: makes the iterator; called in the thread, as is all the iterator does.
    """

    def __init__(self, source: Callable[[], Iterator[Any]]) -> None:
        self._items: queue.Queue[Any] = queue.Queue(maxsize=1)
        self._over = threading.Event()
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._work, source), name="kerasish-data", daemon=True
        )
        self._thread.start()

    def _work(self, source: Callable[[], Iterator[Any]]) -> None:
        end = _End()
        try:
            for item in source():
                if not self._give(item):
                    return
        except BaseException as error:
            end = _End(error)
        self._give(end)

    def _give(self, item: Any) -> bool:
        """Wait until there is room for an item; return whether it is still wanted."""
        while not self._over.is_set():
            try:
                self._items.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def __iter__(self) -> Prefetcher:
        return self

    def __next__(self) -> Any:
        if self._over.is_set():
            raise StopIteration
        item = self._items.get()
        if isinstance(item, _End):
            self._over.set()
            raise item.error or StopIteration
        return item

    def close(self) -> None:
        """Let the thread end; what it has taken from its source and not given is lost."""
        self._over.set()
        self._thread.join(_PATIENCE)
