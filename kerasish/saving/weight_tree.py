"""WeightTree: the content of a weights file in memory, independent of a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from kerasish.core.errors import FileFormatError
from kerasish.core.serialization.untrusted import guarded
from kerasish.saving.hdf5.reader import is_text, open_hdf5
from kerasish.saving.legacy import legacy_root
from kerasish.saving.stores import BoundedReader, natural_key
from kerasish.saving.weights import Entry, write_array

if TYPE_CHECKING:
    import h5py

__all__ = ["WeightTree", "read_tree", "tree_from_entries", "write_tree"]

_VARS = "vars"


@dataclass
class WeightTree:
    """The arrays of an object in a file (a layer, an optimizer, a container), and of its parts.

    Attributes:
        label: the name in the program that wrote the file, or None.
        weights: the arrays of the object itself by name: `"0"`, `"1"`, ...
        parts: the objects within it by name.
    """

    label: str | None = None
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    parts: dict[str, WeightTree] = field(default_factory=dict)

    def walk(self, path: str = "") -> Iterator[tuple[str, WeightTree]]:
        """Yield the path and the tree of this object and of all objects within it."""
        yield path, self
        for name, part in self.parts.items():
            yield from part.walk(f"{path}/{name}" if path else name)


def tree_from_entries(entries: list[Entry]) -> WeightTree:
    """Build the tree that a file would have from the result of `collect`."""
    root = WeightTree()
    for path, label, values in entries:
        parent = root
        for name in path.split("/")[:-1]:
            parent = parent.parts.setdefault(name, WeightTree())
        parent.label = label
        parent.weights = {name: np.asarray(value) for name, value in values.items()}
    return root


def write_tree(tree: WeightTree, file: Path | BinaryIO) -> None:
    """Write a tree to an HDF5 file or stream."""
    import h5py

    with h5py.File(file, "w") as h5:
        for path, each in tree.walk():
            group = h5.require_group(path or "/")
            if each.weights or each.label is not None:
                group = group.create_group(_VARS)
                if each.label is not None:
                    group.attrs["name"] = each.label
                for name, value in each.weights.items():
                    write_array(group, name, value)


def read_tree(file: Path | BinaryIO) -> WeightTree:
    """Read the tree of an HDF5 file or stream.

    Raises:
        FileFormatError: if the file is damaged, or does not have the layout of Keras 3.
        UnsafeModelError: if the file refers to other files, or would expand to far more than its
            size.
    """
    with guarded("The weights cannot be read"), open_hdf5(file) as h5:
        if legacy_root(h5) is not None:
            raise FileFormatError(
                "The file has the legacy layout, which cannot be edited: load it into a "
                "model with `model.load_weights` and save that."
            )
        return _read_group(BoundedReader(h5), h5, "")


def _read_group(reader: BoundedReader, group: h5py.Group, path: str) -> WeightTree:
    found = WeightTree()
    for name in sorted(group, key=natural_key):
        inner = reader.visit(group, name)
        where = f"{path}/{name}" if path else name
        if not hasattr(inner, "keys"):
            raise FileFormatError(f"The file has an array at {where!r} outside of an object.")
        if name == _VARS:
            found.label = _label(inner)
            names = sorted(inner, key=natural_key)
            found.weights = {each: reader.array(inner, each, path) for each in names}
        else:
            found.parts[name] = _read_group(reader, inner, where)
    return found


def _label(group: h5py.Group) -> str | None:
    """Return the attribute `name` of a group, or None if it is missing or not a string."""
    if "name" not in group.attrs:
        return None
    attribute_id = group.attrs.get_id("name")
    if attribute_id.shape != () or not is_text(attribute_id):
        return None
    found = group.attrs["name"]
    return found if isinstance(found, str) else None
