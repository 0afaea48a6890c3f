"""Reading untrusted HDF5 files: only data in the file itself, with bounded sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import FileFormatError, ShapeError, UnsafeModelError
from kerasish.saving.hdf5.chunks import read_chunks
from kerasish.saving.hdf5.headers import check_hdf5

if TYPE_CHECKING:
    import h5py

__all__ = [
    "JoinedGroup",
    "find_group",
    "h5_parts",
    "is_hdf5",
    "is_text",
    "open_hdf5",
    "read_dataset",
    "read_strings",
    "read_text",
]

# Numeric kinds only; strings, objects and references may contain addresses.
_NUMBERS = "biufc"
# Keras stores bfloat16 as opaque data of two bytes.
_BFLOAT16 = "V2"
_LARGEST_RATIO = 200
_SMALL = 2**20


_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LONGEST_TEXT = 64 * 2**20


def is_hdf5(path: Path) -> bool:
    """Return whether a file has the signature of HDF5, whatever its name."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


@contextmanager
def open_hdf5(file: Path | BinaryIO) -> Iterator[Any]:
    """Open a file after `check_hdf5` has validated its structure.

    Args:
        file: a path, or a stream of bytes.

    Raises:
        UnsafeModelError: if the file is malicious, or refers to other files.
        FileFormatError: if the file is damaged, or has a format that Keras does not write.
    """
    import h5py

    if isinstance(file, Path):
        with file.open("rb") as stream, open_hdf5(stream) as h5:
            yield h5
    else:
        check_hdf5(file)
        with h5py.File(file, "r") as h5:
            yield h5


class JoinedGroup:
    """Several files or groups that are read as one.

    Args:
        parts: the files or groups.
    """

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts
        self.attrs: Any = parts[0].attrs if parts else {}

    def keys(self) -> list[str]:
        """Return the names in all parts, each once."""
        return list(dict.fromkeys(name for part in self.parts for name in part))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())


def h5_parts(h5: h5py.Group) -> list[Any]:
    """Return the files or groups of a `JoinedGroup`, or the group itself."""
    return h5.parts if isinstance(h5, JoinedGroup) else [h5]


def find_group(h5: h5py.Group, path: str) -> h5py.Group:
    """Return the group or dataset at a path, or None; only hard links are followed."""
    group = h5
    for name in path.split("/"):
        group = _hard_link(group, name)
        if group is None:
            return None
    return group


def read_dataset(group: h5py.Group, name: str, shape: tuple[int, ...], who: str) -> np.ndarray:
    """Read an array of a known shape from this file.

    Raises:
        ShapeError: if the dataset has another shape.
        UnsafeModelError: if the dataset claims more data than the file has, or uses an unknown
            filter.
        FileFormatError: if the dataset is not numeric.
    """
    dataset = _hard_link(group, name)
    if getattr(dataset, "shape", None) != shape:
        found = getattr(dataset, "shape", None)
        raise ShapeError(f"A weight of {who!r} has shape {shape}; the file has {found} for it.")
    _check_type(dataset, who)
    _check_size(dataset, who)
    value = np.asarray(dataset[()]) if dataset.chunks is None else read_chunks(dataset, who)
    return value.view(jnp.bfloat16) if value.dtype == _BFLOAT16 else value


def read_strings(group: h5py.Group, name: str) -> list[str]:
    """Return an attribute that is a list of strings.

    Raises:
        FileFormatError: if the attribute has another type.
        UnsafeModelError: if the attribute claims to be larger than the file.
    """
    attribute_id = group.attrs.get_id(name)
    if attribute_id.shape == (0,):  # Keras writes an empty list as an array of numbers
        return []
    if not is_text(attribute_id) or len(attribute_id.shape) != 1:
        raise FileFormatError(f"The attribute {name!r} in the file is not a list of strings.")
    if (
        math.prod(attribute_id.shape) * max(attribute_id.dtype.itemsize, 1)
        > group.file.id.get_filesize()
    ):
        raise UnsafeModelError(f"The attribute {name!r} claims to be larger than the file.")
    found = group.attrs[name]
    return [each.decode("utf-8") if isinstance(each, bytes) else str(each) for each in found]


def read_text(group: h5py.Group, name: str) -> str | None:
    """Return an attribute that is one string, or None if it does not exist.

    Raises:
        FileFormatError: if the attribute has another type, or is not UTF-8.
        UnsafeModelError: if the attribute claims to be larger than the file, or is too long.
    """
    if name not in group.attrs:
        return None
    attribute_id = group.attrs.get_id(name)
    if attribute_id.shape != () or not is_text(attribute_id):
        raise FileFormatError(f"The attribute {name!r} in the file is not a string.")
    if attribute_id.dtype.itemsize > min(group.file.id.get_filesize(), _LONGEST_TEXT):
        raise UnsafeModelError(f"The attribute {name!r} claims to be larger than the file.")
    found = group.attrs[name]
    text = found.decode("utf-8") if isinstance(found, bytes) else str(found)
    if len(text) > _LONGEST_TEXT:
        raise UnsafeModelError(f"The attribute {name!r} is too long.")
    return text


def is_text(attribute: h5py.h5a.AttrID) -> bool:
    """Return whether an open attribute holds strings."""
    import h5py

    return isinstance(attribute.get_type(), h5py.h5t.TypeStringID)


def _check_type(dataset: h5py.Dataset, who: str) -> None:
    """Reject non-numeric types before h5py creates a dtype, which may not terminate."""
    import h5py

    types, kind = h5py.h5t, dataset.id.get_type()
    simple = (types.TypeIntegerID, types.TypeFloatID, types.TypeEnumID, types.TypeOpaqueID)
    parts = [kind]
    if isinstance(kind, types.TypeCompoundID) and kind.get_nmembers() == 2:  # a complex number
        parts = [kind.get_member_type(i) for i in range(2)]
    if all(isinstance(part, simple) for part in parts):
        dtype = dataset.dtype
        known = dtype.kind in _NUMBERS or dtype == _BFLOAT16
        # Other types would need a conversion.
        if known and types.py_create(dtype, logical=True) == kind:
            return
    raise FileFormatError(
        f"A weight of {who!r} is of {type(kind).__name__[4:-2]} type in the file: no numbers."
    )


def _check_size(dataset: h5py.Dataset, who: str) -> None:
    """Reject datasets that would be far larger in memory than in the file."""
    # The storage size of a contiguous dataset is only claimed, so bound it by the file size.
    stored = min(dataset.id.get_storage_size(), dataset.file.id.get_filesize())
    claimed = max(math.prod(dataset.shape), math.prod(dataset.chunks or ()))
    if claimed * dataset.dtype.itemsize > max(_LARGEST_RATIO * stored, _SMALL):
        raise UnsafeModelError(
            f"A weight of {who!r} has shape {dataset.shape}; the file claims to store it in "
            f"{stored} bytes. It was not read."
        )


def _hard_link(group: h5py.Group, name: str) -> h5py.Group:
    """Return the target of a hard link in a group, or None."""
    import h5py

    # `in` and `get` of h5py would follow links.
    if isinstance(group, JoinedGroup):
        found = [each for part in group.parts if (each := _hard_link(part, name)) is not None]
        are_groups = all(hasattr(each, "keys") for each in found)
        return JoinedGroup(found) if found and are_groups else next(iter(found), None)
    links, key = getattr(group.id, "links", None), name.encode("utf-8")
    if links is None or not key or not links.exists(key):
        return None
    if links.get_info(key).type != h5py.h5l.TYPE_HARD:
        raise UnsafeModelError(f"The file has a link at {name!r}, which was not followed.")
    return group[name]
