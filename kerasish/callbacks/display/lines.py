"""A line of work as text: its numbers, its bar, its rows."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = [
    "HEAVY",
    "Glyphs",
    "Line",
    "arrange",
    "encodable",
    "format_left",
    "format_pace",
    "format_value",
    "glyphs_for",
    "plain",
]

Piece = tuple[str, str]  # some text, and the name of its style
Glyphs = tuple[str, str, str]  # what is done, the head of the rest, the rest
HEAVY: Glyphs = ("━", "╺", "─")
ASCII: Glyphs = ("=", ">", ".")
BAR_WIDTH = 20


def format_value(value: object) -> str:
    """Write a metric as Keras does: 4 decimals, powers of ten when that says nothing.

    Args:
        value: a number; anything else is shown as it is, for a display must
            not be what stops a training.

    Examples:
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

    Examples:
        >>> [format_pace(s, "step") for s in (0.000064, 0.0014, 0.0251, 1.25, 40)]
        ['64us/step', '1.4ms/step', '25ms/step', '1.2s/step', '40s/step']
    """
    if seconds * 1e6 < 999.5:
        return f"{seconds * 1e6:.0f}us/{unit}"
    number, name = (seconds * 1e3, "ms") if seconds * 1e3 < 999.5 else (seconds, "s")
    return f"{number:.1f}{name}/{unit}" if number < 9.95 else f"{number:.0f}{name}/{unit}"


def format_left(seconds: float) -> str:
    """Write the time that is left.

    Examples:
        >>> [format_left(s) for s in (9, 61, 3723)]
        ['9s', '1:01', '1:02:03']
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest}s"
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


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
    rows = [_head(line, width, glyphs)]
    used = sum(len(text) for text, _ in rows[0])
    for metric in line.metrics:
        if used + 3 + len(metric) <= width:
            rows[-1] += [(" - ", "bright_black"), (metric, "")]
            used += 3 + len(metric)
        else:
            rows.append([("  ", ""), (metric, "")])
            used = 2 + len(metric)
    return rows


def _head(line: Line, width: int, glyphs: Glyphs) -> list[Piece]:
    """Lay out what comes before the metrics: the position, the bar, the times."""
    times = " ".join(line.times)
    bar: list[Piece] = []
    if line.total is not None:
        room = width - len(line.position) - len(times) - 2
        fraction = min(line.done / line.total, 1.0) if line.total else 1.0
        bar = [*_bar(fraction, max(4, min(BAR_WIDTH, room)), glyphs), (" ", "")]
    return [(line.position, "bold"), (" ", ""), *bar, (times, "cyan")]


def _bar(fraction: float, width: int, glyphs: Glyphs) -> list[Piece]:
    # The two parts differ in shape as well as in colour: not everybody sees colours.
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


def glyphs_for(encoding: str) -> Glyphs:
    """Return the best glyphs that the encoding has."""
    heavy = "".join(HEAVY)
    return HEAVY if encodable(heavy, encoding) == heavy else ASCII
