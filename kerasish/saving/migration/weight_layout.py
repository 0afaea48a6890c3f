"""Where Keras 2.13 to 2.15 put the weights of layers in a weights file."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import h5py

__all__ = ["Keras2Layout"]

# The group of a model's layers, which is `layers` today.
_LAYERS, _TODAY = "_layer_checkpoint_dependencies", "layers"


class Keras2Layout:
    """The places of layers in a weights file, by their places of today.

    Layers are called after their classes there as well, but those with weights are counted twice
    (`dense`, `dense_2`, `dense_4`), so the order among those of a class counts. Attributes keep
    the underscore that they begin with, and on Windows a path is one name with backslashes.

    Args:
        h5: the file.
    """

    def __init__(self, h5: h5py.Group) -> None:
        self._h5 = h5

    @cached_property
    def _names(self) -> dict[str, str]:
        """The names in the file by what they would be with slashes."""
        found: list[str] = []
        if hasattr(self._h5, "visit"):
            self._h5.visit(found.append)  # each once, and no links
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

    def place(self, path: str) -> str | None:
        """Return where in the file a group of today's layout is, or None if it is not there.

        Args:
            path: such as `"layers/dense_1/vars"`.
        """
        where: list[str] = []
        for name in path.split("/"):
            known = self._within.get("/".join(where), [])
            if where and where[-1] == _LAYERS:
                found = _of_its_class(name, known)
            else:
                other = _LAYERS if name == _TODAY else f"_{name}"
                found = next((each for each in (name, other) if each in known), None)
            if found is None:
                return None
            where.append(found)
        return self._names.get("/".join(where))


def _of_its_class(name: str, known: list[str]) -> str | None:
    """Return the name of the layer that comes at the same place among those of its class."""
    kind, place = _counted(name)
    alike = sorted(place for each, place in map(_counted, known) if each == kind)
    if place >= len(alike):
        return None
    return f"{kind}_{alike[place]}" if alike[place] else kind


def _counted(name: str) -> tuple[str, int]:
    """Return the class and the count in a name: `("dense", 2)` of `dense_2`."""
    kind, number = re.fullmatch(r"(.*?)(?:_([1-9]\d{0,8}))?", name, re.DOTALL).groups()  # type: ignore[union-attr]
    return kind, int(number or 0)
