"""Which part of Keras a name belongs to, where a description does not say."""

from __future__ import annotations

from typing import Any

from kerasish.core.families import FAMILIES
from kerasish.core.operation import operations

__all__ = ["at_home", "is_described", "operation_module"]


def is_described(value: Any) -> bool:
    """Return whether a value describes an object."""
    return isinstance(value, dict) and isinstance(value.get("class_name"), str)


def at_home(described: dict[str, Any], *families: str) -> dict[str, Any]:
    """Return a description that says which part of Keras it is from, if it is from one of these.

    Args:
        described: the description.
        families: such as `"layers"`, where to look; the first that has the name counts.

    Returns:
        The description. What has a module, and what is not Keras's, is left as it is: a name that
        the program has registered is found by itself, any other is refused.
    """
    if "module" in described:
        return described
    name = described["class_name"]
    for family in families:
        home = f"keras.{family}" if family else "keras"
        if name in FAMILIES.get(home, ()):
            return described | {"module": home, "registered_name": None}
    return described | {"module": None, "registered_name": name}


def operation_module(kind: str) -> str | None:
    """Return the part of `keras.ops` that has an operation of a class, or None."""
    return next((each.module for each in operations.values() if each.kind == kind), None)
