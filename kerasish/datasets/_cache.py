"""Decoded arrays kept on disk: `.npy` files and their checksums.

Every file is written beside its place and then moved to it, the checksums last,
so that a reader never sees half of one. Nothing here ever fails: an array that
cannot be kept is decoded again, and so is one that was damaged.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from kerasish.datasets._images import Bytes

__all__ = ["is_writable", "load", "save"]

_CHECKSUMS = "checksums.json"


def is_writable(folder: Path) -> bool:
    """Make `folder` if need be, and return whether files can be put there."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def load(folder: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Bytes] | None:
    """Return the arrays that `save` put into `folder`; None if any is missing or damaged.

    Args:
        folder: where they are.
        shapes: the name and the shape of each.

    Returns:
        uint8 arrays in memory, which may be written to.
    """
    try:
        checksums = json.loads((folder / _CHECKSUMS).read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy") for name in shapes}
        whole = all(
            x.dtype == np.uint8
            and x.shape == shapes[name]
            and zlib.crc32(x.data) == checksums[name]
            for name, x in arrays.items()
        )
    except Exception:  # a damaged header can raise nearly anything
        return None
    return arrays if whole else None


def save(folder: Path, arrays: Mapping[str, Bytes]) -> None:
    """Put `arrays` into `folder`, as far as the disk allows."""
    checksums = json.dumps({name: zlib.crc32(x.data) for name, x in arrays.items()})
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for name, x in arrays.items():
            _replace(folder / f"{name}.npy", partial(_write_array, x))
        _replace(folder / _CHECKSUMS, lambda file: file.write(checksums.encode()))


def _write_array(x: Bytes, file: BinaryIO) -> None:
    np.save(file, x)


def _replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file so that `path` is at every moment the old one or the new one."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            write(file)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
