"""Paired ratios of what was measured, and their format."""

from __future__ import annotations

import statistics

from benchmarks.process import LOOPS, OURS
from benchmarks.record import Line

__all__ = ["NOTHING", "better_loop", "cell", "ratios", "table", "verdict"]

NOTHING = "-"


def ratios(rounds: list[Line], over: str, under: str, of: str = "seconds") -> list[float]:
    """Return the paired ratios of two peers, one of each round that both took part in."""
    pairs = [(r[of][over], r[of][under]) for r in rounds if {over, under} <= set(r[of])]
    return [a / b for a, b in pairs]


def better_loop(rounds: list[Line]) -> str | None:
    """Return the loop that kerasish does worst against, None if none took part."""
    against = {loop: ratios(rounds, OURS, loop) for loop in LOOPS}
    known = {loop: statistics.median(values) for loop, values in against.items() if values}
    return max(known, key=lambda loop: known[loop], default=None)


def cell(values: list[float], digits: int = 2) -> str:
    """Return median, least, most and number of values."""
    if not values:
        return NOTHING
    median, least, most = (f"{f(values):.{digits}f}" for f in (statistics.median, min, max))
    return f"**{median}** ({least} to {most}, {len(values)})"


def verdict(values: list[float], target: float | None, least: bool, unit: str = "") -> str:
    """Return a target and whether the median reaches it.

    Args:
        values: what was measured.
        target: None if there is none.
        least: whether the target is the least that is wanted, else the most.
        unit: stands behind the number.
    """
    if target is None:
        return NOTHING
    text = f"at {'least' if least else 'most'} {target:g}{unit}"
    if not values:
        return text
    median = statistics.median(values)
    reached = median >= target if least else median <= target
    return f"{text}: {'reached' if reached else '**missed**'}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, nothing if it has no rows."""
    lines = [head, ["---"] * len(head), *rows] if rows else []
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
