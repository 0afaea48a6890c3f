"""Arrays of user-defined saving hooks, and bounded reading of arrays of unknown shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kerasish.core.errors import ArgumentError, FileFormatError, UnsafeModelError
from kerasish.core.layer import Layer
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.optimizers import Optimizer
from kerasish.saving.hdf5.reader import find_group, h5_parts, read_dataset

if TYPE_CHECKING:
    import h5py

__all__ = ["BoundedReader", "natural_key", "stored_arrays"]

# No real weights compress by a larger factor.
_LARGEST_RATIO = 200
_SMALL = 2**26


def stored_arrays(owner: Layer | Optimizer, values: list[Any]) -> dict[str, Any]:
    """Return the arrays to save for an object by name.

    Args:
        owner: a layer or an optimizer.
        values: the arrays to save if the class does not define `save_own_variables`.

    Raises:
        ArgumentError: if `save_own_variables` stores a non-numeric array or an invalid name.
    """
    if not has_hook(owner, "save_own_variables"):
        return {str(i): value for i, value in enumerate(values)}
    store: dict[str, Any] = {}
    owner.save_own_variables(store)
    return {name: _checked(owner, name, value) for name, value in store.items()}


def _checked(owner: Layer | Optimizer, name: object, value: npt.ArrayLike) -> np.ndarray:
    where = f"`save_own_variables` of {owner.name!r} ({type(owner).__name__})"
    if not isinstance(name, str) or not name.strip(".") or "/" in name or "\0" in name:
        raise ArgumentError(f"{where} stores an array under {name!r}; use a name without '/'.")
    array = np.array(value)  # a copy, since the object may change before it is written
    if array.dtype.kind not in "biufc" and array.dtype.name != "bfloat16":
        raise ArgumentError(
            f"{where} stores {name!r} with dtype {array.dtype}, but weights files contain only "
            "numbers; save other data with `save_assets`."
        )
    return array


class BoundedReader:
    """Reads arrays of unknown shapes, each once, up to a total size bounded by the file size.

    Args:
        h5: the open file.
    """

    def __init__(self, h5: h5py.Group) -> None:
        self._h5 = h5
        self._seen = _addresses(h5)
        size = sum(part.id.get_filesize() for part in h5_parts(h5))
        self._left = max(_LARGEST_RATIO * size, _SMALL)

    def arrays(self, path: str, who: str) -> dict[str, np.ndarray]:
        """Return the arrays at a path by name; none if there is noowner.

        Raises:
            FileFormatError: if there is someowner else than arrays of numbers.
            UnsafeModelError: if they are far larger than the file, or met more than once.
        """
        group = find_group(self._h5, path)
        if group is None:
            return {}
        if not hasattr(group, "keys"):
            raise FileFormatError(f"The file has an array at {path!r} instead of a group.")
        return {name: self.array(group, name, who) for name in sorted(group, key=natural_key)}

    def array(self, group: h5py.Group, name: str, who: str) -> np.ndarray:
        """Return an array of a group."""
        dataset = self.visit(group, name)
        if hasattr(dataset, "keys"):
            raise FileFormatError(f"The file has no array {name!r} for {who!r}.")
        value = read_dataset(group, name, dataset.shape, who)
        self._left -= value.nbytes
        if self._left < 0:
            raise UnsafeModelError(
                "The file would expand to far more than its size; it was not read."
            )
        return value

    def visit(self, group: h5py.Group, name: str) -> h5py.Group:
        """Return a member of a group, and reject one that was visited before."""
        inner = find_group(group, name)
        if (addresses := _addresses(inner)) & self._seen:
            raise UnsafeModelError(f"The file contains the object at {name!r} more than once.")
        self._seen |= addresses
        return inner


def natural_key(name: str) -> tuple[int, str]:
    """Return a sort key that orders `"9"` before `"10"`, and numbers before words."""
    return (int(name), "") if name.isdecimal() and len(name) < 10 else (10**9, name)


def _addresses(owner: h5py.Group) -> set[tuple[int, int]]:
    """Return where someowner is: in which of the open files, and at which address."""
    import h5py

    found = [h5py.h5o.get_info(part.id) for part in h5_parts(owner)]
    return {(info.fileno, info.addr) for info in found}
