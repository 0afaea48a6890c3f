"""Descriptions of objects, in Keras's form: what files hold of everything that is no array."""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from kerasish.core.dtypes import DTypePolicy
from kerasish.core.errors import ArgumentError, FileFormatError, UnsafeModelError
from kerasish.core.policy_map import DTypePolicyMap
from kerasish.core.serialization import literals
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.custom_objects import (
    CustomObjectScope,
    custom_entries,
    registered_name,
)
from kerasish.core.serialization.families import find, home
from kerasish.core.serialization.lambda_code import dump_lambda, load_lambda
from kerasish.core.serialization.untrusted import guarded

__all__ = [
    "builds_itself",
    "describe",
    "deserialize",
    "deserialize_keras_object",
    "enable_unsafe_deserialization",
    "known_config",
    "serialize",
    "serialize_keras_object",
    "trusting",
    "ungiven",
    "within_process",
]

# Whether what cannot be written to a file is described by itself, for a copy in this process.
_within_process: ContextVar[bool] = ContextVar("kerasish_within_process", default=False)
_ITSELF = "__itself__"

# None outside of anything that says whether to trust.
_safe_mode: ContextVar[bool | None] = ContextVar("kerasish_safe_mode", default=None)
_everything_trusted = False


def serialize(thing: Any) -> Any:
    """Return a JSON-ready description of an object, in Keras's form.

    Args:
        thing: a layer, loss, initializer, dtype policy or such; a function; or
            a value, array, list or dict made of these.

    Returns:
        What `deserialize` (or Keras) makes an equal object from; of functions of
        the library, their names.

    Raises:
        ArgumentError: if it cannot be described.
    """
    return describe(thing, names=True)


def serialize_keras_object(obj: Any) -> Any:
    """Return a JSON-ready description of an object, in Keras's form.

    Args:
        obj: a layer, loss, initializer, dtype policy or such; a function; or a
            value, array, list or dict made of these.

    Returns:
        What `deserialize_keras_object` (here or in Keras) makes an equal object from.

    Raises:
        ArgumentError: if it cannot be described.

    Examples:
        >>> import numpy as np
        >>> described = serialize_keras_object({"shift": np.ones(2), "rows": slice(0, 2)})
        >>> deserialize_keras_object(described)
        {'shift': array([1., 1.]), 'rows': slice(0, 2, None)}
    """
    return describe(obj, names=False)


def describe(thing: Any, *, names: bool) -> Any:
    """Describe an object; functions of the library by their `names`, or as such."""
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    if isinstance(thing, (list, tuple)):
        return [describe(item, names=names) for item in thing]
    if isinstance(thing, dict):
        if _within_process.get() and thing.get("class_name") == _ITSELF:
            return thing
        return {key: describe(value, names=names) for key, value in thing.items()}
    if isinstance(thing, type) and _within_process.get():
        return thing
    if isinstance(thing, DTypePolicyMap):
        inner = describe(thing.get_config(), names=names)
        return _described("keras.dtype_policies", "DTypePolicyMap", inner, None)
    if isinstance(thing, DTypePolicy):
        return _described("keras", "DTypePolicy", thing.get_config(), None)
    if hasattr(thing, "item") and not getattr(thing, "shape", ()):
        return thing.item()
    value = literals.described(thing)
    if value is not None:
        return value
    if inspect.isfunction(thing) or inspect.isbuiltin(thing):
        return _serialize_function(thing, names)
    if hasattr(thing, "get_config"):
        cls = type(thing)
        module, name = home(cls) or (None, cls.__name__)
        registered = None if module else registered_name(cls) or cls.__name__
        # A config may hold layers, functions and arrays, too.
        config = describe(thing.get_config(), names=False)
        found = _described(module, name, config, registered)
        if has_hook(thing, "get_build_config"):
            found["build_config"] = describe(thing.get_build_config(), names=False)
        return found | ({"class": cls} if _within_process.get() else {})
    if _within_process.get():
        return _described(None, _ITSELF, thing, None)
    raise ArgumentError(
        f"{thing!r} of type {type(thing).__name__} cannot be written to a file; "
        "give its class a `get_config` method and register it with "
        "`kerasish.saving.register_keras_serializable()`."
    )


def _described(
    module: str | None, name: str, config: Any, registered: str | None
) -> dict[str, Any]:
    return {
        "module": module,
        "class_name": name,
        "config": config,
        "registered_name": registered,
    }


def _serialize_function(function: Any, names: bool) -> Any:
    if names and home(function):
        return function.__name__
    if _within_process.get():
        return _described(None, _ITSELF, function, None)
    if function.__name__ == "<lambda>":
        warnings.warn(
            "A lambda is written to the file as code; it can only be loaded with "
            "`safe_mode=False`. Better use a named function, registered with "
            "`kerasish.saving.register_keras_serializable()`.",
            stacklevel=2,
        )
        return dump_lambda(function)
    name = registered_name(function) or function.__name__
    return _described("builtins", "function", name, "function")


def deserialize(config: Any) -> Any:
    """Make an object from its description; only registered names are looked up.

    Args:
        config: what `serialize` returned, or what a Keras file holds.

    Returns:
        The object. Nothing is imported and no code from the description runs.

    Raises:
        UnsafeModelError: if it asks for Python code (a Lambda).
        FileFormatError: if it names a class that is not registered.
    """
    if isinstance(config, list):
        return [deserialize(item) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: deserialize(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if name == _ITSELF and _within_process.get():
        return inner
    if not isinstance(name, str):
        raise FileFormatError(f"The file names a class {str(name)[:80]!r}, which is no name.")
    if name == "__lambda__":
        if _is_safe():
            raise UnsafeModelError(
                "The file holds a Lambda, which is Python code; it was not run. If you trust "
                "whoever wrote the file, load it with `safe_mode=False`; better, put the function "
                "in a layer class and register that."
            )
        return load_lambda(inner)
    if name == "__tuple__":
        return tuple(deserialize(inner))
    if name in literals.PLAIN:
        return literals.value_of(name, inner)
    if name in ("DTypePolicy", "FloatDTypePolicy"):
        return DTypePolicy.from_config(inner)
    if name == "DTypePolicyMap":
        return DTypePolicyMap.from_config(deserialize(inner))
    thing = _lookup(config)
    if name == "function" or not inspect.isclass(thing):
        return thing
    made = _construct(thing, name, inner)
    if isinstance(config.get("build_config"), dict) and builds_itself(made):
        made.build_from_config(config["build_config"])
    return made


def builds_itself(thing: Any) -> bool:
    """Return whether the class of a layer says what it is built from, or builds it."""
    return has_hook(thing, "get_build_config") or has_hook(thing, "build_from_config")


def _lookup(config: dict[str, Any]) -> Any:
    """Return the class or function that a description names, from the registries only."""
    if _within_process.get() and "class" in config:
        return config["class"]
    name, module = config["class_name"], str(config.get("module") or "")
    wanted = config["config"] if name == "function" else name
    custom = custom_entries()
    for key in (config.get("registered_name"), f"{config.get('package')}>{wanted}", wanted):
        if isinstance(key, str) and key in custom:
            return custom[key]
    is_function = name == "function"
    if module.split(".")[0] == "keras" or (is_function and module == "builtins"):
        thing = find(module, wanted, function=is_function)
        if thing is not None:
            return thing
    if not _is_safe() and module and module != "builtins":
        return getattr(importlib.import_module(module), str(wanted))
    raise UnsafeModelError(
        f"The file names {wanted!r} ({config.get('registered_name') or module}), which is not on "
        "the list of known classes. If it is yours, register it with "
        "`kerasish.saving.register_keras_serializable()` or pass `custom_objects={...}`."
    )


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """Make an object from its description; only registered names are looked up.

    Args:
        config: what `serialize_keras_object` returned, here or in Keras.
        custom_objects: names, besides registered ones, that it may hold.
        safe_mode: whether to refuse code. While a file is being loaded, what
            `load_model` was told counts.

    Raises:
        UnsafeModelError: if it asks for Python code, or names what is not registered.
        FileFormatError: if it is damaged.

    Examples:
        >>> from kerasish import layers
        >>> deserialize_keras_object(serialize_keras_object(layers.Dense(3))).units
        3
    """
    outer = _safe_mode.get()
    trusted = trusting(safe_mode if outer is None else outer)
    with CustomObjectScope(custom_objects), trusted, guarded("The description is damaged"):
        return deserialize(config)


def enable_unsafe_deserialization() -> None:
    """Let every file from now on hold code that runs when it is loaded, whoever wrote it.

    As if `safe_mode=False` were given wherever it can be. There is no way back
    within the process. To load one file that you trust, give `safe_mode=False` there.
    """
    global _everything_trusted
    _everything_trusted = True


def _is_safe() -> bool:
    return not _everything_trusted and _safe_mode.get() is not False


@contextmanager
def within_process() -> Iterator[None]:
    """Let functions and classes stand for themselves in descriptions, which no file then holds.

    What a copy of a layer is made of needs no list of known classes, and no code as text.
    """
    token = _within_process.set(True)
    try:
        yield
    finally:
        _within_process.reset(token)


@contextmanager
def trusting(safe_mode: bool) -> Iterator[None]:
    """Let files name any class and hold code while the block runs, unless `safe_mode`."""
    token = _safe_mode.set(safe_mode)
    try:
        yield
    finally:
        _safe_mode.reset(token)


def known_config(cls: Any, config: dict[str, Any]) -> dict[str, Any]:
    """Return a config without what only Keras has, if that says nothing that matters here.

    A class lists such keys in `_kerasish_foreign_config`, with the values that may be left
    out; None stands for any value.

    Raises:
        ArgumentError: if a key has another value.
    """
    foreign = getattr(cls, "_kerasish_foreign_config", {})
    for key, allowed in foreign.items():
        if key in config and allowed is not None and config[key] not in allowed:
            raise ArgumentError(f"{cls.__name__} has no setting {key} (here {config[key]!r}).")
    return {key: value for key, value in config.items() if key not in foreign}


def ungiven(made: Any) -> Any:
    """Return a layer whose name came with its config, so that it may be changed like a made one."""
    if hasattr(made, "_kerasish_given"):
        made._kerasish_given = False
    return made


def _construct(cls: Any, name: str, config: Any) -> Any:
    if not isinstance(config, dict):
        raise FileFormatError(f"The config of {name!r} is a {type(config).__name__}, not a dict.")
    try:
        made = cls.from_config(known_config(cls, config))
    except TypeError as error:
        raise FileFormatError(f"The config of {name!r} does not fit: {error}.") from error
    return ungiven(made)
