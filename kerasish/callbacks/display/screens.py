"""Where a line of work is shown, and the screens that only write whole lines."""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from typing import IO

from kerasish.callbacks.display.lines import Line, encodable
from kerasish.callbacks.display.work import Work

__all__ = ["LogScreen", "NoScreen", "Screen"]


class Screen(ABC):
    """Where a line of work is shown.

    Attributes:
        first: seconds before a look at the numbers is wanted.
        interval: seconds between one look and the next.
    """

    first: float
    interval: float

    @abstractmethod
    def open(self, work: Work) -> None:
        """Show a new line of work, under its title."""

    @abstractmethod
    def refresh(self, work: Work) -> None:
        """Show the numbers that were just read."""

    @abstractmethod
    def announce(self, work: Work) -> None:
        """Show a status that was just set."""

    @abstractmethod
    def settle(self, work: Work) -> None:
        """Show the finished line, for good."""

    @abstractmethod
    def abandon(self, work: Work) -> None:
        """Leave a line that was not finished."""


class NoScreen(Screen):
    """Shows nothing."""

    first = interval = math.inf

    def open(self, work: Work) -> None:
        """Do nothing."""

    refresh = announce = settle = abandon = open


class LogScreen(Screen):
    """Whole lines of plain text: no control characters, no colour."""

    def __init__(self, stream: IO[str] | None, interval: float) -> None:
        self.first = self.interval = interval
        self._stream = stream
        self._said: set[str] = set()

    def _write(self, text: str) -> None:
        stream = self._stream or sys.stdout  # looked up late: it may be redirected
        stream.write(encodable(text, getattr(stream, "encoding", None)) + "\n")
        stream.flush()

    def _line(self, line: Line) -> None:
        self._write(" - ".join((line.position, *line.times, *line.metrics)))

    def open(self, work: Work) -> None:
        """Write the title."""
        if work.title is not None:
            self._write(work.title)

    def refresh(self, work: Work) -> None:
        """Write one more line."""
        self._line(work.running(left="{} left"))

    def announce(self, work: Work) -> None:
        """Write what the first steps wait for, once; later ones are not news."""
        text = work.status[0] if work.status else ""
        if text and not work.done and text not in self._said and self.interval < math.inf:
            self._said.add(text)
            self._write(f"{text} ...")

    def settle(self, work: Work) -> None:
        """Write the finished line."""
        self._line(work.finished())

    def abandon(self, work: Work) -> None:
        """Do nothing: each line that was written is complete."""
