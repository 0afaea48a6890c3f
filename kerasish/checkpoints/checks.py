"""What is looked at before a checkpoint is believed: files, sizes, checksums."""

from __future__ import annotations

import json
import math
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ShapeError
from kerasish.core.paths import keys_to_name

__all__ = ["Size", "check_files", "check_room", "check_sizes", "flat", "note_files", "size_of"]

# The shape and the dtype of an array.
Size = tuple[tuple[int, ...], str]

# Where the sizes and checksums of files are noted, and how much of them is read at a time.
_NOTED, _PIECE = "checksums.json", 2**20

# What describes a checkpoint is read whole; that of a thousand layers is far smaller.
_MOST_BYTES = 2**26
_DESCRIPTIONS = ("metadata", "_METADATA", "_sharding", "_strings.json", _NOTED)

# What no model has a place for, such as the best weights of a callback, may be so many times
# larger than the state of training, and a little more.
_TIMES = 4


def flat(tree: Any) -> list[tuple[str, Any]]:
    """Return the leaves of a tree with their paths, `a/b/c`."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [(keys_to_name(path), leaf) for path, leaf in leaves]


def size_of(array: Any) -> Size:
    """Return shape and dtype of an array, or of what describes one."""
    return tuple(array.shape), str(np.dtype(array.dtype))


def note_files(folder: Path) -> None:
    """Write down the sizes and checksums of all files in a folder, in a file among them."""
    noted = {name: _sum(path) for name, path in _files(folder)}
    coming = folder / f"{_NOTED}.tmp"
    coming.write_text(json.dumps(noted))
    os.replace(coming, folder / _NOTED)


def check_files(folder: Path) -> None:
    """Look for files that are not as they were noted, and for what is no file.

    A folder without notes is looked at as far as that is possible.

    Raises:
        ValueError: if something is wrong.
    """
    found = dict(_files(folder))
    for name, path in found.items():
        if path.name in _DESCRIPTIONS and path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"{name!r} in it is larger than any should be")
    if not (folder / _NOTED).exists():
        return
    for name, noted in json.loads((folder / _NOTED).read_text("utf-8")).items():
        if name not in found:
            raise ValueError(f"{name!r} in it is missing")
        if _sum(found[name]) != noted:
            raise ValueError(f"{name!r} in it is not as it was written")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files in a folder with their names there, but for the notes."""
    for path in (folder, *sorted(folder.rglob("*"))):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            name = path.relative_to(folder).as_posix()
            if name != _NOTED:
                yield name, path
        elif not stat.S_ISDIR(mode):
            raise ValueError(f"{path.name!r} in it is neither a file nor a folder")


def _sum(path: Path) -> list[int]:
    """Return size and checksum of a file."""
    size = total = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            size, total = size + len(piece), zlib.crc32(piece, total)
    return [size, total]


def check_room(sizes: Mapping[str, Size], like: Any) -> None:
    """Look whether arrays for which there is no place are larger than any should be.

    Raises:
        ValueError: if they are.
    """
    wanted = sum(math.prod(shape) * np.dtype(dtype).itemsize for shape, dtype in sizes.values())
    known = sum(each.nbytes for each in jax.tree.leaves(like))
    if wanted > _MOST_BYTES + _TIMES * known:
        raise ValueError(f"its arrays would take {wanted} bytes")


def check_sizes(path: Path, sizes: Mapping[str, Size], like: Any, *, partly: bool) -> None:
    """Compare the arrays of a checkpoint with those that they are to replace.

    Args:
        path: the checkpoint, for messages.
        sizes: what it has.
        like: a tree of arrays.
        partly: whether it may have more than these.

    Raises:
        ShapeError: if they differ.
    """
    wanted = {key: size_of(leaf) for key, leaf in flat(like)}
    for key in sorted(wanted.keys() if partly else sizes.keys() | wanted.keys()):
        here, there = wanted.get(key), sizes.get(key)
        if here != there:
            raise ShapeError(
                f"The checkpoint in {str(path)!r} is of another model, optimizer or metrics: at "
                f"{key!r} it has {_told(there)}, and here is {_told(here)}. Give this run another "
                "folder, or build and compile the model as before."
            )


def _told(size: Size | None) -> str:
    return "none" if size is None else f"{size[1]}{list(size[0])}"
