"""Weights in several HDF5 files, and a JSON file that lists them: Keras's layout.

`name.weights.json` has `metadata` with the size of all arrays and `weight_map`, which says for
each group in which of the files `name_00000.weights.h5`, ... its arrays are.
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
from kerasish.saving.files import atomic_write, source
from kerasish.saving.hdf5.reader import Joined, open_hdf5

__all__ = ["LISTING", "Entry", "open_shards", "prepare_shards"]

LISTING = ".weights.json"

_ENDING = ".weights.h5"
_LARGEST_LISTING = 64 * 2**20

# Arrays of a file: the group they are in, the name of whose they are, and their values by name.
Entry = tuple[str, str, dict[str, Any]]


def prepare_shards(
    entries: list[Entry],
    path: Path,
    limit: float | None,
    write_shard: Callable[[list[Entry], Path], None],
) -> Callable[[], None]:
    """Return what writes weights to shards, and last their listing.

    Args:
        entries: the weights.
        path: the path of the listing, or of a weights file that is split.
        limit: how much data a shard may hold, in GB of 1024 MB; None for any.
        write_shard: writes one.

    Raises:
        ArgumentError: if an array alone is larger.
    """
    stem = path.name.removesuffix(LISTING).removesuffix(_ENDING)
    most = math.inf if limit is None else limit * 2**30
    if not most > 0:
        raise ArgumentError(f"max_shard_size must be a positive number of GB; got {limit!r}.")
    shards = list(_split(entries, most))
    names = [f"{stem}_{i:05d}{_ENDING}" for i in range(len(shards))]
    places: dict[str, list[str]] = {}
    for name, shard in zip(names, shards, strict=True):
        for group, _, values in shard:
            if values:
                places.setdefault(f"/{group}", []).append(name)
    size = float(sum(_bytes(value) for _, _, values in entries for value in values.values()))
    listing = json.dumps({"metadata": {"total_size": size}, "weight_map": places}, indent=4)

    def write() -> None:
        for name, shard in zip(names, shards, strict=True):
            with atomic_write(path.with_name(name)) as temporary:
                write_shard(shard, temporary)
        with atomic_write(path.with_name(stem + LISTING)) as temporary:
            temporary.write_text(listing, encoding="utf-8")

    return write


def _split(entries: list[Entry], most: float) -> Iterator[list[Entry]]:
    """Yield shards that are as full as the order of the arrays allows."""
    shard: list[Entry] = []
    full = 0
    for group, name, values in entries:
        part: dict[str, Any] = {}
        shard.append((group, name, part))
        for key, value in values.items():
            size = _bytes(value)
            if size > most:
                raise ArgumentError(
                    f"An array of {name!r} has {size:,} bytes; a shard may have {most:,.0f}. Give "
                    f"a max_shard_size of at least {size / 2**30:.3g} (GB)."
                )
            if full + size > most:
                yield shard
                part, full = {}, 0
                shard = [(group, name, part)]
            part[key] = value
            full += size
    yield shard


def _bytes(value: Any) -> int:
    return int(math.prod(np.shape(value)) * np.dtype(value.dtype).itemsize)


@contextmanager
def open_shards(path: Path) -> Iterator[Joined]:
    """Open the shards that a listing names, to be read as one file.

    Raises:
        FileFormatError: if the listing or a shard is damaged or missing.
        UnsafeModelError: if the listing names a file that is not beside it.
    """
    with ExitStack() as stack:
        files = [source(path.with_name(name)) for name in _listed(path)]
        yield Joined([stack.enter_context(open_hdf5(file)) for file in files])


def _listed(path: Path) -> list[str]:
    """Return the names of the shards, each once."""
    if path.stat().st_size > _LARGEST_LISTING:
        raise UnsafeModelError(f"{str(path)!r} is too large to be a listing of weights.")
    try:
        places = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
        found = [name for names in places.values() for name in _several(names)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileFormatError(
            f"{str(path)!r} is not a listing of weights with a `weight_map`: {error!r}."
        ) from error
    for name in found:
        if not isinstance(name, str) or not name.endswith(_ENDING):
            raise FileFormatError(f"{str(path)!r} names {str(name)[:80]!r} as a weights file.")
        if Path(name).name != name or "\\" in name:
            raise UnsafeModelError(f"{str(path)!r} names {name[:80]!r}, which is not beside it.")
    return list(dict.fromkeys(found))


def _several(names: Any) -> list[Any]:
    return names if isinstance(names, list) else [names]
