"""How things are named: snake case, and unique within their parent only."""

from __future__ import annotations

import functools
import re
import zlib
from collections import Counter
from collections.abc import Container
from typing import Any

from kerasish.core.errors import ArgumentError

__all__ = [
    "checked_name",
    "forget_uids",
    "get_uid",
    "next_name",
    "path_hash",
    "snake_case",
    "unique_name",
]


def checked_name(name: Any) -> str:
    """Return the name that was given for a layer.

    Raises:
        ArgumentError: if it is not a string, is empty, or has a slash, which separates paths.
    """
    if not isinstance(name, str) or not name or "/" in name:
        raise ArgumentError(
            f"The name of a layer must be a string that is not empty and has no '/'; got {name!r}."
        )
    return name


@functools.cache
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


def next_name(name: str, stem: str, taken: Container[str]) -> str:
    """Return the first name that is not taken, counted on from one that may be numbered already.

    Args:
        name: the name now: the stem, `stem_3`, or another.
        stem: what is numbered.
        taken: the names of others.

    Examples:
        >>> next_name("dense_2", "dense", {"dense_2", "dense_3"})
        'dense_4'
        >>> next_name("dense", "dense", ())
        'dense'
    """
    number = name.removeprefix(f"{stem}_")
    count = int(number) if number != name and number.isdecimal() else 0
    if name != stem and not count:
        stem = name
    while name in taken:
        count += 1
        name = f"{stem}_{count}"
    return name


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
