"""Descriptions of objects in the form of Keras 2: a class name and a config, no module."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.serialization.config import deserialize_keras_object as _deserialize
from kerasish.core.serialization.custom_objects import custom_entries

__all__ = ["deserialize_keras_object", "serialize_keras_object"]


def serialize_keras_object(instance: Any) -> Any:
    """Return the class name and config of an object, or the name of a function.

    Args:
        instance: a layer, loss, initializer or such; a function; or None.

    Raises:
        ArgumentError: if it has neither a config nor a name.

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
    raise ArgumentError(f"{instance!r} cannot be described: it has no `get_config` and no name.")


def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """Return the object of a class name and config, or the class or function of a name.

    Args:
        identifier: what `serialize_keras_object` returned, here or in Keras; None is None.
        module_objects: classes and functions by name.
        custom_objects: more of them, which come first.
        printable_module_name: what such an object is called in messages.

    Returns:
        For a name, an instance of the class or the function itself.

    Raises:
        UnknownNameError: if there is no class or function of that name.
        ArgumentError: if it is not a description.

    Examples:
        >>> from kerasish import regularizers
        >>> described = {"class_name": "L1", "config": {"l1": 0.5}}
        >>> deserialize_keras_object(described, {"L1": regularizers.L1}).l1
        0.5
    """
    if identifier is None:
        return None
    known = {**(module_objects or {}), **custom_entries(), **(custom_objects or {})}
    is_description = isinstance(identifier, dict) and {"class_name", "config"} <= set(identifier)
    if not isinstance(identifier, str) and not is_description:
        raise ArgumentError(
            f"A {printable_module_name} is described by its name, or by a dict with 'class_name' "
            f"and 'config'; got {identifier!r}."
        )
    name = identifier if isinstance(identifier, str) else identifier["class_name"]
    if name not in known:
        raise UnknownNameError(printable_module_name, name, known)
    thing = known[name]
    if isinstance(identifier, str):
        return thing() if inspect.isclass(thing) else thing
    # A config may hold descriptions in today's form, as in Keras.
    config = {key: _inner(value) for key, value in identifier["config"].items()}
    return thing.from_config(config) if hasattr(thing, "from_config") else thing(**config)


def _inner(value: Any) -> Any:
    described = isinstance(value, dict) and {"module", "class_name", "config"} <= set(value)
    return _deserialize(value) if described else value
