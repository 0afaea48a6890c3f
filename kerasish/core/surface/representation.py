"""How things with settings read when they are printed: as the call that makes them."""

from __future__ import annotations

import inspect
import os
from typing import Any

import numpy as np

from kerasish.core.names import snake_case
from kerasish.core.settings import config

__all__ = ["representation"]

_UNKNOWN = object()

# Of a list.
_SHOWN = 6


def representation(thing: Any) -> str:
    """Return `"Class(setting=value, ...)"`, by the arguments that the constructor takes.

    Values are those of `get_config` where there is one, else the attributes of that name.
    Settings that are off, and those that a whole family shares, are shown only where they differ
    from their defaults.

    Examples:
        >>> from kerasish import initializers, optimizers
        >>> representation(optimizers.SGD(0.1, momentum=0.5))
        'SGD(learning_rate=0.1, momentum=0.5)'
        >>> representation(initializers.TruncatedNormal(stddev=0.2))
        'TruncatedNormal(stddev=0.2)'
    """
    kind, known = type(thing), _config(thing)
    own = list(inspect.signature(kind.__init__).parameters)[1:]
    shown = []
    for name, parameter in _parameters(kind).items():
        value = _value(thing, name, known)
        first = own[:1] == [name]
        if value is not _UNKNOWN and not _is_silent(thing, value, parameter, name in own, first):
            shown.append(f"{name}={_text(value)}")
    return f"{kind.__name__}({', '.join(shown)})"


def _value(thing: Any, name: str, known: dict[str, Any]) -> Any:
    held = getattr(thing, name, _UNKNOWN)
    if getattr(held, "__self__", None) is thing:  # a method, and not a setting
        return _UNKNOWN
    value = known.get(name, held)
    return held if isinstance(value, dict) and hasattr(held, "get_config") else value


def _parameters(kind: type) -> dict[str, inspect.Parameter]:
    try:
        found = inspect.signature(kind).parameters
    except (TypeError, ValueError):
        return {}
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {name: each for name, each in found.items() if each.kind not in variable}


def _config(thing: Any) -> dict[str, Any]:
    try:  # of a class of the user's, which may not be whole yet
        return dict(thing.get_config())
    except Exception:
        return {}


def _is_silent(
    thing: Any, value: Any, parameter: inspect.Parameter, is_own: bool, is_first: bool
) -> bool:
    """Return whether a setting says nothing, since it is what it is anyway."""
    name, default = parameter.name, parameter.default
    if default is inspect.Parameter.empty:
        return False
    if name == "name":
        return value in (default, snake_case(type(thing).__name__))
    if name == "dtype":
        return default is None and _text(value).strip("'") in ("None", config.floatx())
    if type(value) is not type(default) or _text(value) != _text(default):
        return False
    if is_first and isinstance(default, str):
        return name == "reduction"
    return not (is_own and default and isinstance(default, (int, float)))


def _text(value: Any) -> str:
    if isinstance(value, float):
        return str(float(f"{value:.6g}"))
    if isinstance(value, dict) and "class_name" in value:
        inner = value.get("config")
        if not isinstance(inner, dict):
            return str(inner)
        given = [f"{key}={_text(each)}" for key, each in inner.items() if key != "name" and each]
        return f"{value['class_name']}({', '.join(given)})"
    if isinstance(value, (list, tuple)):
        ends = "[]" if isinstance(value, list) else "()"
        more = ["..."] if len(value) > _SHOWN else []
        return f"{ends[0]}{', '.join([*map(_text, value[:_SHOWN]), *more])}{ends[1]}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_text(each)}' for key, each in value.items())}}}"
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return _text(value.item())
    if isinstance(value, np.ndarray) or hasattr(value, "aval"):
        return f"<array of shape {tuple(value.shape)}>"
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))
    if inspect.isroutine(value) or inspect.isclass(value):
        return value.__name__
    text = repr(value)
    # Of a class without a form of its own.
    return f"<{type(value).__name__}>" if " at 0x" in text else text
