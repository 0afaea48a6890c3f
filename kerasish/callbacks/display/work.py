"""What is known about one line of work, and the time that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kerasish.callbacks.display.lines import Line, format_left, format_pace, format_value

__all__ = ["Clock", "Work"]

Clock = Callable[[], float]


class Seen(NamedTuple):
    """What was last read. Replaced as a whole: another thread may be painting it."""

    done: int
    metrics: tuple[str, ...]
    pace: float  # seconds per step


class Work:
    """What is known about one line of work."""

    def __init__(self, title: str | None, total: int | None, unit: str, clock: Clock) -> None:
        self.title, self.total, self.unit, self.clock = title, total, unit, clock
        self.started = clock()
        self.done = 0
        self.seen = Seen(0, (), 0.0)
        self.status: tuple[str, float] | None = None  # its text, and since when
        self._idle: dict[str, float] = {}  # seconds under each status, when no step was taken

    def arrive(self, done: int) -> None:
        """Note that steps are being taken."""
        self.set_status("")
        self.done = done

    def look(self, logs: Mapping[str, float]) -> None:
        """Read the metrics, which waits for the device, and only then the time.

        Steps are dispatched long before they are computed: what passes between
        two dispatches says nothing, the time until the numbers are here does.
        """
        metrics = tuple(f"{name}: {format_value(value)}" for name, value in logs.items())
        self.seen = Seen(self.done, metrics, self._pace())

    def set_status(self, text: str) -> None:
        """Say what is going on instead of steps; an empty text: nothing any more."""
        now = self.clock()
        if self.status is not None:
            if self.status[0] == text:
                return
            before, since = self.status
            self._idle[before] = self._idle.get(before, 0.0) + now - since
        self.status = (text, now) if text else None
        if text:  # while it lasts nobody reads, so at least the count is made right
            self.seen = self.seen._replace(done=self.done)

    def _pace(self) -> float:
        return (self.clock() - self.started - sum(self._idle.values())) / max(self.done, 1)

    def running(self, left: str = "{}") -> Line:
        """Describe the work as it stands; `left` words the time that is left."""
        seen, status, total = self.seen, self.status, self.total
        elapsed = f"{self.clock() - self.started:.0f}s"
        pace = format_pace(seen.pace, self.unit)
        if status is not None:
            waited = int(self.clock() - status[1])
            times: tuple[str, ...] = (f"{status[0]} {waited}s" if waited else status[0],)
        elif seen.pace == 0:  # nothing was read yet
            times = (elapsed,)
        elif total is None or seen.done >= total:
            times = (elapsed, pace)
        else:
            times = (left.format(format_left(seen.pace * (total - seen.done))), pace)
        return Line(seen.done, total, times, seen.metrics)

    def finished(self) -> Line:
        """Describe the work when there is no more of it."""
        done, metrics, pace = self.seen
        elapsed = f"{self.clock() - self.started:.0f}s"
        # The pace is that of the steps alone; the line says what else the time went to.
        spent = [f"{time:.0f}s {what}" for what, time in self._idle.items() if time >= 0.5]
        elapsed += f" ({', '.join(spent)})" if spent else ""
        times = (elapsed, format_pace(pace, self.unit))
        # A generator has shown its length by now.
        return Line(done, done if self.total is None else self.total, times, metrics)

    def stopped(self) -> Line:
        """Describe the work when there will be no more of it, though it is not finished."""
        return self.finished()._replace(done=self.done, total=self.total)
