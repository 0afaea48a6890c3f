"""Registries: the names that stand for classes and functions, in code and in files.

Each family (layers, losses, ...) has one. It is what makes `"relu"` mean
something, and the only list that a file may name things from.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from kerasish.core.code import dump_lambda, load_lambda
from kerasish.core.dtypes import DTypePolicy
from kerasish.core.errors import ArgumentError, FileFormatError, UnknownNameError, UnsafeModelError
from kerasish.core.names import snake_case

__all__ = [
    "Registry",
    "custom_objects",
    "deserialize",
    "get_custom_objects",
    "known_config",
    "register_keras_serializable",
    "resolve",
    "serialize",
    "trusting",
]

T = TypeVar("T")

_registries: dict[str, Registry] = {}
_custom: dict[str, Any] = {}
_safe_mode: ContextVar[bool] = ContextVar("kerasish_safe_mode", default=True)


class Registry:
    """The things of one family, by name.

    Args:
        kind: what one of them is called in messages: `"activation"`.
        module: the Keras module that files name them under: `"activations"`.
        instantiate: whether a name stands for an instance made without
            arguments (losses) or for the thing itself (functions, layers).
    """

    def __init__(self, kind: str, module: str, *, instantiate: bool = False) -> None:
        self.kind = kind
        self.module = module
        self.instantiate = instantiate
        self.entries: dict[str, Any] = {}
        _registries[f"keras.{module}" if module else "keras"] = self

    def register(self, *aliases: str) -> Callable[[T], T]:
        """Return a decorator that enters a class or function under its names."""

        def enter(thing: T) -> T:
            name = thing.__name__  # type: ignore[attr-defined]
            names = (
                (name, snake_case(name), name.lower(), *aliases)
                if inspect.isclass(thing)
                else (name, *aliases)
            )
            self.entries.update(dict.fromkeys(names, thing))
            return thing

        return enter

    def get(self, identifier: Any) -> Any:
        """Return what a name, a config, a class or the thing itself stands for; None is None.

        Raises:
            UnknownNameError: if it is a name that nothing is registered under.
            ArgumentError: if it is nothing that could stand for one.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            thing = self.entries.get(identifier, _custom.get(identifier))
            if thing is None:
                raise UnknownNameError(self.kind, identifier, self.entries)
            return thing() if self.instantiate and inspect.isclass(thing) else thing
        if isinstance(identifier, dict):
            return deserialize(identifier)
        if inspect.isclass(identifier):
            return identifier()
        if callable(identifier) or hasattr(identifier, "get_config"):
            return identifier
        raise ArgumentError(
            f"{identifier!r} cannot be used as {'an' if self.kind[0] in 'aeiou' else 'a'} "
            f"{self.kind}; give a name, an instance, or a function."
        )


def resolve(module: str, identifier: Any) -> Any:
    """Return what an identifier stands for in the family of that module."""
    return _registries[f"keras.{module}"].get(identifier)


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Let files name a class or function of yours.

    Args:
        package: a prefix that keeps your names apart from others'.
        name: what to call it; its own name by default.

    Returns:
        A decorator that returns what it is given.

    Example:
        >>> @register_keras_serializable("examples")
        ... def double(x):
        ...     return 2 * x
        >>> get_custom_objects()["examples>double"] is double
        True
    """

    def enter(thing: T) -> T:
        registered = f"{package}>{name or thing.__name__}"  # type: ignore[attr-defined]
        _custom[registered] = thing
        return thing

    return enter


def get_custom_objects() -> dict[str, Any]:
    """Return the registered names of custom classes and functions."""
    return _custom


class custom_objects:
    """Let files and strings name these objects while the `with` block runs.

    Args:
        objects: names and what they stand for.
    """

    def __init__(self, objects: Mapping[str, Any] | None) -> None:
        self.objects = dict(objects or {})

    def __enter__(self) -> None:
        self._before = dict(_custom)
        _custom.update(self.objects)

    def __exit__(self, *exc: object) -> None:
        _custom.clear()
        _custom.update(self._before)


def registered_name(thing: Any) -> str | None:
    """Return the custom name that a class or function is registered under."""
    return next((name for name, entry in _custom.items() if entry is thing), None)


def _home(thing: Any) -> tuple[str, str] | None:
    """Return the module and name that Keras files know a class or function under."""
    # A class of Keras's may have one name in files and another in paths (`public_name`).
    name = str(getattr(thing, "public_name", thing.__name__))
    for module, registry in _registries.items():
        if registry.entries.get(name) is thing:
            return module, name
    return None


def serialize(thing: Any) -> Any:
    """Return a JSON-ready description of an object, in Keras's form.

    Args:
        thing: a layer, loss, initializer, dtype policy or such; a function; or
            a value, list or dict made of these.

    Returns:
        What `deserialize` (or Keras) makes an equal object from.

    Raises:
        ArgumentError: if it cannot be described.
    """
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    if isinstance(thing, (list, tuple)):
        return [serialize(item) for item in thing]
    if isinstance(thing, dict):
        return {key: serialize(value) for key, value in thing.items()}
    if isinstance(thing, DTypePolicy):
        return _described("keras", "DTypePolicy", thing.get_config(), None)
    if hasattr(thing, "item") and not getattr(thing, "shape", ()):
        return thing.item()
    if inspect.isfunction(thing) or inspect.isbuiltin(thing):
        return _serialize_function(thing)
    if hasattr(thing, "get_config"):
        cls = type(thing)
        module, name = _home(cls) or (None, cls.__name__)
        registered = None if module else registered_name(cls) or cls.__name__
        return _described(module, name, thing.get_config(), registered)
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


def _serialize_function(function: Any) -> Any:
    if _home(function):
        return function.__name__
    if function.__name__ == "<lambda>":
        warnings.warn(
            "A lambda is written to the file as code; it can only be loaded with "
            "`safe_mode=False`. Better use a named function, registered with "
            "`kerasish.saving.register_keras_serializable()`.",
            stacklevel=2,
        )
        return dump_lambda(function)
    name = registered_name(function) or function.__name__
    return _described("builtins", "function", function.__name__, name)


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
    if name == "__lambda__":
        if _safe_mode.get():
            raise UnsafeModelError(
                "The file holds a Lambda, which is Python code; it was not run. If you trust "
                "whoever wrote the file, load it with `safe_mode=False`; better, put the function "
                "in a layer class and register that."
            )
        return load_lambda(inner)
    if name == "__tuple__":
        return tuple(deserialize(inner))
    if name == "DTypePolicy":
        return DTypePolicy.from_config(inner)
    thing = _lookup(config)
    if name == "function" or not inspect.isclass(thing):
        return thing
    return _construct(thing, name, inner)


def _lookup(config: dict[str, Any]) -> Any:
    """Return the class or function that a description names, from the registries only."""
    name, module = config["class_name"], config.get("module") or ""
    wanted = config["config"] if name == "function" else name
    for key in (config.get("registered_name"), f"{config.get('package')}>{wanted}", wanted):
        if isinstance(key, str) and key in _custom:
            return _custom[key]
    if module.split(".")[0] == "keras":
        # Internal modules (keras.src.models.functional) name classes of the public ones.
        registry = _registries.get(module)
        homes = [registry] if registry else list(_registries.values())
        for home in homes:
            if isinstance(wanted, str) and wanted in home.entries:
                return home.entries[wanted]
    if not _safe_mode.get() and module and module != "builtins":
        return getattr(importlib.import_module(module), str(wanted))
    raise UnsafeModelError(
        f"The file names {wanted!r} ({config.get('registered_name') or module}), which is not on "
        "the list of known classes. If it is yours, register it with "
        "`kerasish.saving.register_keras_serializable()` or pass `custom_objects={...}`."
    )


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

    A class lists such keys in `foreign_config`, with the values that may be left
    out; None stands for any value.

    Raises:
        ArgumentError: if a key has another value.
    """
    foreign = getattr(cls, "foreign_config", {})
    for key, allowed in foreign.items():
        if key in config and allowed is not None and config[key] not in allowed:
            raise ArgumentError(f"{cls.__name__} has no setting {key} (here {config[key]!r}).")
    return {key: value for key, value in config.items() if key not in foreign}


def _construct(cls: Any, name: str, config: Any) -> Any:
    if not isinstance(config, dict):
        raise FileFormatError(f"The config of {name!r} is a {type(config).__name__}, not a dict.")
    try:
        return cls.from_config(known_config(cls, config))
    except TypeError as error:
        raise FileFormatError(f"The config of {name!r} does not fit: {error}.") from error
