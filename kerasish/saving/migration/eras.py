"""Which Keras wrote a description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kerasish.core.errors import FileFormatError
from kerasish.core.types import JSON

__all__ = ["Era", "era_of"]

# What only descriptions of Keras 2 have.
_OLD_KEY = "batch_input_shape"


class Era(NamedTuple):
    """The version of Keras that wrote a description; `()` for an unknown one of Keras 2."""

    version: tuple[int, ...]
    written: str

    def __str__(self) -> str:
        return f"Keras {self.written}"

    def untranslatable(
        self, what: str, reason: str = "Keras 3 does not have it"
    ) -> FileFormatError:
        """Return what to raise for a part of a description that has no counterpart."""
        return FileFormatError(
            f"The model was written by {self} and has {what}, which cannot be translated: {reason}."
        )


def era_of(config: dict[str, Any], version: JSON | None = None) -> Era | None:
    """Return the era of a description that has to be translate_model, None for one of Keras 3.

    Args:
        config: the description of a model.
        version: what the file says of the version that wrote it; else the description counts.
    """
    text = str(version or config.get("keras_version") or "")
    numbers = re.match(r"(\d+)\.(\d+)", text)
    if numbers is not None:
        found = tuple(map(int, numbers.groups()))
        return Era(found, text) if found < (3, 0) else None
    return Era((), "2") if any(_is_old(each) for each in _within(config)) else None


def _within(value: JSON) -> Iterator[dict[str, Any]]:
    """Yield all dicts in a description, whose depth was checked."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _within(each)
    elif isinstance(value, list):
        for each in value:
            yield from _within(each)


def _is_old(described: dict[str, Any]) -> bool:
    nodes = described.get("inbound_nodes")
    listed = isinstance(nodes, list) and any(isinstance(node, list) for node in nodes)
    whole = described.get("class_name") == "Sequential" and isinstance(
        described.get("config"), list
    )
    return _OLD_KEY in described or listed or whole
