"""The state of an optimizer, a pytree, and the addresses of the arrays in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax

from kerasish.core.tree import Tree

__all__ = [
    "Address",
    "OptimizerState",
    "carried",
    "found_at",
    "holder",
    "moved",
    "name_of",
    "nested",
    "put",
    "renamed",
]

# The keys that lead to an array in nested dicts, or in a state: ("inner", "momentum", "dense",
# "kernel").
Address = tuple[str, ...]


@jax.tree_util.register_dataclass
@dataclass
class OptimizerState:
    """What an optimizer carries from step to step.

    Attributes:
        step: how many times gradients were given, an int32 scalar.
        hyperparams: the numbers that may be changed between steps, float32 scalars.
        inner: arrays for each weight, by the name of the slot (`momentum`, ...), in the structure
            of the weights; the states of optimizers within; or the arrays of an optax
            transformation's state, by their paths in it.
    """

    step: Any
    hyperparams: dict[str, Any]
    inner: Any

    def _replace(self, **changes: Any) -> OptimizerState:
        """Return a state that differs in some attributes, as states of optax do."""
        return replace(self, **changes)


def holder(state: Any, address: Address) -> dict[str, Any]:
    """Return the dict that holds what is at an address, under its last key."""
    for key in address[:-1]:
        state = _entries(state)[key]
    return _entries(state)


def found_at(state: Any, address: Address) -> Any:
    """Return what is at an address, or None."""
    for key in address:
        state = None if state is None else _entries(state).get(key)
    return state


def nested(values: Mapping[Address, Any]) -> Tree:
    """Return values by address as nested dicts."""
    tree: Tree = {}
    for address, value in values.items():
        put(tree, address, value)
    return tree


def put(tree: Tree, address: Address, value: Any) -> None:
    """Put a value into nested dicts, which are made where they are missing."""
    for key in address[:-1]:
        tree = tree.setdefault(key, {})
    tree[address[-1]] = value


def carried(new: Any, old: Any) -> Any:
    """Return a new state with whatever an old one has at the same place, in the same shape."""
    if isinstance(new, OptimizerState) and isinstance(old, OptimizerState):
        return OptimizerState(**carried(vars(new), vars(old)))
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: carried(part, old[key]) if key in old else part for key, part in new.items()}
    return old if _form(new) == _form(old) is not None else new


def renamed(state: Any, moves: Mapping[Address, Address]) -> Any:
    """Return a state with what is kept for some weights at their new paths.

    Args:
        state: the state of an optimizer, whatever nested dicts of arrays by path it is made of.
        moves: the new path of each weight that has another, by its old one.
    """
    if not moves or not isinstance(state, (dict, OptimizerState)):
        return state
    if isinstance(state, dict):
        return nested({moved(path, moves): renamed(leaf, moves) for path, leaf in _leaves(state)})
    return OptimizerState(**{key: renamed(part, moves) for key, part in vars(state).items()})


def moved(address: Address, moves: Mapping[Address, Address]) -> Address:
    """Return where an array is once weights have other paths, with which its address ends.

    Args:
        address: where it is. Its last key may be a path itself: `"0/mu/dense/kernel"`.
        moves: the new path of each weight that has another, by its old one.
    """
    keys = tuple("/".join(address).split("/"))
    for start in range(len(keys)):
        if keys[start:] in moves:
            new = (*keys[:start], *moves[keys[start:]])
            return (*address[:-1], "/".join(new[len(address) - 1 :])) if "/" in address[-1] else new
    return address


def _leaves(tree: Any, path: Address = ()) -> Iterator[tuple[Address, Any]]:
    """Yield the leaves of nested dicts with their addresses; a state within is one leaf."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from _leaves(branch, (*path, key))
    else:
        yield path, tree


def _form(leaf: Any) -> Any:
    return (leaf.shape, leaf.dtype) if hasattr(leaf, "shape") else None


def name_of(path: Any) -> str:
    """Return the key path of a weight as one string: `"dense/kernel"`."""
    return str(jax.tree_util.keystr(path, simple=True, separator="/"))


def _entries(node: Any) -> dict[str, Any]:
    entries: dict[str, Any] = vars(node) if isinstance(node, OptimizerState) else node
    return entries
