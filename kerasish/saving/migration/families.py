"""Modules of Keras classes, for configs without a module."""

from __future__ import annotations

from typing import Any

from kerasish.core.graph.operation import operations
from kerasish.core.serialization.families import FAMILIES

__all__ = [
    "LAYERS",
    "find_keras_object",
    "is_serialized_object",
    "operation_module",
    "with_module",
    "without_module",
]

# Modules of models and layers, including those of published networks.
LAYERS = ("", "layers", "src.applications.convnext", "src.applications.inception_resnet_v2")


def is_serialized_object(value: object) -> bool:
    """Return whether a value is a serialized object."""
    return isinstance(value, dict) and isinstance(value.get("class_name"), str)


def find_keras_object(name: str, *families: str) -> Any:
    """Return the class or function of a name in one of these modules, or None."""
    for family in families:
        entries = FAMILIES.get(f"keras.{family}" if family else "keras", {})
        if name in entries:
            return entries[name]
    return None


def with_module(described: dict[str, Any], *families: str) -> dict[str, Any]:
    """Add the module of Keras to a serialized object, if it is in one of these modules.

    Args:
        described: the serialized object.
        families: modules to search in order, such as `"layers"`.

    Returns:
        The serialized object. Objects with a module and objects that are not part of Keras are
        unchanged: registered names are resolved later, and others are rejected.
    """
    if "module" in described:
        return described
    name = described["class_name"]
    for family in families:
        if find_keras_object(name, family) is not None:
            home = f"keras.{family}" if family else "keras"
            return described | {"module": home, "registered_name": None}
    return described | {"module": None, "registered_name": name}


def without_module(described: dict[str, Any]) -> dict[str, Any]:
    """Remove the module that an earlier version of Keras wrote."""
    module = described.get("module")
    if isinstance(module, str) and module.split(".")[0] in ("keras", "tensorflow", "tf_keras"):
        return {k: v for k, v in described.items() if k not in ("module", "registered_name")}
    return described


def operation_module(kind: str) -> str | None:
    """Return the module of `keras.ops` with an operation of this class, or None."""
    return next((each.module for each in operations.values() if each.kind == kind), None)
