"""Era: the version of Keras that wrote a config."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kerasish.core.errors import FileFormatError
from kerasish.core.types import JSON

__all__ = ["Era", "era_of"]

# A key that only configs of Keras 2 have.
_OLD_KEY = "batch_input_shape"


class Era(NamedTuple):
    """The version of Keras that wrote a config; `()` for an unknown version of Keras 2."""

    version: tuple[int, ...]
    written: str

    def __str__(self) -> str:
        return f"Keras {self.written}"

    def untranslatable(
        self, what: str, reason: str = "Keras 3 does not have it"
    ) -> FileFormatError:
        """Return the error for a part of a config that has no equivalent."""
        return FileFormatError(
            f"The model was written by {self} and has {what}, which cannot be translated: {reason}."
        )


def era_of(config: dict[str, Any], version: JSON | None = None) -> Era | None:
    """Return the era of a config that must be translated, or None for Keras 3.

    Args:
        config: the config of a model.
        version: the version in the file; if missing, it is inferred from the config.
    """
    text = str(version or config.get("keras_version") or "")
    numbers = re.match(r"(\d+)\.(\d+)", text)
    if numbers is not None:
        found = tuple(map(int, numbers.groups()))
        return Era(found, text) if found < (3, 0) else None
    return Era((), "2") if any(_is_old(each) for each in _within(config)) else None


def _within(value: JSON) -> Iterator[dict[str, Any]]:
    """Yield all dicts in a config, whose depth was checked before."""
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
    is_plain_list = described.get("class_name") == "Sequential" and isinstance(
        described.get("config"), list
    )
    return _OLD_KEY in described or listed or is_plain_list
