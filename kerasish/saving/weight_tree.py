"""The whole of a weights file in memory, whatever model it is of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerasish.core.errors import FileFormatError
from kerasish.core.serialization.untrusted import guarded
from kerasish.saving.hdf5.reader import is_text, open_hdf5
from kerasish.saving.legacy import legacy_root
from kerasish.saving.stores import StoreReader, in_order
from kerasish.saving.weights import Entry, write_array

__all__ = ["Contents", "contents_of", "read_contents", "write_contents"]

_VARS = "vars"


@dataclass
class Contents:
    """What a file has for an object: a layer, an optimizer, or what holds some of them.

    Attributes:
        label: its name in the program that wrote the file; None if it was not told.
        weights: its own arrays, by name: `"0"`, `"1"`, ...
        parts: the objects within it, by name.
    """

    label: str | None = None
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    parts: dict[str, Contents] = field(default_factory=dict)

    def walk(self, path: str = "") -> Iterator[tuple[str, Contents]]:
        """Yield the path and the object for this one and all within it."""
        yield path, self
        for name, part in self.parts.items():
            yield from part.walk(f"{path}/{name}" if path else name)


def contents_of(entries: list[Entry]) -> Contents:
    """Return what a file would have of a model, whose weights `collect` returned."""
    root = Contents()
    for path, label, values in entries:
        holder = root
        for name in path.split("/")[:-1]:
            holder = holder.parts.setdefault(name, Contents())
        holder.label = label
        holder.weights = {name: np.asarray(value) for name, value in values.items()}
    return root


def write_contents(contents: Contents, file: Any) -> None:
    """Write an HDF5 file, or to a stream."""
    import h5py

    with h5py.File(file, "w") as h5:
        for path, each in contents.walk():
            group = h5.require_group(path or "/")
            if each.weights or each.label is not None:
                group = group.create_group(_VARS)
                if each.label is not None:
                    group.attrs["name"] = each.label
                for name, value in each.weights.items():
                    write_array(group, name, value)


def read_contents(file: Any) -> Contents:
    """Read an HDF5 file, or a stream.

    Raises:
        FileFormatError: if it is damaged, or no file of weights in Keras's layout.
        UnsafeModelError: if it leads elsewhere, or holds far more than it can.
    """
    with guarded("The weights cannot be read"), open_hdf5(file) as h5:
        if legacy_root(h5) is not None:
            raise FileFormatError(
                "The file has the layout of the first Keras, which is not edited: load it into a "
                "model by `model.load_weights` and save that."
            )
        return _group(StoreReader(h5), h5, "")


def _group(reader: StoreReader, group: Any, path: str) -> Contents:
    found = Contents()
    for name in sorted(group, key=in_order):
        inner = reader.once(group, name)
        where = f"{path}/{name}" if path else name
        if not hasattr(inner, "keys"):
            raise FileFormatError(f"The file has an array at {where!r}, beside all objects.")
        if name == _VARS:
            found.label = _label(inner)
            names = sorted(inner, key=in_order)
            found.weights = {each: reader.array(inner, each, path) for each in names}
        else:
            found.parts[name] = _group(reader, inner, where)
    return found


def _label(group: Any) -> str | None:
    """Return the name in the attributes of a group; None if there is none, or no text."""
    if "name" not in group.attrs:
        return None
    about = group.attrs.get_id("name")
    if about.shape != () or not is_text(about):
        return None
    found = group.attrs["name"]
    return found if isinstance(found, str) else None
