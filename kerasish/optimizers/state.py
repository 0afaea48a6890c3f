"""The state of an optimizer: a pytree that paths lead through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from kerasish.core.paths import Path, Tree, flatten, move_path, nest
from kerasish.core.types import Array, PyTree

__all__ = ["OptimizerState", "merge_state", "rename_weights"]


@jax.tree_util.register_dataclass
@dataclass
class OptimizerState:
    """What an optimizer carries from step to step.

    Attributes:
        step: how many times gradients were given, an int32 scalar.
        hyperparams: the numbers that may be changed between steps, float32 scalars.
        inner: arrays for each weight, by the name of the slot (`momentum`, ...), in the structure
            of the weights; the states of inner optimizers; or the arrays of an optax
            transformation's state, by their paths in it. The path of a slot in a state is
            `("inner", "momentum", "dense", "kernel")`.
    """

    step: Array | np.ndarray
    hyperparams: dict[str, Any]
    inner: Tree

    def _replace(self, **changes: PyTree) -> OptimizerState:
        """Return a state that differs in some attributes, as states of optax do."""
        return replace(self, **changes)


def merge_state(new: PyTree, old: PyTree) -> PyTree:
    """Return a new state with each leaf that an old one has at the same path, in the same shape."""
    if isinstance(new, OptimizerState) and isinstance(old, OptimizerState):
        return OptimizerState(**merge_state(vars(new), vars(old)))
    if isinstance(new, dict) and isinstance(old, dict):
        return {k: merge_state(part, old[k]) if k in old else part for k, part in new.items()}
    return old if _form(new) == _form(old) is not None else new


def _form(leaf: PyTree) -> tuple[Any, Any] | None:
    return (leaf.shape, leaf.dtype) if hasattr(leaf, "shape") else None


def rename_weights(state: PyTree, moves: Mapping[Path, Path]) -> PyTree:
    """Return a state in which the leaves of some weights are at new paths.

    Args:
        state: the state of an optimizer, or nested dicts of arrays within one.
        moves: the new path of each weight that has another, by its old one.
    """
    if not moves or not isinstance(state, (dict, OptimizerState)):
        return state
    if isinstance(state, dict):
        leaves = flatten(state)  # the state of an inner optimizer is one leaf
        return nest((move_path(path, moves), rename_weights(leaf, moves)) for path, leaf in leaves)
    return OptimizerState(**{k: rename_weights(part, moves) for k, part in vars(state).items()})
