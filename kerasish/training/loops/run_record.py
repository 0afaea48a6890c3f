"""The state of a run in a form that checkpoints hold: nested dicts of arrays, and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, Params, PyTree
from kerasish.training.execution.state import TrainState, is_key

__all__ = ["nested_arrays", "pack", "restore_train_state", "unpack"]

# Stands in a record for an array, which is in a tree beside it.
_ARRAY = "__array__"


def _leaves(train_state: TrainState) -> Iterator[tuple[list[str], Array]]:
    """Yield each array with the names on its path; arrays without elements are not saved."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(train_state):
        if jnp.size(leaf):
            yield [jax.tree_util.keystr((key,), simple=True) for key in path], leaf


def nested_arrays(train_state: TrainState) -> Params:
    """Return a training state as nested dicts of plain arrays."""
    tree: Params = {}
    for names, leaf in _leaves(train_state):
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
        node[names[-1]] = jax.random.key_data(leaf) if is_key(leaf) else jnp.asarray(leaf)
    return tree


def restore_train_state(train_state: TrainState, tree: Params) -> TrainState:
    """Return a training state of the structure of another one, with the arrays of nested dicts."""
    found: list[Array] = []
    for names, leaf in _leaves(train_state):
        node: PyTree = tree
        for name in names:
            node = node[name]
        if is_key(leaf):
            node = jax.random.wrap_key_data(node, impl=leaf.dtype._impl)  # type: ignore[attr-defined]
        found.append(node)
    arrays = iter(found)
    fill = lambda leaf: next(arrays) if jnp.size(leaf) else leaf
    filled: TrainState = jax.tree.map(fill, train_state)
    return filled


def pack(value: Any, arrays: list[np.ndarray], owner: str) -> Any:
    """Return a value in a form that JSON can hold.

    Args:
        value: numbers, strings, arrays, and lists and dicts of them.
        arrays: the arrays of `value` are appended here; their indices stand in their place.
        owner: whose value it is, for messages.

    Raises:
        ArgumentError: if there is something else in the value.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, jax.Array)) and value.ndim and value.size:
        arrays.append(np.array(value))
        return {_ARRAY: str(len(arrays) - 1)}
    if isinstance(value, (np.generic, np.ndarray, jax.Array)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [pack(each, arrays, owner) for each in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: pack(each, arrays, owner) for key, each in value.items()}
    raise ArgumentError(
        f"{owner} remembers a {type(value).__name__}, which a checkpoint cannot hold; let "
        "`get_state` return numbers, strings, arrays, and lists and dicts (by string) of them."
    )


def unpack(value: Any, arrays: Params) -> Any:
    """Return what `pack` was called with; `arrays` has the arrays by their indices."""
    if isinstance(value, list):
        return [unpack(each, arrays) for each in value]
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {key: unpack(each, arrays) for key, each in value.items()}
    return value
