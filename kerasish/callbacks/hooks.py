"""Hooks of callbacks: an object of any class that has some is a callback."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.monitor_callback import mode_of
from kerasish.core.errors import ArgumentError, given_as_class

__all__ = ["HOOKS", "as_callback", "hook_of", "setting_of", "users_hook_of"]

# Of `fit`, `evaluate` and `predict`, in the order in which they are called.
HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))

# Attributes that had other names in earlier versions: they would have no effect any more.
_RENAMED = {
    "every": "batch_interval",
    "remembers": "checkpointed_attributes",
    "stops_at_nan": "guard_nan",
    "comes_last": "run_last",
}

# Libraries whose class `Callback` has every hook and does nothing in it.
_KERAS = ("keras", "tf_keras", "tensorflow")


def as_callback(thing: object) -> Any:
    """Return an object if it is a callback: if it has any of the hooks.

    Raises:
        ArgumentError: if it is not.
    """
    if isinstance(thing, type):
        raise ArgumentError(given_as_class(thing))
    if not any(callable(getattr(thing, name, None)) for name in HOOKS):
        raise ArgumentError(
            f"{thing!r} is not a callback: it has no hook such as `on_epoch_end`. Derive a class "
            "from `kerasish.callbacks.Callback`, or give functions to `LambdaCallback`."
        )
    _resolve_mode(thing)
    if isinstance(thing, Callback):
        _warn_of_renamed(thing)
    return thing


def _warn_of_renamed(callback: Callback) -> None:
    for old, new in _RENAMED.items():
        if hasattr(callback, old):
            warnings.warn(
                f"{type(callback).__name__}.{old} has no effect: the attribute is called `{new}` "
                "now.",
                stacklevel=2,
            )


def _resolve_mode(callback: Any) -> None:
    """Set the mode of a callback of Keras, which would search the model for Keras's metrics."""
    if isinstance(callback, Callback) or not any(map(_is_base, type(callback).__mro__)):
        return
    monitor = getattr(callback, "monitor", None)
    if isinstance(monitor, str) and getattr(callback, "mode", None) == "auto":
        callback.mode = mode_of(monitor)


def hook_of(callback: object, name: str) -> Callable[..., Any] | None:
    """Return a hook of a callback, by its name or its older name; None if it has none."""
    found = getattr(callback, name, None)
    if found is None and name.startswith("on_train_batch"):
        found = getattr(callback, _older(name), None)
    return found if callable(found) else None


def users_hook_of(callback: object, name: str) -> Callable[..., Any] | None:
    """Return a hook of a callback, None if it is the empty one of the base class.

    Examples:
        >>> users_hook_of(Callback(), "on_train_batch_end") is None
        True
    """
    names = (name, _older(name))
    return hook_of(callback, name) if any(_overrides(callback, each) for each in names) else None


def setting_of(callback: object, name: str) -> Any:
    """Return an attribute of a `Callback`; its default for other objects."""
    return getattr(callback if isinstance(callback, Callback) else Callback, name)


def _older(name: str) -> str:
    return name.replace("on_train_batch", "on_batch")


def _overrides(callback: object, name: str) -> bool:
    if name in getattr(callback, "__dict__", ()):
        return True
    for each in type(callback).__mro__:
        if name in vars(each):
            return not _is_base(each)
    return hasattr(callback, name)  # by a `__getattr__`


def _is_base(kind: type) -> bool:
    if kind is Callback:
        return True
    return kind.__name__ == "Callback" and kind.__module__.partition(".")[0] in _KERAS
