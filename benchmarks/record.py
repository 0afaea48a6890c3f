"""What was measured, a line of JSON for each round, so that a run that is killed loses nothing.

There are lines of five kinds: `run` (where and how), `round` (one turn of each peer), `first` (one
fresh process of each peer), `note` (a peer that is left out, and why) and `profile` (where the time
of some peers goes). Those of several runs can be read together: a ratio is always one of a single
round.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import shlex
from pathlib import Path
from typing import Any

__all__ = ["Line", "Record", "header", "read"]

Line = dict[str, Any]


class Record:
    """Lines, in memory and, if there is a path, at the end of a file.

    Args:
        path: a file to write to; what it has is kept.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.lines: list[Line] = []
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        if self.path:
            with self.path.open("a") as file:
                file.write(json.dumps(line) + "\n")


def read(paths: list[Path]) -> list[Line]:
    """Return the lines of several files; one that was cut off while it was written is left out."""
    lines = []
    for path in paths:
        for text in path.read_text().splitlines():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                continue
    return lines


def header(arguments: list[str], module: str = "run") -> Line:
    """Return the line of a run: date, versions, machine and command."""
    return {
        "kind": "run",
        "date": datetime.date.today().isoformat(),
        "versions": _versions(),
        "machine": f"{_processor()}, {_cores()} cores, {platform.system()}",
        "command": shlex.join(["python", "-m", f"benchmarks.{module}", *arguments]),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in ("kerasish", "jax", "keras", "optax", "torch"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
