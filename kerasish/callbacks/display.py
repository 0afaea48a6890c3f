"""How work in progress is shown: on a terminal, in a log file, in a notebook.

A `Display` keeps the facts of one line of work at a time (an epoch, an
evaluation) and decides when it wants to look at the numbers. A `Screen` puts
those facts somewhere::

    Display ── Work ── Line        what is known, and how it reads
       └────── Screen              where it goes
               ├── NoScreen        verbose=0
               ├── LogScreen       verbose=2, or verbose=1 into a file or a pipe
               ├── TerminalScreen  verbose=1 on a terminal
               └── NotebookScreen  verbose=1 in a notebook

Nothing here knows what a model is.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any, ClassVar, NamedTuple

from kerasish.core.errors import ArgumentError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

__all__ = ["Display", "make_display"]

Clock = Callable[[], float]
Piece = tuple[str, str]  # some text, and the name of its style


# Numbers as text ------------------------------------------------------------------------


def format_value(value: object) -> str:
    """Write a metric as Keras does: 4 decimals, powers of ten when that says nothing.

    Args:
        value: a number; anything else is shown as it is, for a display must
            not be what stops a training.

    Example:
        >>> [format_value(x) for x in (0.93121, 1.2e-05, 0.0, float("nan"))]
        ['0.9312', '1.2000e-05', '0.0000', 'nan']
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
    plain = number == 0 or 1e-3 <= abs(number) < 1e7 or not math.isfinite(number)
    return f"{number:.4f}" if plain else f"{number:.4e}"


def format_pace(seconds: float, unit: str) -> str:
    """Write the time that one step takes, in the unit that reads best.

    Example:
        >>> [format_pace(s, "step") for s in (0.000064, 0.0014, 0.0251, 1.25, 40)]
        ['64us/step', '1.4ms/step', '25ms/step', '1.2s/step', '40s/step']
    """
    if seconds * 1e6 < 999.5:
        return f"{seconds * 1e6:.0f}us/{unit}"
    number, name = (seconds * 1e3, "ms") if seconds * 1e3 < 999.5 else (seconds, "s")
    return f"{number:.1f}{name}/{unit}" if number < 9.95 else f"{number:.0f}{name}/{unit}"


def format_left(seconds: float) -> str:
    """Write the time that is left.

    Example:
        >>> [format_left(s) for s in (9, 61, 3723)]
        ['9s', '1:01', '1:02:03']
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest}s"
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


# One line of work -----------------------------------------------------------------------


class Line(NamedTuple):
    """A line of work, ready to be laid out."""

    done: int
    total: int | None
    times: tuple[str, ...]  # ("9s", "25ms/step")
    metrics: tuple[str, ...]  # ("loss: 0.2210", ...)

    @property
    def position(self) -> str:
        """How far it is: `120/469`."""
        if self.total is None:
            return f"{self.done}/Unknown"
        return f"{self.done:{len(str(self.total))}d}/{self.total}"


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
        self._idle = 0.0  # seconds spent under a status, when no step was taken
        self._first: tuple[int, float] | None = None

    def arrive(self, done: int) -> None:
        """Note that steps are being taken."""
        self.set_status("")
        self.done = done
        if self._first is None:
            self._first = done, self._busy()

    def look(self, logs: Mapping[str, float]) -> None:
        """Read the metrics; this may wait for the device, so time is taken after it."""
        metrics = tuple(f"{name}: {format_value(value)}" for name, value in logs.items())
        self.seen = Seen(self.done, metrics, self._pace())

    def set_status(self, text: str) -> None:
        """Say what is going on instead of steps; an empty text: nothing any more."""
        now = self.clock()
        if self.status is not None:
            if self.status[0] == text:
                return
            self._idle += now - self.status[1]
        self.status = (text, now) if text else None
        if text:  # while it lasts nobody reads, so at least the count is made right
            self.seen = self.seen._replace(done=self.done)

    def _busy(self) -> float:
        return self.clock() - self.started - self._idle

    def _pace(self) -> float:
        first, before = self._first or (0, 0.0)
        # The first steps may hide a compilation, so they leave the average
        # as soon as there are others, as in Keras.
        if self.done - first >= max(1, min(first, 10)):
            return (self._busy() - before) / (self.done - first)
        return self._busy() / max(self.done, 1)

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
        times = (f"{self.clock() - self.started:.0f}s", format_pace(pace, self.unit))
        # A generator has shown its length by now.
        return Line(done, done if self.total is None else self.total, times, metrics)

    def stopped(self) -> Line:
        """Describe the work when there will be no more of it, though it is not finished."""
        return self.finished()._replace(done=self.done, total=self.total)


# Layout ---------------------------------------------------------------------------------

Glyphs = tuple[str, str, str]  # what is done, the head of the rest, the rest
HEAVY: Glyphs = ("━", "╺", "─")
ASCII: Glyphs = ("=", ">", ".")
BAR_WIDTH = 20


def arrange(line: Line, width: int | None, glyphs: Glyphs) -> list[list[Piece]]:
    """Lay a line out in rows that are at most `width` wide, metrics kept whole.

    Args:
        line: what to show.
        width: columns there are; None leaves it all in one row.
        glyphs: what to draw the bar with.

    Returns:
        Rows of pieces, each a text and the name of its style.
    """
    width = 10**9 if width is None else width
    times = " ".join(line.times)
    row: list[Piece] = [(line.position, "bold"), (" ", ""), (times, "cyan")]
    if line.total is not None:
        room = width - len(line.position) - len(times) - 2
        fraction = min(line.done / line.total, 1.0) if line.total else 1.0
        row[2:2] = [*draw_bar(fraction, max(4, min(BAR_WIDTH, room)), glyphs), (" ", "")]
    rows, used = [row], sum(len(text) for text, _ in row)
    for metric in line.metrics:
        if used + 3 + len(metric) <= width:
            rows[-1] += [(" - ", "bright_black"), (metric, "")]
            used += 3 + len(metric)
        else:
            rows.append([("  ", ""), (metric, "")])
            used = 2 + len(metric)
    return rows


def draw_bar(fraction: float, width: int, glyphs: Glyphs) -> list[Piece]:
    """Draw a bar whose two parts differ in shape as well as in colour."""
    full, head, rest = glyphs
    filled = int(width * fraction)
    todo = (head + rest * width)[: width - filled]
    return [(full * filled, "green"), (todo, "bright_black")]


def plain(rows: list[list[Piece]]) -> str:
    """Return rows as text without style."""
    return "\n".join("".join(text for text, _ in row) for row in rows)


def encodable(text: str, encoding: str | None) -> str:
    """Return text with a `?` for each character that the encoding does not have."""
    return text.encode(encoding or "utf-8", "replace").decode(encoding or "utf-8")


def _can_draw(encoding: str) -> bool:
    heavy = "".join(HEAVY)
    return encodable(heavy, encoding) == heavy


# Screens --------------------------------------------------------------------------------


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


class TerminalScreen(Screen):
    """A bar that moves, painted by a thread of its own, so that it never stands still."""

    first, interval = 0.0, 0.1

    # A terminal has room for one moving bar: a predict inside a callback of a
    # fit takes it, and the fit takes it back with its next step.
    _moving: ClassVar[set[TerminalScreen]] = set()

    def __init__(self, console: Console) -> None:
        self._console = console
        self._encoding = console.encoding
        self._glyphs = HEAVY if _can_draw(console.encoding) else ASCII
        self._live: Live | None = None

    def _text(self, line: Line, *, moving: bool) -> Text:
        from rich.text import Text

        width, height = self._console.size
        rows = arrange(line, width, self._glyphs)
        if moving:  # what has scrolled off the top could not be taken back
            rows = rows[: max(height - 1, 1)]
        text = Text(no_wrap=moving, overflow="crop" if moving else "fold")
        for row in rows:
            text.append("\n" if text else "")
            for piece, style in row:
                text.append(encodable(piece, self._encoding), style)
        return text

    def _start(self, work: Work) -> None:
        if self._live is not None:
            return
        from rich.live import Live

        self._take_over()
        ours = self._console.file is sys.stdout
        self._live = Live(
            console=self._console,
            get_renderable=lambda: self._text(work.running(), moving=True),
            refresh_per_second=1 / self.interval,
            transient=True,
            # What a callback prints goes above the bar; what goes elsewhere
            # than to this terminal is none of our business.
            redirect_stdout=ours,
            redirect_stderr=ours and _is_terminal(sys.stderr),
        )
        self._moving.add(self)
        self._live.start(refresh=True)

    def _take_over(self) -> None:
        for other in list(self._moving):
            other._stop()

    def _stop(self) -> None:
        live, self._live = self._live, None
        self._moving.discard(self)
        if live is not None:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()  # else a line without its end would be lost with the bar
            live.stop()

    def open(self, work: Work) -> None:
        """Print the title and start the bar."""
        self._take_over()
        if work.title is not None:
            title = encodable(work.title, self._encoding)
            self._console.print(title, markup=False, highlight=False)
        self._start(work)

    def refresh(self, work: Work) -> None:
        """Start the bar again if another had taken its place; its thread does the rest."""
        self._start(work)

    announce = refresh

    def settle(self, work: Work) -> None:
        """Replace the bar by the finished line."""
        self._stop()
        self._console.print(self._text(work.finished(), moving=False))

    def abandon(self, work: Work) -> None:
        """Replace the bar by the line as it stood."""
        self._stop()
        self._console.print(self._text(work.stopped(), moving=False))


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


# The display ----------------------------------------------------------------------------


class Display:
    """Shows work in progress, one line of it at a time.

    Args:
        screen: where to show it.
        clock: seconds that only ever grow.

    Example:
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
    show = _notebook_display() if stream is None else None
    if show is not None:
        return NotebookScreen(show)
    console = console or _terminal(stream)
    if console is None or not console.is_terminal or console.is_dumb_terminal:
        return LogScreen(stream, 30.0)
    return TerminalScreen(console)


def _terminal(stream: IO[str] | None) -> Console | None:
    # Asked of the stream and not of rich, which FORCE_COLOR makes see a
    # terminal in a log file.
    if not _is_terminal(stream or sys.stdout):
        return None
    from rich.console import Console

    return Console(file=stream, force_jupyter=False)


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)  # stand-ins for stdout often lack it
    return isatty is not None and bool(isatty())


def _notebook_display() -> Callable[..., Any] | None:
    ipython = sys.modules.get("IPython")  # a notebook has it loaded; nobody else needs it
    shell = None if ipython is None else ipython.get_ipython()
    if ipython is None or getattr(shell, "kernel", None) is None:
        return None
    show: Callable[..., Any] = ipython.display.display
    return show
