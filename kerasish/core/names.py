"""How things are named: snake case, and unique within their parent only."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Container

__all__ = ["forget_uids", "get_uid", "path_hash", "snake_case", "unique_name"]


def snake_case(name: str) -> str:
    """Turn a class name into the name of an object, as Keras does.

    Examples:
        >>> snake_case("GlobalAveragePooling2D"), snake_case("Conv2D"), snake_case("LSTM")
        ('global_average_pooling2d', 'conv2d', 'lstm')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def unique_name(name: str, taken: Container[str]) -> str:
    """Return `name`, or the first of `name_1`, `name_2`, ... that is not taken.

    Examples:
        >>> unique_name("dense", {"dense", "dense_1"})
        'dense_2'
    """
    candidate, count = name, 0
    while candidate in taken:
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def path_hash(*parts: str) -> int:
    """Return a 32-bit number for a path, the same in every process."""
    return zlib.crc32("/".join(parts).encode())


_uids: Counter[str] = Counter()


def get_uid(prefix: str = "") -> int:
    """Return 1 for the first call with a prefix, 2 for the second, and so on.

    `clear_session` begins again.

    Args:
        prefix: any string.

    Examples:
        >>> get_uid("something new"), get_uid("something new")
        (1, 2)
    """
    _uids[prefix] += 1
    return _uids[prefix]


def forget_uids() -> None:
    """Let `get_uid` begin again."""
    _uids.clear()
