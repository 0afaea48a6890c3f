"""Bind values to variables in a scope: nested dicts by path, lists in Keras's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.paths import Tree, to_name
from kerasish.core.scope import Scope
from kerasish.core.types import Array, ArrayLike
from kerasish.core.variable import Variable

__all__ = ["bind_list", "bind_tree", "match_tree", "values_of"]


def bind_tree(scope: Scope, declared: Tree, values: Mapping[str, Any], what: str) -> None:
    """Bind the values in nested dicts to the variables in `declared`, path by path.

    Raises:
        ShapeError: if the two trees differ in structure or in a shape.
    """
    for variable, value in match_tree(declared, values, what):
        scope.bind(variable, value)


def match_tree(
    declared: Tree, values: Mapping[str, Any], what: str, path: tuple[str, ...] = ()
) -> list[tuple[Variable, Any]]:
    """Return the variables in `declared`, each with its value in `values`, path by path.

    Args:
        declared: nested dicts of variables.
        values: nested dicts of values.
        what: how messages call `values`: `"params"`.
        path: the path of both in the model.

    Raises:
        ShapeError: if the two trees differ in structure or in a shape.
    """
    found: list[tuple[Variable, Any]] = []
    if not isinstance(values, Mapping) or set(declared) != set(values):
        values = values if isinstance(values, Mapping) else {}
        missing, extra = sorted(set(declared) - set(values)), sorted(set(values) - set(declared))
        raise ShapeError(
            f"The {what} do not fit the model at {to_name(path) or 'the top'!r}: "
            f"missing {missing}, not known {extra}. Start from `model.{what}`."
        )
    for name, node in declared.items():
        value, where = values[name], (*path, name)
        if isinstance(node, dict):
            found += match_tree(node, value, what, where)
        elif isinstance(value, Mapping) or getattr(value, "shape", node.shape) != node.shape:
            raise ShapeError(
                f"The weight {to_name(where)!r} has shape {node.shape}; the {what} hold one of "
                f"shape {getattr(value, 'shape', 'another kind')}."
            )
        else:
            found.append((node, value))
    return found


def bind_list(
    scope: Scope, declared: Sequence[Variable], values: Sequence[Array], what: str
) -> None:
    """Bind the values in a list to variables in the same order.

    Args:
        scope: the scope to bind them in.
        declared: the variables.
        values: an array for each.
        what: how messages call the list: `"trainable_variables"`.

    Raises:
        ShapeError: if their number or a shape differs.
    """
    if len(values) != len(declared):
        raise ShapeError(
            f"`{what}` has {len(values)} entries; there must be {len(declared)}, one for each of "
            f"{[v.name for v in declared]}. Start from `.{what}`."
        )
    for variable, value in zip(declared, values, strict=True):
        if getattr(value, "shape", variable.shape) != variable.shape:
            raise ShapeError(
                f"The variable {to_name(variable.path)!r} has shape {variable.shape}; `{what}` "
                f"holds a value of shape {value.shape} for it."
            )
        scope.bind(variable, value)


def values_of(values: Sequence[Variable | ArrayLike]) -> list[Array]:
    """Return the arrays in a list, in which variables may stand for their values."""
    return [v.value if isinstance(v, Variable) else jnp.asarray(v) for v in values]
