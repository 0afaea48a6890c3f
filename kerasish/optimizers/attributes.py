"""Hyperparameters as attributes of an optimizer: read as numbers, checked when assigned."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.scope import current_scope
from kerasish.core.types import Array
from kerasish.core.variable import Variable
from kerasish.optimizers.formula import Formula

__all__ = ["CLIPS", "HyperparamAttributes", "hyperparam", "number_of"]

# Only one of these can be given.
CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")

# The types of attributes that compiled programs depend on.
_STATIC = (bool, int, float, str, tuple, type(None))


class HyperparamAttributes:
    """The hyperparameters of a formula, which are leaves of the state, as attributes.

    `optimizer.beta_1` is a Python number; within a step it is the array of that step.
    Assigning a number takes effect at the next step, and compiles nothing.
    """

    built: bool
    _kerasish_hyperparams: dict[str, Variable]
    _kerasish_enabled: set[str]
    _kerasish_undecayed: tuple[str, ...]
    _kerasish_inner_optimizers: dict[str, Any]

    @property
    def _kerasish_formula(self) -> Formula:
        """The formula whose hyperparameters these are."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> float | Array | None:
        number = vars(self).get("_kerasish_hyperparams", {}).get(name)
        if number is not None:
            return number.value if current_scope() is not None else number_of(number)
        if name in self._kerasish_formula.optional_hyperparams:
            return None
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        own = vars(self)
        if name in CLIPS and value is not None:
            _check_clip(self, name, value)
        formula = self._kerasish_formula
        optional = name in formula.optional_hyperparams and "_kerasish_hyperparams" in own
        takes = optional or name in own.get("_kerasish_hyperparams", {})
        if not takes or hasattr(type(self), name) or isinstance(value, (list, tuple, dict)):
            super().__setattr__(name, value)
        elif value is None and optional:
            self._kerasish_hyperparams.pop(name, None)
        else:
            _assign(self, name, value)

    def _kerasish_settings(self) -> tuple[Any, ...]:
        """Return the values that compiled steps depend on, beside the state."""
        own = [
            (name, value)
            for name, value in vars(self).items()
            if name[0] != "_" and name != "built" and isinstance(value, _STATIC)
        ]
        inner = [each._kerasish_settings() for each in self._kerasish_inner_optimizers.values()]
        names = sorted(self._kerasish_hyperparams)
        return (*sorted(own, key=lambda each: each[0]), self._kerasish_undecayed, *names, *inner)


def hyperparam(name: str, value: object, signed: bool) -> Variable:
    """Return a hyperparameter as a float32 scalar.

    Args:
        name: its name.
        value: a number.
        signed: whether it may be negative.

    Raises:
        ArgumentError: if it is not a number, or negative.
    """
    is_number = isinstance(value, (int, float, np.number, Variable, jax.Array))
    if not is_number or (float(value) < 0 and not signed):  # type: ignore[arg-type]
        raise ArgumentError(f"{name} must be a number of at least 0; got {value!r}.")
    return Variable(float(value), dtype="float32", name=name)  # type: ignore[arg-type]


def number_of(variable: Variable) -> float:
    """Return the value of a scalar: the shortest number that is the same in its dtype."""
    value = variable.numpy()
    return float(str(value)) if value.dtype == np.float32 else value.item()


def _assign(optimizer: HyperparamAttributes, name: str, value: object) -> None:
    formula, enabled = optimizer._kerasish_formula, optimizer._kerasish_enabled
    new = hyperparam(name, value, name in formula.signed_hyperparams)
    if name in formula.slot_switches and (float(new) > 0) != (name in enabled):
        if not optimizer.built:
            enabled ^= {name}
        elif name not in enabled:
            raise ArgumentError(
                f"{type(optimizer).__name__} was built with {name}=0 and keeps nothing for it; "
                f"give {name} to the constructor, or assign it before training."
            )
    old = optimizer._kerasish_hyperparams.get(name)
    if old is None:
        optimizer._kerasish_hyperparams[name] = new
    else:
        old.assign(float(new))


def _check_clip(optimizer: object, name: str, value: object) -> None:
    """Refuse a second way of clipping.

    Raises:
        ArgumentError: if another one is set.
    """
    for other in CLIPS:
        now = vars(optimizer).get(other)
        if other != name and now is not None:
            raise ArgumentError(
                f"Only one of {', '.join(CLIPS)} can be set; got {name}={value!r}, and {other} "
                f"is {now!r}. Assign `optimizer.{other} = None` first."
            )
