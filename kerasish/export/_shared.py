"""What all formats share."""

from __future__ import annotations

import os
from pathlib import Path

from kerasish.core.errors import ArgumentError
from kerasish.saving.files import target

__all__ = ["first_line", "place"]


def place(filepath: str | os.PathLike[str], ending: str = "") -> Path:
    """Return the path of the one file that is to be written, or replaced.

    Raises:
        ArgumentError: if it has another ending, is a folder, or is in none.
    """
    path = target(filepath, ending, overwrite=True)
    if path.is_dir():
        raise ArgumentError(f"{str(path)!r} is a folder; an export is one file.")
    return path


def first_line(error: Exception) -> str:
    """Return what an error says first, as a sentence."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
    return f"{line}."
