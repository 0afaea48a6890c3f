"""How `model.summary()` looks: a table of layers, as text."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Literal, TypeAlias

from kerasish.core.errors import ArgumentError
from kerasish.models.summary import SummaryRow, SummaryTotals

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["print_table"]

Cell: TypeAlias = tuple[str, str]  # its text, and the name of its style
Justify: TypeAlias = Literal["left", "right"]

_WRAPPED = ("Layer (type)", "Output Shape", "Connected to")


def print_table(
    rows: Sequence[SummaryRow],
    totals: SummaryTotals,
    title: str,
    *,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], object] | None = None,
    show_trainable: bool = False,
) -> None:
    """Print a table of the layers and the number of parameters.

    Args:
        rows: the layers, in order.
        totals: the sums below the table.
        title: the line above it, such as `Model: "sequential"`.
        line_length: columns to use at most; None takes those of the terminal,
            but no more than the table needs.
        positions: where each column ends, in characters or as shares of the line.
        print_fn: called once with the whole text, without control characters;
            None prints it, in colour on a terminal.
        show_trainable: whether to add a column that says what is trained.
    """
    length = line_length or shutil.get_terminal_size().columns
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    connected = any(row.connected for row in rows)
    cells = [_header(connected=connected, trainable=show_trainable)]
    cells += [_cells(row, connected=connected, trainable=show_trainable) for row in rows]
    cells = [[(_encodable(text, encoding), style) for text, style in row] for row in cells]
    if print_fn is None and _is_terminal(sys.stdout):
        _print(_console(sys.stdout, length, colour=True), title, cells, totals, positions)
        return
    page = _Page(encoding)
    _print(_console(page, length, colour=False), title, cells, totals, positions)
    lines = page.getvalue().rstrip("\n").split("\n")
    (print_fn or print)("\n".join(line.rstrip() for line in lines))


def format_bytes(count: float) -> str:
    """Write a number of bytes in the unit that reads best.

    Examples:
        >>> [format_bytes(n) for n in (12, 4936, 3 * 2**30)]
        ['12.00 B', '4.82 KB', '3.00 GB']
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if count < 1024:
            return f"{count:.2f} {unit}"
        count /= 1024
    return f"{count:.2f} PB"


class _Page(io.StringIO):
    """Text in memory of which rich believes that it has an encoding.

    From the encoding rich knows whether it may draw boxes with lines.
    """

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())


def _console(stream: IO[str], width: int, *, colour: bool) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        width=width,
        force_terminal=colour,
        force_jupyter=False,
        color_system="auto" if colour else None,
        highlight=False,
    )


def _print(
    console: Console,
    title: str,
    cells: list[list[Cell]],
    totals: SummaryTotals,
    positions: Sequence[float] | None,
) -> None:
    from rich.text import Text

    console.print(Text(_encodable(title, console.encoding), "bold"))
    console.print(_table(cells, console.width, positions))
    for name, count, size in _sums(totals):
        line = Text(f" {name}: ", "bold")
        line.append(f"{count:,}", "not bold green").append(f" ({format_bytes(size)})", "not bold")
        console.print(line)


def _sums(totals: SummaryTotals) -> list[tuple[str, int, int]]:
    parts = [
        ("Trainable params", totals.trainable, totals.trainable_bytes),
        ("Non-trainable params", totals.frozen, totals.frozen_bytes),
    ]
    if totals.optimizer is not None:
        parts.append(("Optimizer params", totals.optimizer, totals.optimizer_bytes))
    # The optimizer's numbers count in the total, as in Keras.
    total = ("Total params", sum(part[1] for part in parts), sum(part[2] for part in parts))
    return [total, *parts]


def _header(*, connected: bool, trainable: bool) -> list[Cell]:
    # The spaces are the least width that looks like a table.
    names = [f"{'Layer (type)':28}", f"{'Output Shape':20}", f"{'Param #':>10}"]
    names += ["Connected to"] * connected + ["Trainable"] * trainable
    return [(name, "") for name in names]


def _cells(row: SummaryRow, *, connected: bool, trainable: bool) -> list[Cell]:
    indent = "   " * (row.depth - 1) + "└ " if row.depth else ""
    cells = [(f"{indent}{row.name} ({row.kind})", "blue")]
    cells += [(row.shape, "cyan"), (f"{row.params:,}", "green")]
    if connected:
        cells.append((",\n".join(row.connected) or "-", ""))
    if trainable:
        cells.append(({True: "Y", False: "N", None: "-"}[row.trainable], ""))
    return cells


def _table(cells: list[list[Cell]], length: int, positions: Sequence[float] | None) -> Table:
    from rich.box import HEAVY_HEAD
    from rich.table import Table
    from rich.text import Text

    widths = _widths(cells, length) if positions is None else _given(positions, length, cells[0])
    table = Table(box=HEAVY_HEAD, show_lines=True)
    for (name, _), width in zip(cells[0], widths, strict=True):
        title = name.strip()
        justify: Justify = "right" if title == "Param #" else "left"
        table.add_column(Text(title, "bold"), width=width, justify=justify, overflow="fold")
    for row in cells[1:]:
        table.add_row(*(Text(text, style) for text, style in row))  # a [ in a name is no markup
    return table


def _given(positions: Sequence[float], length: int, header: list[Cell]) -> list[int]:
    """Return the widths of columns that end where they are told to, their borders left out."""
    if len(positions) < len(header):
        raise ArgumentError(
            f"positions must have an end for each of the {len(header)} columns, "
            f"{[name.strip() for name, _ in header]}; got {list(positions)}."
        )
    whole = 1 if positions[-1] > 1 else length
    ends = [int(position * whole) for position in positions[: len(header)]]
    starts = [0, *ends[:-1]]
    return [max(end - start - 3, 1) for start, end in zip(starts, ends, strict=True)]


def _widths(cells: list[list[Cell]], length: int) -> list[int]:
    """Give each column what it needs; where that is too much, the widest gives in first."""
    columns = [[text for text, _ in column] for column in zip(*cells, strict=True)]
    widths = [max(len(line) for text in texts for line in text.split("\n")) for texts in columns]
    words = [max(len(word) for text in texts for word in text.split()) for texts in columns]
    texts = [i for i in range(len(columns)) if cells[0][i][0].strip() in _WRAPPED]
    fixed = sum(width for i, width in enumerate(widths) if i not in texts)
    room = max(length - 3 * len(widths) - 1, fixed + 8 * len(texts))
    while sum(widths) > room:
        # Words stay whole for as long as they can, if they are no monsters.
        loose = [i for i in texts if widths[i] > min(max(words[i], 12), 20)]
        widths[max(loose or texts, key=widths.__getitem__)] -= 1
    return widths


def _encodable(text: str, encoding: str) -> str:
    if "└".encode(encoding, "replace") == b"?":
        text = text.replace("└", "-")
    return text.encode(encoding, "replace").decode(encoding)
