"""The layout of weights files of Keras 2.13 to 2.15."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import h5py

__all__ = ["Keras2Layout"]

# The group of a model's layers, and its name in Keras 3.
_LAYERS, _KERAS3_LAYERS = "_layer_checkpoint_dependencies", "layers"


class Keras2Layout:
    """Maps the paths of layers in Keras 3 to their paths in a weights file of Keras 2.

    Layers are named after their classes, but layers with weights are counted twice (`dense`,
    `dense_2`, `dense_4`), so they are matched by their order within a class. Attributes keep their
    leading underscore, and on Windows a path is one name with backslashes.

    Args:
        h5: the file.
    """

    def __init__(self, h5: h5py.Group) -> None:
        self._h5 = h5

    @cached_property
    def _names(self) -> dict[str, str]:
        """The names in the file by their names with slashes."""
        found: list[str] = []
        if hasattr(self._h5, "visit"):
            self._h5.visit(found.append)  # visits each object once, and no links
        if not any(_LAYERS in name or "\\" in name for name in found):
            return {}
        return {name.replace("\\", "/"): name for name in found}

    @cached_property
    def _within(self) -> dict[str, list[str]]:
        """The names within each group."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for name in self._names:
            parts = name.split("/")
            for i, part in enumerate(parts):
                found["/".join(parts[:i])][part] = None
        return {group: list(names) for group, names in found.items()}

    def find(self, path: str) -> str | None:
        """Return the path in the file of a group of Keras 3, or None if it does not exist.

        Args:
            path: for example `"layers/dense_1/vars"`.
        """
        where: list[str] = []
        for name in path.split("/"):
            known = self._within.get("/".join(where), [])
            if where and where[-1] == _LAYERS:
                found = _match_by_order(name, known)
            else:
                other = _LAYERS if name == _KERAS3_LAYERS else f"_{name}"
                found = next((each for each in (name, other) if each in known), None)
            if found is None:
                return None
            where.append(found)
        return self._names.get("/".join(where))


def _match_by_order(name: str, known: list[str]) -> str | None:
    """Return the name of the layer with the same position within its class."""
    kind, position = _counted(name)
    alike = sorted(count for each, count in map(_counted, known) if each == kind)
    if position >= len(alike):
        return None
    return f"{kind}_{alike[position]}" if alike[position] else kind


def _counted(name: str) -> tuple[str, int]:
    """Split a name into class and count: `("dense", 2)` for `dense_2`."""
    kind, number = re.fullmatch(r"(.*?)(?:_([1-9]\d{0,8}))?", name, re.DOTALL).groups()  # type: ignore[union-attr]
    return kind, int(number or 0)
