"""The line between what the library keeps in a user's object and what is the user's.

Whatever the library needs of a layer, model, metric, loss or optimizer beyond the attributes that
Keras's class has is under names that begin with `_kerasish_`. Every other name is free in a
subclass, as an attribute, a method or a property. A few public names are there for reading
(`model.params`, `layer.output_shape`): they are `Shadowable`, and library code never reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["PREFIX", "Assignable", "Shadowable", "is_reserved"]

T = TypeVar("T")

PREFIX = "_kerasish_"


def is_reserved(name: str) -> bool:
    """Return whether an attribute of that name is the library's own."""
    return name.startswith(PREFIX)


class Shadowable(Generic[T]):
    """A property that gives way to an attribute of the same name.

    Assigning to it makes an ordinary attribute, which is the user's own. The value stays within
    reach through the class: `Model.inputs(model)`.

    Args:
        function: takes the object and returns the value.

    Examples:
        >>> class Thing:
        ...     size = Shadowable(lambda self: 3)
        >>> thing, other = Thing(), Thing()
        >>> other.size = "large"
        >>> thing.size, other.size, Thing.size(other)
        (3, 'large', 3)
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: Any = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: Any = None) -> T: ...

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else self.function(instance)

    def __call__(self, instance: Any) -> T:
        """Return the value, whatever attribute the object has of that name."""
        return self.function(instance)


class Assignable(Shadowable[T]):
    """A `Shadowable` that can be assigned to, where that means something.

    A mapping that is assigned on a built layer is passed to `assign`. Everything else, and a
    mapping on a layer that has no weights yet, becomes the user's own attribute; once there is
    one, assigning replaces it.

    Args:
        function: takes the object and returns the value.
        assign: takes the object and the mapping.
    """

    def __init__(
        self,
        function: Callable[[Any], T],
        assign: Callable[[Any, Mapping[str, Any]], None] | None = None,
    ) -> None:
        super().__init__(function)
        self.assign = assign

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is not None and self.name in (own := vars(instance)):
            return own[self.name]
        return super().__get__(instance, owner)

    def __set__(self, instance: Any, value: Any) -> None:
        own = vars(instance)
        means_weights = isinstance(value, Mapping) and own.get("built", False)
        if self.assign is not None and means_weights and self.name not in own:
            self.assign(instance, value)
        else:
            own[self.name] = value

    def __delete__(self, instance: Any) -> None:
        try:
            del vars(instance)[self.name]
        except KeyError:
            raise AttributeError(self.name) from None
