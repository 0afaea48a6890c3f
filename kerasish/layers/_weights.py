"""Options of weights, adding weights by role, and forwarding of constructor arguments."""

from __future__ import annotations

from typing import Any

from kerasish import constraints, initializers, regularizers
from kerasish.core.layer import Layer
from kerasish.core.types import ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.core.variable import Variable

__all__ = ["add_weight_for", "constructor_arguments", "set_weight_options"]


def set_weight_options(
    layer: Layer,
    role: str,
    initializer: InitializerLike,
    regularizer: RegularizerLike,
    constraint: ConstraintLike,
) -> None:
    """Set `<role>_initializer`, `<role>_regularizer` and `<role>_constraint` of a layer.

    Args:
        layer: the layer.
        role: what the weight is for: `"kernel"`, `"bias"`, `"depthwise"`, ...
        initializer: a name, a config or an object.
        regularizer: likewise.
        constraint: likewise.

    Raises:
        UnknownNameError: if nothing is registered under a name.
    """
    setattr(layer, f"{role}_initializer", initializers.get(initializer))
    setattr(layer, f"{role}_regularizer", regularizers.get(regularizer))
    setattr(layer, f"{role}_constraint", constraints.get(constraint))


def add_weight_for(
    layer: Layer,
    role: str,
    shape: Shape,
    *,
    name: str | None = None,
    initializer: InitializerLike = None,
) -> Variable:
    """Add a weight with the options that `set_weight_options` set for its role.

    Args:
        layer: the layer; keep what is returned in an attribute of it.
        role: the role of the weight.
        shape: the shape of the weight.
        name: the name of the weight; the role by default.
        initializer: used instead of `<role>_initializer`.
    """
    if initializer is None:
        initializer = getattr(layer, f"{role}_initializer")
    return layer.add_weight(
        shape,
        initializer,
        regularizer=getattr(layer, f"{role}_regularizer"),
        constraint=getattr(layer, f"{role}_constraint"),
        name=name or role,
    )


def constructor_arguments(variables: dict[str, Any], *without: str) -> dict[str, Any]:
    """Return the arguments of a constructor by name, to pass them on as keyword arguments.

    Args:
        variables: `locals()`, taken on the first line of a constructor whose further keyword
            arguments are called `kwargs`.
        *without: names of arguments to leave out.

    Examples:
        >>> def make(units, activation=None, **kwargs):
        ...     return constructor_arguments(locals(), "activation")
        >>> make(3, name="dense")
        {'units': 3, 'name': 'dense'}
    """
    left_out = {"self", "__class__", "kwargs", *without}
    named = {name: value for name, value in variables.items() if name not in left_out}
    further = variables.get("kwargs", {}).items()
    return named | {name: value for name, value in further if name not in without}
