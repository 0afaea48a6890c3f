"""Reading HDF5 files from strangers: nothing but what lies in the file itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import FileFormatError, ShapeError, UnsafeModelError
from kerasish.saving.hdf5.chunks import read_chunks
from kerasish.saving.hdf5.headers import check_hdf5

__all__ = [
    "Joined",
    "descend",
    "is_hdf5",
    "is_text",
    "open_hdf5",
    "parts_of",
    "read_dataset",
    "read_strings",
    "read_text",
]

# Real, unsigned, integer, complex; not strings, objects and references, which lead elsewhere.
_NUMBERS = "biufc"
# What bfloat16 is in Keras's files: two bytes, of which HDF5 knows no more.
_BFLOAT16 = "V2"
_LARGEST_RATIO = 200
_SMALL = 2**20


_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LONGEST_TEXT = 64 * 2**20


def is_hdf5(path: Path) -> bool:
    """Return whether a file begins as HDF5 files do, whatever it is called."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


@contextmanager
def open_hdf5(file: Any) -> Iterator[Any]:
    """Open a file, once it is known that the library can read it without harm.

    Args:
        file: a path, or a stream of bytes.

    Raises:
        UnsafeModelError: if it is made to do harm, or refers to other files.
        FileFormatError: if it is damaged, or of a form that Keras does not write.
    """
    import h5py

    if isinstance(file, Path):
        with file.open("rb") as stream, open_hdf5(stream) as h5:
            yield h5
    else:
        check_hdf5(file)
        with h5py.File(file, "r") as h5:
            yield h5


class Joined:
    """Several files, or groups of them, that read as one.

    Args:
        parts: the files or groups.
    """

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts
        self.attrs: Any = parts[0].attrs if parts else {}

    def keys(self) -> list[str]:
        """Return the names in all of them."""
        return list(dict.fromkeys(name for part in self.parts for name in part))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())


def parts_of(h5: Any) -> list[Any]:
    """Return the files or groups that read as one, or the one that there is."""
    return h5.parts if isinstance(h5, Joined) else [h5]


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
        UnsafeModelError: if it claims more data than there are, or they are packed by a filter
            that is not known.
        FileFormatError: if it holds no numbers.
    """
    dataset = _hard(group, name)
    if getattr(dataset, "shape", None) != shape:
        found = getattr(dataset, "shape", None)
        raise ShapeError(f"A weight of {who!r} has shape {shape}; the file has {found} for it.")
    _check_type(dataset, who)
    _check_size(dataset, who)
    value = np.asarray(dataset[()]) if dataset.chunks is None else read_chunks(dataset, who)
    return value.view(jnp.bfloat16) if value.dtype == _BFLOAT16 else value


def read_strings(group: Any, name: str) -> list[str]:
    """Return an attribute that is a list of strings.

    Raises:
        FileFormatError: if it is none.
        UnsafeModelError: if it claims to be larger than the file.
    """
    about = group.attrs.get_id(name)
    if about.shape == (0,):  # Keras writes an empty list as one of numbers
        return []
    if not is_text(about) or len(about.shape) != 1:
        raise FileFormatError(f"The attribute {name!r} in the file is no list of strings.")
    if math.prod(about.shape) * max(about.dtype.itemsize, 1) > group.file.id.get_filesize():
        raise UnsafeModelError(f"The attribute {name!r} claims to be larger than the file.")
    found = group.attrs[name]
    return [each.decode("utf-8") if isinstance(each, bytes) else str(each) for each in found]


def read_text(group: Any, name: str) -> str | None:
    """Return an attribute that is one string, or None if there is no such attribute.

    Raises:
        FileFormatError: if it is something else, or not UTF-8.
        UnsafeModelError: if it claims to be larger than the file, or is absurdly long.
    """
    if name not in group.attrs:
        return None
    about = group.attrs.get_id(name)
    if about.shape != () or not is_text(about):
        raise FileFormatError(f"The attribute {name!r} in the file is not a string.")
    if about.dtype.itemsize > min(group.file.id.get_filesize(), _LONGEST_TEXT):
        raise UnsafeModelError(f"The attribute {name!r} claims to be larger than the file.")
    found = group.attrs[name]
    text = found.decode("utf-8") if isinstance(found, bytes) else str(found)
    if len(text) > _LONGEST_TEXT:
        raise UnsafeModelError(f"The attribute {name!r} is absurdly long.")
    return text


def is_text(attribute: Any) -> bool:
    """Return whether an attribute, as h5py has opened it, holds strings; others lead elsewhere."""
    import h5py

    return isinstance(attribute.get_type(), h5py.h5t.TypeStringID)


def _check_type(dataset: Any, who: str) -> None:
    """Refuse all but numbers of NumPy's, before h5py makes a dtype, which can take for ever."""
    import h5py

    types, kind = h5py.h5t, dataset.id.get_type()
    simple = (types.TypeIntegerID, types.TypeFloatID, types.TypeEnumID, types.TypeOpaqueID)
    parts = [kind]
    if isinstance(kind, types.TypeCompoundID) and kind.get_nmembers() == 2:  # a complex number
        parts = [kind.get_member_type(i) for i in range(2)]
    if all(isinstance(part, simple) for part in parts):
        dtype = dataset.dtype
        known = dtype.kind in _NUMBERS or dtype == _BFLOAT16
        # Another would have to be converted first.
        if known and types.py_create(dtype, logical=True) == kind:
            return
    raise FileFormatError(
        f"A weight of {who!r} is of {type(kind).__name__[4:-2]} type in the file: no numbers."
    )


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


def _hard(group: Any, name: str) -> Any:
    """Return what a group itself holds under a name, or None."""
    import h5py

    # h5py's own `in` and `get` would look where a link leads.
    if isinstance(group, Joined):
        found = [each for part in group.parts if (each := _hard(part, name)) is not None]
        are_groups = all(hasattr(each, "keys") for each in found)
        return Joined(found) if found and are_groups else next(iter(found), None)
    links, key = getattr(group.id, "links", None), name.encode("utf-8")
    if links is None or not key or not links.exists(key):
        return None
    if links.get_info(key).type != h5py.h5l.TYPE_HARD:
        raise UnsafeModelError(f"The file has a link at {name!r}, which was not followed.")
    return group[name]
