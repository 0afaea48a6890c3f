"""Reading HDF5 files from strangers: nothing but what lies in the file itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.core.errors import FileFormatError, ShapeError, UnsafeModelError

__all__ = ["descend", "read_attribute", "read_dataset"]

# Real, unsigned, integer, complex; not strings, objects and references, which lead elsewhere.
_NUMBERS = "biufc"
# Deflate, shuffle, checksums and LZF. For others HDF5 would load a library from a folder.
_FILTERS = (1, 2, 3, 32000)
_LARGEST_RATIO = 200
_SMALL = 2**20


def descend(h5: Any, path: str) -> Any:
    """Return the group at a path, or None; links that lead elsewhere are not followed."""
    group = h5
    for name in path.split("/"):
        group = _hard(group, name)
        if group is None:
            return None
    return group


def read_dataset(group: Any, name: str, shape: tuple[int, ...], who: str) -> np.ndarray:
    """Return an array whose shape is known beforehand, read from this file alone.

    Raises:
        ShapeError: if it has another shape.
        UnsafeModelError: if its data are in another file, or it claims more of them than
            there are.
        FileFormatError: if it holds no numbers.
    """
    dataset = _hard(group, name)
    if getattr(dataset, "shape", None) != shape:
        found = getattr(dataset, "shape", None)
        raise ShapeError(f"A weight of {who!r} has shape {shape}; the file has {found} for it.")
    if dataset.is_virtual or dataset.external:
        raise UnsafeModelError(f"A weight of {who!r} refers to another file, which was not read.")
    if dataset.dtype.kind not in _NUMBERS:
        raise FileFormatError(f"A weight of {who!r} is of {dataset.dtype} in the file: no numbers.")
    _check_size(dataset, who)
    _check_filters(dataset, who)
    return np.asarray(dataset[()])


def read_attribute(group: Any, name: str) -> Any:
    """Return an attribute.

    Raises:
        UnsafeModelError: if it claims to be larger than the file.
    """
    about = group.attrs.get_id(name)
    size = math.prod(about.shape) * max(about.dtype.itemsize, 1)
    if size > group.file.id.get_filesize():
        raise UnsafeModelError(f"The attribute {name!r} claims to be larger than the file.")
    return group.attrs[name]


def _check_size(dataset: Any, who: str) -> None:
    """Refuse what would be absurdly larger in memory than it is in the file."""
    # A dataset without chunks claims as much storage as it likes: the file must have it.
    stored = min(dataset.id.get_storage_size(), dataset.file.id.get_filesize())
    claimed = max(math.prod(dataset.shape), math.prod(dataset.chunks or ()))
    if claimed * dataset.dtype.itemsize > max(_LARGEST_RATIO * stored, _SMALL):
        raise UnsafeModelError(
            f"A weight of {who!r} has shape {dataset.shape}; the file claims that it has so many "
            f"numbers in {stored} bytes. It was not read."
        )


def _check_filters(dataset: Any, who: str) -> None:
    made = dataset.id.get_create_plist()
    for i in range(made.get_nfilters()):
        if (number := made.get_filter(i)[0]) not in _FILTERS:
            raise UnsafeModelError(
                f"A weight of {who!r} is packed by the HDF5 filter {number}, which was not run."
            )


def _hard(group: Any, name: str) -> Any:
    """Return what a group itself holds under a name, or None."""
    import h5py

    # h5py's own `in` and `get` would look where a link leads.
    links, key = getattr(group.id, "links", None), name.encode("utf-8")
    if links is None or not key or not links.exists(key):
        return None
    if links.get_info(key).type != h5py.h5l.TYPE_HARD:
        raise UnsafeModelError(f"The file has a link at {name!r}, which was not followed.")
    return group[name]
