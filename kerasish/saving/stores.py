"""What `save_own_variables` of a class puts into a file, and reading arrays of unknown shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError, UnsafeModelError
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.saving.hdf5.reader import descend, parts_of, read_dataset

__all__ = ["StoreReader", "in_order", "stored"]

# Chunks are packed; no weights are packed so well that all of them grow like this.
_LARGEST_RATIO = 200
_SMALL = 2**26


def stored(thing: Any, values: list[Any]) -> dict[str, Any]:
    """Return the arrays that a file has for an object, by name.

    Args:
        thing: a layer or an optimizer.
        values: what the file has if the class says nothing else, in order.

    Raises:
        ArgumentError: if `save_own_variables` stores something else than numbers under names.
    """
    if not has_hook(thing, "save_own_variables"):
        return {str(i): value for i, value in enumerate(values)}
    store: dict[str, Any] = {}
    thing.save_own_variables(store)
    return {name: _checked(thing, name, value) for name, value in store.items()}


def _checked(thing: Any, name: Any, value: Any) -> np.ndarray:
    where = f"`save_own_variables` of {thing.name!r} ({type(thing).__name__})"
    if not isinstance(name, str) or not name.strip(".") or "/" in name or "\0" in name:
        raise ArgumentError(f"{where} stores an array under {name!r}; give a name without '/'.")
    array = np.array(value)  # a copy, which the object does not change while it is written
    if array.dtype.kind not in "biufc" and array.dtype.name != "bfloat16":
        raise ArgumentError(
            f"{where} stores {name!r} with dtype {array.dtype}, and a file of weights has numbers "
            "only; keep other things in files by `save_assets`."
        )
    return array


class StoreReader:
    """Reads arrays whose shapes only the file says, each once, and not more than it can hold.

    Args:
        h5: the open file.
    """

    def __init__(self, h5: Any) -> None:
        self._h5 = h5
        self._seen = _places(h5)
        size = sum(part.id.get_filesize() for part in parts_of(h5))
        self._left = max(_LARGEST_RATIO * size, _SMALL)

    def store(self, path: str, who: str) -> dict[str, np.ndarray]:
        """Return the arrays at a path by name; none if there is nothing.

        Raises:
            FileFormatError: if there is something else than arrays of numbers.
            UnsafeModelError: if they are far larger than the file, or met more than once.
        """
        group = descend(self._h5, path)
        if group is None:
            return {}
        if not hasattr(group, "keys"):
            raise FileFormatError(f"The file has an array at {path!r}, where arrays are listed.")
        return {name: self.array(group, name, who) for name in sorted(group, key=in_order)}

    def array(self, group: Any, name: str, who: str) -> np.ndarray:
        """Return an array of a group."""
        dataset = self.once(group, name)
        if hasattr(dataset, "keys"):
            raise FileFormatError(f"The file has no array {name!r} for {who!r}.")
        value = read_dataset(group, name, dataset.shape, who)
        self._left -= value.nbytes
        if self._left < 0:
            raise UnsafeModelError("The file unpacks to far more than it holds; it was not read.")
        return value

    def once(self, group: Any, name: str) -> Any:
        """Return what a group holds, unless it was met elsewhere: there may be circles."""
        inner = descend(group, name)
        if (places := _places(inner)) & self._seen:
            raise UnsafeModelError(f"The file has what is at {name!r} more than once.")
        self._seen |= places
        return inner


def in_order(name: str) -> tuple[int, str]:
    """Sort `"10"` behind `"9"`, and both before words."""
    return (int(name), "") if name.isdecimal() and len(name) < 10 else (10**9, name)


def _places(thing: Any) -> set[tuple[int, int]]:
    """Return where something is: in which of the open files, and at which address."""
    import h5py

    found = [h5py.h5o.get_info(part.id) for part in parts_of(thing)]
    return {(info.fileno, info.addr) for info in found}
