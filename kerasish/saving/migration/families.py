"""Which part of Keras a name belongs to, where a description does not say."""

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

# Where models and layers are; the published networks have a few of their own.
LAYERS = ("", "layers", "src.applications.convnext", "src.applications.inception_resnet_v2")


def is_serialized_object(value: object) -> bool:
    """Return whether a value describes an object."""
    return isinstance(value, dict) and isinstance(value.get("class_name"), str)


def find_keras_object(name: str, *families: str) -> Any:
    """Return the class or function of a name in one of these parts of Keras, or None."""
    for family in families:
        entries = FAMILIES.get(f"keras.{family}" if family else "keras", {})
        if name in entries:
            return entries[name]
    return None


def with_module(described: dict[str, Any], *families: str) -> dict[str, Any]:
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
        if find_keras_object(name, family) is not None:
            home = f"keras.{family}" if family else "keras"
            return described | {"module": home, "registered_name": None}
    return described | {"module": None, "registered_name": name}


def without_module(described: dict[str, Any]) -> dict[str, Any]:
    """Return a description without the module that an earlier Keras had for one of its classes."""
    module = described.get("module")
    if isinstance(module, str) and module.split(".")[0] in ("keras", "tensorflow", "tf_keras"):
        return {k: v for k, v in described.items() if k not in ("module", "registered_name")}
    return described


def operation_module(kind: str) -> str | None:
    """Return the part of `keras.ops` that has an operation of a class, or None."""
    return next((each.module for each in operations.values() if each.kind == kind), None)
