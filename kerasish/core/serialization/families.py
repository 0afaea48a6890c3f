"""Which names each family of things has: all that a file may name of the library's own."""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["FAMILIES", "find", "home"]

# The entries of each `Registry`, by the Keras module that files name them under.
FAMILIES: dict[str, dict[str, Any]] = {}


def home(thing: Any) -> tuple[str, str] | None:
    """Return the module and name that Keras files know a class or function under."""
    # A class of Keras's may have one name in files and another in paths (`public_name`).
    name = str(getattr(thing, "public_name", thing.__name__))
    for module, entries in FAMILIES.items():
        if entries.get(name) is thing:
            return module, name
    return None


def find(module: str, name: Any, *, function: bool = False) -> Any:
    """Return what a Keras module has under a name, or None.

    Args:
        module: such as `"keras.layers"`. Internal modules (keras.src.models.functional)
            and `builtins` name things of all public ones.
        name: the name.
        function: whether only a function will do.
    """
    if not isinstance(name, str):
        return None
    for entries in [FAMILIES[module]] if module in FAMILIES else FAMILIES.values():
        thing = entries.get(name)
        if thing is not None and not (function and inspect.isclass(thing)):
            return thing
    return None
