"""Serialization of objects in the format of Keras 2: a class name and a config."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.serialization.config import deserialize_keras_object as _deserialize
from kerasish.core.serialization.custom_objects import custom_entries
from kerasish.core.types import Config

__all__ = ["deserialize_keras_object", "serialize_keras_object"]


def serialize_keras_object(instance: object) -> Config | str | None:
    """Return the class name and config of an object, or the name of a function.

    Args:
        instance: a layer, a loss, an initializer, ...; a function; or None.

    Raises:
        ArgumentError: if the object has neither `get_config` nor a name.

    Examples:
        >>> from kerasish import regularizers
        >>> serialize_keras_object(regularizers.L1(0.5))
        {'class_name': 'L1', 'config': {'l1': 0.5}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {"class_name": type(instance).__name__, "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return str(instance.__name__)
    raise ArgumentError(
        f"{instance!r} cannot be serialized: it has neither `get_config` nor a name."
    )


def deserialize_keras_object(
    identifier: str | Config | None,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """Create an object from its class name and config, or return a function by its name.

    Args:
        identifier: the result of `serialize_keras_object`, also from Keras; None returns None.
        module_objects: classes and functions by name.
        custom_objects: further classes and functions, which take precedence.
        printable_module_name: the kind of object, for error messages.

    Returns:
        The object. For a name, an instance of the class or the function itself.

    Raises:
        UnknownNameError: if there is no class or function of this name.
        ArgumentError: if `identifier` is not in this format.

    Examples:
        >>> from kerasish import regularizers
        >>> serialized = {"class_name": "L1", "config": {"l1": 0.5}}
        >>> deserialize_keras_object(serialized, {"L1": regularizers.L1}).l1
        0.5
    """
    if identifier is None:
        return None
    known = {**(module_objects or {}), **custom_entries(), **(custom_objects or {})}
    is_description = isinstance(identifier, dict) and {"class_name", "config"} <= set(identifier)
    if not isinstance(identifier, str) and not is_description:
        raise ArgumentError(
            f"Expected the name of a {printable_module_name}, or a dict with 'class_name' and "
            f"'config'; got {identifier!r}."
        )
    name = identifier if isinstance(identifier, str) else identifier["class_name"]
    if name not in known:
        raise UnknownNameError(printable_module_name, name, known)
    found = known[name]
    if isinstance(identifier, str):
        return found() if inspect.isclass(found) else found
    # As in Keras, a config may contain objects in the format of Keras 3.
    config = {key: _deserialize_nested(value) for key, value in identifier["config"].items()}
    return found.from_config(config) if hasattr(found, "from_config") else found(**config)


def _deserialize_nested(value: object) -> object:
    serialized = isinstance(value, dict) and {"module", "class_name", "config"} <= set(value)
    return _deserialize(value) if serialized else value
