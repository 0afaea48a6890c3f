"""Text that is replaced in place, in the output of a notebook's cell."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from kerasish.callbacks.display.lines import HEAVY, Line, arrange, plain
from kerasish.callbacks.display.screens import Screen
from kerasish.callbacks.display.work import Work

__all__ = ["NotebookScreen", "notebook_display"]


class NotebookScreen(Screen):
    """Plain text in one output of the cell, replaced in place."""

    first, interval = 0.0, 0.2
    longest = 60  # lines in one output: each refresh sends all of it

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._handle: Any = None
        self._shown = ""
        self._past: list[str] = []  # lines that will not change any more
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def _paint(self, *last: str) -> None:
        text = "\n".join((*self._past, *last))
        if text == self._shown:
            return
        self._shown, bundle = text, {"text/plain": text}
        if self._handle is None:
            self._handle = self._display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def _paint_running(self, work: Work) -> None:
        self._paint(plain(arrange(work.running(), None, HEAVY)))

    def _keep_painting(self, work: Work, stopped: threading.Event) -> None:
        while not stopped.wait(self.interval):
            with self._lock:
                if not stopped.is_set():
                    self._paint_running(work)

    def _stop(self, line: Line) -> None:
        self._stopped.set()
        with self._lock:
            self._past.append(plain(arrange(line, None, HEAVY)))
            self._paint()

    def open(self, work: Work) -> None:
        """Add a line to the output, or begin a new output when that one is long."""
        if len(self._past) >= self.longest:
            self._handle, self._shown, self._past = None, "", []
        if work.title is not None:
            self._past.append(work.title)
        self._paint_running(work)
        self._stopped = threading.Event()
        arguments = work, self._stopped
        threading.Thread(target=self._keep_painting, args=arguments, daemon=True).start()

    def refresh(self, work: Work) -> None:
        """Do nothing: the thread paints."""

    announce = refresh

    def settle(self, work: Work) -> None:
        """Leave the finished line in the cell's output."""
        self._stop(work.finished())

    def abandon(self, work: Work) -> None:
        """Leave the line as it stood in the cell's output."""
        self._stop(work.stopped())


def notebook_display() -> Callable[..., Any] | None:
    """Return what shows things in the cell that is running; None outside a notebook."""
    ipython = sys.modules.get("IPython")  # a notebook has it loaded; nobody else needs it
    shell = None if ipython is None else ipython.get_ipython()
    if ipython is None or getattr(shell, "kernel", None) is None:
        return None
    show: Callable[..., Any] = ipython.display.display
    return show
