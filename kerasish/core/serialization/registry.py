"""Registries: the names that stand for classes and functions, in code and in files.

Each family (layers, losses, ...) has one. It is what makes `"relu"` mean
something, and the only list that a file may name things from.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.names import snake_case
from kerasish.core.serialization.config import (
    describe,
    deserialize,
    known_config,
    serialize,
    trusting,
    ungiven,
    within_process,
)
from kerasish.core.serialization.custom_objects import (
    CustomObjectScope,
    custom_entries,
    get_custom_objects,
    register_keras_serializable,
    registered_name,
)
from kerasish.core.serialization.families import FAMILIES

__all__ = [
    "Registry",
    "custom_objects",
    "deserialize",
    "get_custom_objects",
    "known_config",
    "register_keras_serializable",
    "registered_name",
    "resolve",
    "serialize",
    "trusting",
    "ungiven",
    "within_process",
]

T = TypeVar("T")

custom_objects = CustomObjectScope
_registries: dict[str, Registry] = {}


class Registry:
    """The things of one family, by name.

    Args:
        kind: what one of them is called in messages: `"activation"`.
        module: the Keras module that files name them under: `"activations"`.
        instantiate: whether a name stands for an instance made without
            arguments (losses) or for the thing itself (functions, layers).
        from_array: what to make of an array; None refuses it.
    """

    def __init__(
        self,
        kind: str,
        module: str,
        *,
        instantiate: bool = False,
        from_array: Callable[[Any], Any] | None = None,
    ) -> None:
        self.kind = kind
        self.module = module
        self.instantiate = instantiate
        self.from_array = from_array
        self.entries: dict[str, Any] = {}
        home = f"keras.{module}" if module else "keras"
        _registries[home], FAMILIES[home] = self, self.entries

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
            thing = self.entries.get(identifier, custom_entries().get(identifier))
            if thing is None:
                raise UnknownNameError(self.kind, identifier, self.entries)
            return thing() if self.instantiate and inspect.isclass(thing) else thing
        if isinstance(identifier, dict):
            return self.deserialize(identifier)
        if inspect.isclass(identifier):
            return identifier()
        if callable(identifier) or hasattr(identifier, "get_config"):
            return identifier
        if self.from_array is not None and hasattr(identifier, "__array__"):
            return self.from_array(identifier)
        raise ArgumentError(
            f"{identifier!r} cannot be used as {'an' if self.kind[0] in 'aeiou' else 'a'} "
            f"{self.kind}; give a name, an instance, or a function."
        )

    def serialize(self, thing: Any) -> Any:
        """Return a JSON-ready description of one of the family, in Keras's form.

        Args:
            thing: an instance or a function.

        Returns:
            What `deserialize` makes an equal one from; where names stand for
            functions, the name of a function.
        """
        return describe(thing, names=not self.instantiate)

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return what a name or a description stands for; None is None.

        Args:
            config: what `serialize` returned, here or in Keras.
            custom_objects: names, besides registered ones, that it may hold.

        Raises:
            UnknownNameError: if it is a name that nothing is registered under.
            UnsafeModelError: if it describes something that is not registered.
        """
        with CustomObjectScope(custom_objects):
            if isinstance(config, str):
                return self.get(config)
            if isinstance(config, dict) and self._is_own(config):
                config = config | {"module": f"keras.{self.module}"}
            return deserialize(config)

    def _is_own(self, config: dict[str, Any]) -> bool:
        """Return whether a description without a module of its own means one of the family."""
        function = config.get("class_name") == "function"
        name = config.get("config" if function else "class_name")
        return config.get("module") in (None, "builtins") and name in self.entries


def resolve(module: str, identifier: Any) -> Any:
    """Return what an identifier stands for in the family of that module."""
    return _registries[f"keras.{module}"].get(identifier)
