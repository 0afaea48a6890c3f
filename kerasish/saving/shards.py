"""Sharded weights in Keras's layout: several HDF5 files and a JSON index.

The index `name.weights.json` has `metadata` with the total size and `weight_map`, which maps each
group to the files `name_00000.weights.h5`, ... that have its arrays.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError, UnsafeModelError
from kerasish.core.types import JSON, Array
from kerasish.saving.files import atomic_write, source
from kerasish.saving.hdf5.reader import JoinedGroup, open_hdf5

__all__ = ["INDEX_SUFFIX", "Entry", "open_shards", "prepare_shards"]

INDEX_SUFFIX = ".weights.json"

_SUFFIX = ".weights.h5"
_LARGEST_INDEX = 64 * 2**20

# Arrays of a group: its path, the name of the layer or optimizer, and the values by name.
Entry = tuple[str, str, dict[str, Any]]


def prepare_shards(
    entries: list[Entry],
    path: Path,
    limit: float | None,
    write_shard: Callable[[list[Entry], Path], None],
) -> Callable[[], None]:
    """Return a function that writes weights to shards, and finally the index.

    Args:
        entries: the weights.
        path: the path of the index, or of a weights file to be split.
        limit: the maximal size of a shard in GiB; None for no limit.
        write_shard: writes one shard.

    Raises:
        ArgumentError: if a single array is larger than the limit.
    """
    stem = path.name.removesuffix(INDEX_SUFFIX).removesuffix(_SUFFIX)
    most = math.inf if limit is None else limit * 2**30
    if not most > 0:
        raise ArgumentError(f"max_shard_size must be a positive number of GB; got {limit!r}.")
    shards = list(_split(entries, most))
    names = [f"{stem}_{i:05d}{_SUFFIX}" for i in range(len(shards))]
    weight_map: dict[str, list[str]] = {}
    for name, shard in zip(names, shards, strict=True):
        for group, _, values in shard:
            if values:
                weight_map.setdefault(f"/{group}", []).append(name)
    size = float(sum(_bytes(value) for _, _, values in entries for value in values.values()))
    index = json.dumps({"metadata": {"total_size": size}, "weight_map": weight_map}, indent=4)

    def write() -> None:
        for name, shard in zip(names, shards, strict=True):
            with atomic_write(path.with_name(name)) as temporary:
                write_shard(shard, temporary)
        with atomic_write(path.with_name(stem + INDEX_SUFFIX)) as temporary:
            temporary.write_text(index, encoding="utf-8")

    return write


def _split(entries: list[Entry], most: float) -> Iterator[list[Entry]]:
    """Fill shards with arrays in order, as full as possible."""
    shard: list[Entry] = []
    full = 0
    for group, name, values in entries:
        part: dict[str, Any] = {}
        shard.append((group, name, part))
        for key, value in values.items():
            size = _bytes(value)
            if size > most:
                raise ArgumentError(
                    f"An array of {name!r} has {size:,} bytes; a shard may have {most:,.0f}. Pass "
                    f"a max_shard_size of at least {size / 2**30:.3g} (GB)."
                )
            if full + size > most:
                yield shard
                part, full = {}, 0
                shard = [(group, name, part)]
            part[key] = value
            full += size
    yield shard


def _bytes(value: Array | np.ndarray) -> int:
    return int(math.prod(np.shape(value)) * np.dtype(value.dtype).itemsize)


@contextmanager
def open_shards(path: Path) -> Iterator[JoinedGroup]:
    """Open the shards of an index as one file.

    Raises:
        FileFormatError: if the index or a shard is damaged or missing.
        UnsafeModelError: if the index refers to a file in another folder.
    """
    with ExitStack() as stack:
        files = [source(path.with_name(name)) for name in _shard_names(path)]
        yield JoinedGroup([stack.enter_context(open_hdf5(file)) for file in files])


def _shard_names(path: Path) -> list[str]:
    """Return the names of the shards in an index, each once."""
    if path.stat().st_size > _LARGEST_INDEX:
        raise UnsafeModelError(f"{str(path)!r} is too large for an index of weights.")
    try:
        weight_map = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
        found = [name for names in weight_map.values() for name in _as_list(names)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileFormatError(
            f"{str(path)!r} is not an index of weights with a `weight_map`: {error!r}."
        ) from error
    for name in found:
        if not isinstance(name, str) or not name.endswith(_SUFFIX):
            raise FileFormatError(
                f"{str(path)!r} refers to {str(name)[:80]!r}, which is not a weights file."
            )
        if Path(name).name != name or "\\" in name:
            raise UnsafeModelError(
                f"{str(path)!r} refers to {name[:80]!r}, which is not in its folder."
            )
    return list(dict.fromkeys(found))


def _as_list(names: JSON) -> list[Any]:
    return names if isinstance(names, list) else [names]
