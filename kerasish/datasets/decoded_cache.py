"""Cache of decoded arrays on disk: `.npy` files with checksums.

Files are written to a temporary name and then renamed, the checksums last, so that a reader
never sees a partial file. Errors are suppressed: arrays that are damaged or that could not be
written are decoded again.
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

from kerasish.datasets.image_dataset import Bytes

__all__ = ["is_writable", "load", "save"]

_CHECKSUMS = "checksums.json"


def is_writable(folder: Path) -> bool:
    """Create `folder` if needed, and return whether it is writable."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def load(folder: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Bytes] | None:
    """Return the arrays that `save` wrote to `folder`; None if any is missing or damaged.

    Args:
        folder: the folder of the arrays.
        shapes: the expected shapes by name.

    Returns:
        uint8 arrays in memory, which are writable.
    """
    try:
        checksums = json.loads((folder / _CHECKSUMS).read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy") for name in shapes}
        complete = all(
            x.dtype == np.uint8
            and x.shape == shapes[name]
            and zlib.crc32(x.data) == checksums[name]
            for name, x in arrays.items()
        )
    except Exception:  # a damaged header can raise nearly anything
        return None
    return arrays if complete else None


def save(folder: Path, arrays: Mapping[str, Bytes]) -> None:
    """Write `arrays` to `folder`; errors of the file system are ignored."""
    checksums = json.dumps({name: zlib.crc32(x.data) for name, x in arrays.items()})
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for name, x in arrays.items():
            _replace(folder / f"{name}.npy", partial(_write_array, x))
        _replace(folder / _CHECKSUMS, lambda file: file.write(checksums.encode()))


def _write_array(x: Bytes, file: BinaryIO) -> None:
    np.save(file, x)


def _replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Replace a file atomically."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            write(file)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
