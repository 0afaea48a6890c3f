"""Whether what is traced now will run in a loop of steps within one program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["inside_loop", "looping"]

_looping: ContextVar[bool] = ContextVar("kerasish_looping", default=False)


def inside_loop() -> bool:
    """Return whether the training loop is what traces here."""
    return _looping.get()


@contextmanager
def looping() -> Iterator[None]:
    """Say that what the block traces will be the body of a loop."""
    token = _looping.set(True)
    try:
        yield
    finally:
        _looping.reset(token)
