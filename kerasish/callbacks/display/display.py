"""The display, and the choice of its screen."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from kerasish.callbacks.display.notebook import NotebookScreen, notebook_display
from kerasish.callbacks.display.screens import LogScreen, NoScreen, Screen
from kerasish.callbacks.display.terminal import TerminalScreen, open_terminal
from kerasish.callbacks.display.work import Clock, Work
from kerasish.core.errors import ArgumentError
from kerasish.core.settings.process_settings import is_interactive_logging_enabled

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Display", "make_display"]


class Display:
    """Shows work in progress, one line of it at a time.

    Args:
        screen: where to show it.
        clock: seconds that only ever grow.

    Examples:
        >>> display = make_display(2)
        >>> display.begin("Epoch 1/1", total=2)
        Epoch 1/1
        >>> display.end(2, {"loss": 0.25})  # doctest: +ELLIPSIS
        2/2 - 0s - ...s/step - loss: 0.2500
        >>> display.close()
    """

    def __init__(self, screen: Screen, clock: Clock = time.monotonic) -> None:
        self._screen, self._clock = screen, clock
        self._work: Work | None = None
        self._next = math.inf

    @property
    def interval(self) -> float:
        """Seconds between two looks at the numbers; infinite when none is wanted."""
        return self._screen.interval

    def begin(self, title: str | None, total: int | None, unit: str = "step") -> None:
        """Start a new line of work.

        Args:
            title: printed above it, such as `Epoch 1/5`.
            total: how many steps it has; None when only its end will tell.
            unit: what one step is called.
        """
        self.close()
        self._work = Work(title, total, unit, self._clock)
        self._next = self._work.started + self._screen.first
        self._screen.open(self._work)

    def wants_update(self, now: float | None = None) -> bool:
        """Return whether `update` would read the logs.

        Args:
            now: the time by `time.monotonic()`; None asks the clock.
        """
        return (self._clock() if now is None else now) >= self._next

    def update(self, done: int, logs: Mapping[str, float]) -> None:
        """Say that steps are done.

        Args:
            done: how many, since `begin`.
            logs: the metrics; read only when `wants_update`, because reading
                may have to wait for the device.
        """
        if self._work is None:
            return
        self._work.arrive(done)
        if self.wants_update():
            self._work.look(logs)
            self._next = self._clock() + self._screen.interval
            self._screen.refresh(self._work)

    def status(self, text: str) -> None:
        """Say what takes the time while no step is taken, such as `compiling`.

        It is shown with its seconds until the next `update`; an empty text
        takes it away. Its time is not counted as time of the steps.
        """
        if self._work is not None:
            self._work.set_status(text)
            self._screen.announce(self._work)

    def end(self, done: int, logs: Mapping[str, float]) -> None:
        """Finish the line of work; it stays on the screen.

        Args:
            done: how many steps there were in the end.
            logs: the final metrics, always read.
        """
        if self._work is None:
            return
        self._work.arrive(done)
        self._work.look(logs)
        work, self._work, self._next = self._work, None, math.inf
        self._screen.settle(work)

    def close(self) -> None:
        """Leave a clean screen, whatever has happened. May be called again."""
        work, self._work, self._next = self._work, None, math.inf
        if work is not None:
            self._screen.abandon(work)


def make_display(
    verbose: int | str, *, stream: IO[str] | None = None, console: Console | None = None
) -> Display:
    """Return the display that suits where the output goes.

    Args:
        verbose: 0 is silent, 1 (or `"auto"`) a bar, 2 one line per epoch.
        stream: where to write; None is `sys.stdout`, or the cell of a notebook.
        console: a rich console to write to instead.

    Raises:
        ArgumentError: for any other `verbose`.
    """
    verbose = 1 if verbose == "auto" else verbose
    if verbose not in (0, 1, 2):
        raise ArgumentError(
            f"verbose is 0 (silent), 1 or 'auto' (a bar) or 2 (a line per epoch), not {verbose!r}."
        )
    return Display(_choose_screen(int(verbose), stream, console))


def _choose_screen(verbose: int, stream: IO[str] | None, console: Console | None) -> Screen:
    stream = console.file if console is not None else stream
    if verbose == 0 or (stream or sys.stdout) is None:  # no stdout: a program without a console
        return NoScreen()
    if verbose == 2:
        return LogScreen(stream, math.inf)
    if console is None and not is_interactive_logging_enabled():
        return LogScreen(stream, 30.0)
    show = notebook_display() if stream is None else None
    if show is not None:
        return NotebookScreen(show)
    console = console or open_terminal(stream)
    if console is None or not console.is_terminal or console.is_dumb_terminal:
        return LogScreen(stream, 30.0)
    return TerminalScreen(console)
