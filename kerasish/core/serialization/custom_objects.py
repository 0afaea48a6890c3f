"""Names that users give to classes and functions of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from typing import Any, TypeVar

__all__ = [
    "CustomObjectScope",
    "custom_entries",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
    "registered_name",
]

T = TypeVar("T")

_registered: dict[str, Any] = {}
_scoped: ContextVar[Mapping[str, Any]] = ContextVar("kerasish_custom_objects")


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Let files name a class or function of yours.

    Args:
        package: a prefix that keeps your names apart from others'.
        name: what to call it; its own name by default.

    Returns:
        A decorator that returns what it is given.

    Examples:
        >>> @register_keras_serializable("examples")
        ... def double(x):
        ...     return 2 * x
        >>> get_custom_objects()["examples>double"] is double
        True
    """

    def enter(thing: T) -> T:
        registered = f"{package}>{name or thing.__name__}"  # type: ignore[attr-defined]
        _registered[registered] = thing
        return thing

    return enter


def get_custom_objects() -> dict[str, Any]:
    """Return the registered names of custom classes and functions; entries may be added.

    Examples:
        >>> get_custom_objects()["Doubled"] = lambda x: 2 * x
        >>> get_registered_object("Doubled")(3)
        6
    """
    return _registered


class CustomObjectScope:
    """Let files and strings name these objects while the `with` block runs.

    Args:
        custom_objects: names and what they stand for.

    Examples:
        >>> with CustomObjectScope({"twice": lambda x: 2 * x}):
        ...     get_registered_object("twice")(4)
        8
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self) -> CustomObjectScope:
        self._token: Token[Mapping[str, Any]] = _scoped.set(_here() | self.custom_objects)
        return self

    def __exit__(self, *exc: object) -> None:
        _scoped.reset(self._token)


def _here() -> dict[str, Any]:
    return dict(_scoped.get({}))


def custom_entries() -> dict[str, Any]:
    """Return all custom names that count here: those of open scopes before registered ones."""
    return _registered | _here()


def registered_name(thing: Any) -> str | None:
    """Return the custom name that a class or function is known under."""
    return next((name for name, entry in custom_entries().items() if entry is thing), None)


def get_registered_name(obj: Any) -> str:
    """Return the name that files know a class or function under.

    Args:
        obj: a class or a function.

    Returns:
        The name that it was registered under, else its own.

    Examples:
        >>> get_registered_name(dict)
        'dict'
    """
    return next((name for name, entry in _registered.items() if entry is obj), obj.__name__)


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return the class or function of a name, or None.

    Args:
        name: such as `"package>Name"`.
        custom_objects: names to look among where it is not registered.
        module_objects: names to look among last.

    Examples:
        >>> get_registered_object("none", {"none": 0}), get_registered_object("nobody's")
        (0, None)
    """
    for names in (custom_entries(), custom_objects or {}, module_objects or {}):
        if name in names:
            return names[name]
    return None
