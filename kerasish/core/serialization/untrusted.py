"""What stands between files from strangers and the rest: one kind of error, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerasish.core.errors import FileFormatError, KerasishError, UnsafeModelError

__all__ = ["check_config", "guarded"]

# A model within a model within a model takes about fifteen.
_DEEPEST = 100
# A vocabulary of a million words is one of a million values.
_MOST_VALUES = 5_000_000
_LARGEST_NUMBER = 2**64


@contextmanager
def guarded(complaint: str) -> Iterator[None]:
    """Tell whatever goes wrong in the block, where data of a file are used, as a damaged file.

    Args:
        complaint: what to say of it: `"'m.keras' is damaged"`.

    Raises:
        FileFormatError: instead of any error that is not one of ours.
    """
    try:
        yield
    except (KerasishError, Warning):
        raise
    except Exception as error:
        # A file chooses what the message quotes.
        raise FileFormatError(f"{complaint}: {repr(error)[:500]}.") from error


def check_config(config: Any, source: str) -> None:
    """Refuse a description that is made to exhaust whoever reads it.

    Args:
        config: what JSON held.
        source: where it comes from, for messages.

    Raises:
        UnsafeModelError: if it is nested too deeply, or holds too much or too large a number.
    """
    level, depth, count = [config], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > _DEEPEST:
            raise UnsafeModelError(f"The config in {source!r} is nested over {_DEEPEST} deep.")
        if count > _MOST_VALUES:
            raise UnsafeModelError(f"The config in {source!r} has over {_MOST_VALUES} values.")
        if any(type(value) is int and abs(value) >= _LARGEST_NUMBER for value in level):
            raise UnsafeModelError(f"The config in {source!r} has a number of 2**64 or more.")
        level = [each for value in level for each in _within(value)]


def _within(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
