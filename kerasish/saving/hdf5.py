"""Reading HDF5 files from strangers: nothing but what lies in the file itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.core.errors import ShapeError, UnsafeModelError

__all__ = ["descend", "read_dataset"]


def descend(h5: Any, path: str) -> Any:
    """Return the group at a path, or None; links that lead elsewhere are not followed."""
    group = h5
    for name in path.split("/"):
        if name not in group:
            return None
        group = _hard(group, name)
    return group


def read_dataset(group: Any, name: str, shape: tuple[int, ...], who: str) -> np.ndarray:
    """Return an array whose shape is known beforehand, read from this file alone.

    Raises:
        ShapeError: if it has another shape.
        UnsafeModelError: if its data are in another file.
    """
    dataset = _hard(group, name)
    if getattr(dataset, "shape", None) != shape:
        found = getattr(dataset, "shape", None)
        raise ShapeError(f"A weight of {who!r} has shape {shape}; the file has {found} for it.")
    if dataset.is_virtual or dataset.external:
        raise UnsafeModelError(f"A weight of {who!r} refers to another file, which was not read.")
    return np.asarray(dataset[()])


def _hard(group: Any, name: str) -> Any:
    import h5py

    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise UnsafeModelError(f"The file has a link at {name!r}, which was not followed.")
    return group[name]
