"""Where what is traced now will run: on a CPU, in a loop of steps within one program, elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import jax

__all__ = ["elsewhere", "inside_loop", "looping", "on_cpu"]

_looping: ContextVar[bool] = ContextVar("kerasish_looping", default=False)
_elsewhere: ContextVar[bool] = ContextVar("kerasish_elsewhere", default=False)


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


def on_cpu() -> bool:
    """Return whether JAX will run this on a CPU, so that forms which are fast there pay."""
    return jax.default_backend() == "cpu" and not _elsewhere.get()


@contextmanager
def elsewhere() -> Iterator[None]:
    """Say that what the block traces is not for JAX to run: the plain forms say best what it is."""
    token = _elsewhere.set(True)
    try:
        yield
    finally:
        _elsewhere.reset(token)
