"""A bar that moves on a terminal."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, ClassVar

from kerasish.callbacks.display.lines import Line, arrange, encodable, glyphs_for
from kerasish.callbacks.display.screens import Screen
from kerasish.callbacks.display.work import Work

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

__all__ = ["TerminalScreen", "open_terminal"]


class TerminalScreen(Screen):
    """A bar that moves, painted by a thread of its own, so that it never stands still."""

    first, interval = 0.0, 0.1

    # A terminal has room for one moving bar: a predict inside a callback of a
    # fit takes it, and the fit takes it back with its next step.
    _moving: ClassVar[set[TerminalScreen]] = set()

    def __init__(self, console: Console) -> None:
        self._console = console
        self._encoding = console.encoding
        self._glyphs = glyphs_for(console.encoding)
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


def open_terminal(stream: IO[str] | None) -> Console | None:
    """Return a console that writes to a stream, or None where that is no terminal.

    Args:
        stream: None is `sys.stdout`.
    """
    # Asked of the stream and not of rich, which FORCE_COLOR makes see a
    # terminal in a log file.
    if not _is_terminal(stream or sys.stdout):
        return None
    from rich.console import Console

    return Console(file=stream, force_jupyter=False)


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)  # stand-ins for stdout often lack it
    return isatty is not None and bool(isatty())
