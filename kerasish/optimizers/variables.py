"""The variables of an optimizer, each an array at some path of its state.

Outside of `fit` they hold their values themselves; within, the model's `TrainState` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from kerasish.core.names import unique_name
from kerasish.core.paths import Path, Tree, get_in, move_path, nest, paths_by_id
from kerasish.core.variable import Fixed, Variable
from kerasish.optimizers.protocol import OptimizerLike
from kerasish.optimizers.state import OptimizerState

__all__ = [
    "averages_of",
    "build_state",
    "create_slots",
    "current_state",
    "move_weights",
    "paths_of",
    "variables_by_path",
    "weights_by_path",
]


def weights_by_path(variables: Iterable[Variable]) -> dict[Path, Variable]:
    """Return weights by their own paths; equal ones are numbered."""
    weights: dict[Path, Variable] = {}
    for variable in variables:
        *above, last = variable.path
        taken = {path[-1] for path in weights if path[:-1] == tuple(above)}
        weights[(*above, unique_name(last, taken))] = variable
    return weights


def variables_by_path(
    optimizer: OptimizerLike, weights: Iterable[Path] | None = None
) -> dict[Path, Variable]:
    """Return the variables by their paths in the state, those of inner optimizers too.

    Args:
        optimizer: the optimizer.
        weights: paths of weights; slots of others are left out. None for all weights.
    """
    known = None if weights is None else set(weights)
    found: dict[Path, Variable] = {("step",): optimizer._kerasish_iteration}
    found |= {("hyperparams", name): v for name, v in optimizer._kerasish_hyperparams.items()}
    for path, slot in optimizer._kerasish_slots.items():
        if known is None or path[2:] in known or not path[2:]:
            found[path] = slot
    for key, inner in optimizer._kerasish_inner_optimizers.items():
        for path, variable in variables_by_path(inner, known).items():
            found[("inner", key, *path)] = variable
    return found


def current_state(optimizer: OptimizerLike) -> OptimizerState | None:
    """Return the state that the variables hold; None before there are slots."""
    if not optimizer.built:
        return None
    variables = variables_by_path(optimizer)
    return build_state(optimizer, nest({path: v.value for path, v in variables.items()}))


def build_state(optimizer: OptimizerLike, tree: Tree) -> OptimizerState:
    """Return the state of an optimizer from nested dicts of all its arrays."""
    inner = dict(tree.get("inner", {}))
    inner |= {
        key: build_state(each, inner[key])
        for key, each in optimizer._kerasish_inner_optimizers.items()
    }
    return OptimizerState(tree["step"], tree.get("hyperparams", {}), inner)


def create_slots(
    optimizer: OptimizerLike,
    weights: dict[Path, Variable],
    state: OptimizerState,
    paths: Iterable[Path],
    *,
    fill: bool,
) -> None:
    """Create variables for the slots of some weights; those that fit are kept.

    Args:
        optimizer: the optimizer.
        weights: the weights by their paths, in Keras's order.
        state: a state for them.
        paths: the paths of the slots in the state, in Keras's order.
        fill: whether the variables begin with the values in `state`.
    """
    before = optimizer._kerasish_slots
    optimizer._kerasish_weights = dict(weights)
    optimizer._kerasish_slots = dict(optimizer._kerasish_declared)
    for path in paths:
        leaf, slot = get_in(state, path), before.get(path)
        if slot is None or (slot.shape, slot.dtype) != (leaf.shape, leaf.dtype):
            first = Fixed(np.asarray(leaf)) if fill else np.zeros
            name = _name_of_slot(path)
            slot = Variable(first, leaf.shape, leaf.dtype, trainable=False, name=name)
            slot.path = (optimizer.name, name)
        optimizer._kerasish_slots[path] = slot
    for key, inner in optimizer._kerasish_inner_optimizers.items():
        inner._kerasish_create_slots(weights, state.inner[key], fill=fill)
    optimizer.built = True


def _name_of_slot(path: Path) -> str:
    """Return the name of a slot in files: of its weight, then its own."""
    return "_".join((*path[2:], path[1])).replace("/", "_")


def move_weights(optimizer: OptimizerLike, weights: dict[Path, Variable]) -> dict[Path, Path]:
    """Change the paths of the weights that an optimizer was built for.

    `build` takes the paths of the variables themselves, which may be those in another model.

    Args:
        optimizer: the optimizer.
        weights: the weights by their new paths.

    Returns:
        The new path of each weight that has another, by its old one.
    """
    new, old = paths_by_id(weights), optimizer._kerasish_weights
    moves = {path: new[id(v)] for path, v in old.items() if id(v) in new and new[id(v)] != path}
    if moves:
        optimizer._kerasish_weights = {moves.get(path, path): v for path, v in old.items()}
        slots = optimizer._kerasish_slots
        optimizer._kerasish_slots = {move_path(path, moves): v for path, v in slots.items()}
        for path, slot in optimizer._kerasish_slots.items():
            slot.name = _name_of_slot(path)
            slot.path = (optimizer.name, slot.name)
    for inner in optimizer._kerasish_inner_optimizers.values():
        moves |= move_weights(inner, weights)
    return moves


def averages_of(
    optimizer: OptimizerLike, weights: Sequence[Variable]
) -> list[tuple[Variable, Variable]]:
    """Return pairs of a weight and its moving average, for the weights that have one."""
    wanted = {id(weight) for weight in weights}
    found: list[tuple[Variable, Variable]] = []
    for path, weight in optimizer._kerasish_weights.items():
        mean = optimizer._kerasish_slots.get(("inner", "average", *path))
        if mean is not None and id(weight) in wanted:
            found.append((weight, mean))
    for inner in optimizer._kerasish_inner_optimizers.values():
        found += averages_of(inner, weights)
    return found


def paths_of(optimizer: OptimizerLike) -> list[Path]:
    """Return the paths in the state of `optimizer.variables`, in that order."""
    paths = paths_by_id(variables_by_path(optimizer))
    return [paths[id(variable)] for variable in optimizer.variables]
