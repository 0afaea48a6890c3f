"""The settings of an optimizer as attributes: read as numbers, checked when they are assigned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.scope import current_scope
from kerasish.core.variable import Variable

__all__ = ["CLIPS", "Attributes", "number_of"]

# Only one of these can be given.
CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")

# What an attribute may be for compiled programs to depend on it.
_SETTINGS = (bool, int, float, str, tuple, type(None))


class Attributes:
    """The numbers of a formula, which are leaves of the state, as attributes of the optimizer.

    `optimizer.beta_1` is a Python number; within a step it is the array that the step has.
    Assigning a number takes effect at the next step, and compiles nothing.
    """

    numbers: dict[str, Variable]
    built: bool
    _kerasish_children: dict[str, Any]
    _number: Callable[[str, Any], Variable]

    # Numbers that may be None.
    optional: ClassVar[tuple[str, ...]] = ("weight_decay",)

    # Numbers that slots are kept for only if they are above 0 when the optimizer is built.
    gates: ClassVar[tuple[str, ...]] = ()

    def __getattr__(self, name: str) -> Any:
        number = vars(self).get("numbers", {}).get(name)
        if number is not None:
            return number.value if current_scope() is not None else number_of(number)
        if name in type(self).optional:
            return None
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        numbers = vars(self).get("numbers", {})
        if name in CLIPS and value is not None:
            self._check_clip(name, value)
        takes = name in numbers or (name in type(self).optional and "numbers" in vars(self))
        if not takes or hasattr(type(self), name) or isinstance(value, (list, tuple, dict)):
            super().__setattr__(name, value)
        elif value is None and name in type(self).optional:
            numbers.pop(name, None)
        else:
            self._assign_number(name, value)

    def _assign_number(self, name: str, value: Any) -> None:
        new, old = self._number(name, value), self.numbers.get(name)
        if name in type(self).gates:
            if self.built and float(new) > 0 and not getattr(self, f"_has_{name}"):
                raise ArgumentError(
                    f"{type(self).__name__} was built with {name}=0 and keeps nothing for it; "
                    f"give {name} to the constructor, or assign it before training."
                )
            if not self.built:
                super().__setattr__(f"_has_{name}", float(new) > 0)
        if old is None:
            self.numbers[name] = new
        else:
            old.assign(float(new))

    def _check_clip(self, name: str, value: Any) -> None:
        """Refuse a second way of clipping.

        Raises:
            ArgumentError: if another one is set.
        """
        set_ = {each: vars(self).get(each) for each in CLIPS if each != name}
        for other, its in set_.items():
            if its is not None:
                raise ArgumentError(
                    f"Only one of {', '.join(CLIPS)} can be set; got {name}={value!r}, and {other} "
                    f"is {its!r}. Assign `optimizer.{other} = None` first."
                )

    def _kerasish_settings(self) -> tuple[Any, ...]:
        """Return what compiled steps depend on, beside the state."""
        own = [
            (name, value)
            for name, value in vars(self).items()
            if name[0] != "_" and name != "built" and isinstance(value, _SETTINGS)
        ]
        parts = [child._kerasish_settings() for child in self._kerasish_children.values()]
        return (*sorted(own, key=lambda each: each[0]), *sorted(self.numbers), *parts)


def number_of(variable: Variable) -> Any:
    """Return the value of a scalar: the shortest number that is the same in its dtype."""
    value = variable.numpy()
    return float(str(value)) if value.dtype == np.float32 else value.item()
