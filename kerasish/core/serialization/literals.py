"""Values that JSON has no form for, in Keras's form: arrays, bytes, slices, the ellipsis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import FileFormatError

__all__ = ["PLAIN", "described", "value_of"]


def _numbers(config: dict[str, Any]) -> np.ndarray:
    dtype = jnp.dtype(config["dtype"])
    if dtype.kind == "O":
        raise TypeError("an array of objects")
    return np.asarray(config["value"], dtype)


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "__numpy__": _numbers,
    "__tensor__": lambda config: jnp.asarray(_numbers(config)),
    "__bytes__": lambda config: str(config["value"]).encode("utf-8"),
    "__slice__": lambda config: slice(config["start"], config["stop"], config["step"]),
    "__ellipsis__": lambda config: ...,
}

# What a description may be called that stands for a value and no class.
PLAIN = frozenset(_READERS)


def described(value: Any) -> dict[str, Any] | None:
    """Return the description of a value, or None for one of another kind."""
    if isinstance(value, (np.ndarray, jax.Array)):
        kind = "__numpy__" if isinstance(value, np.ndarray) else "__tensor__"
        return _told(kind, value=np.asarray(value).tolist(), dtype=value.dtype.name)
    if isinstance(value, bytes):
        return _told("__bytes__", value=value.decode("utf-8"))
    if isinstance(value, slice):
        return _told("__slice__", start=value.start, stop=value.stop, step=value.step)
    return _told("__ellipsis__") if value is ... else None


def _told(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": config}


def value_of(kind: str, config: Any) -> Any:
    """Return the value that a description stands for.

    Raises:
        FileFormatError: if it is damaged.
    """
    try:
        return _READERS[kind](config)
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"The description of a value, {kind!r}, is damaged.") from error
