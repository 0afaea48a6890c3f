"""Optimizers in Keras's form: `build` declares variables, and `update_step` assigns to them.

Such methods are made pure as the `call` of a layer is: in a scope, the variables are bound to
arrays, and afterwards the assigned values are collected. This happens while a step is traced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import initializers
from kerasish.core.errors import ArgumentError, PurityError
from kerasish.core.names import unique_name
from kerasish.core.paths import Path, Tree, flatten, from_keys, get_in, set_in, to_name
from kerasish.core.scope import Scope
from kerasish.core.types import Array, DTypeLike, InitializerLike
from kerasish.core.variable import Variable
from kerasish.optimizers.formula import Hyperparams, Slots, cast_hyperparams, decay_step, slot_names
from kerasish.optimizers.protocol import OptimizerLike
from kerasish.optimizers.state import OptimizerState

__all__ = [
    "apply_formula",
    "bind_build",
    "containers",
    "declare",
    "init_from_build",
    "path_of_weight",
    "step_by_update_step",
]


# Called by such an optimizer.


def declare(
    optimizer: OptimizerLike,
    weight: Path,
    key: str,
    shape: Sequence[int],
    dtype: DTypeLike | None,
    initializer: InitializerLike,
) -> Variable:
    """Declare a variable, kept for a weight or, with an empty path, for all of them."""
    # A key holds either one array, or one for each of some weights.
    slots = optimizer._kerasish_slots
    key = unique_name(key, {p[1] for p in slots if p[2:] == weight or not p[2:] or not weight})
    name = "_".join((*weight, key))
    first = initializers.get(initializer)
    variable = Variable(first, tuple(shape), dtype, trainable=False, name=name)
    variable.path = (optimizer.name, name)
    path = ("inner", key, *weight)
    optimizer._kerasish_declared[path] = slots[path] = variable
    return variable


def path_of_weight(optimizer: OptimizerLike, variable: Variable) -> Path:
    """Return the path of a weight.

    Raises:
        ArgumentError: if the optimizer was not built for it.
    """
    path = next((p for p, w in optimizer._kerasish_weights.items() if w is variable), None)
    if path is None:
        raise ArgumentError(f"Optimizer {optimizer.name!r} was not built for {variable!r}.")
    return path


def apply_formula(
    optimizer: OptimizerLike, gradient: Array, variable: Variable, learning_rate: Array
) -> None:
    """Assign to one weight and its slots what the formula returns; see `Optimizer.update_step`."""
    weight = path_of_weight(optimizer, variable)
    formula, slots = optimizer._kerasish_formula, optimizer._kerasish_slots
    paths = {name: ("inner", name, *weight) for name in slot_names(formula)}
    own = {name: slots[path] for name, path in paths.items() if path in slots}
    hp, _ = _prepare(optimizer, learning_rate)
    kept = {name: slot.value for name, slot in own.items()}
    hp = cast_hyperparams(hp, variable.dtype)
    update, new = formula.update_one(gradient, variable.value, kept, hp)
    variable.assign_add(update)
    for name, slot in own.items():
        slot.assign(new[name])


def _prepare(optimizer: OptimizerLike, learning_rate: Array) -> tuple[Hyperparams, Slots]:
    """Return the hyperparameters and the shared slots of this update."""
    hyperparams = {name: v.value for name, v in optimizer._kerasish_hyperparams.items()}
    t = (jnp.asarray(optimizer.iterations) + 1).astype("float32")
    hp = SimpleNamespace(**hyperparams | {"learning_rate": learning_rate, "t": t})
    formula, slots = optimizer._kerasish_formula, optimizer._kerasish_slots
    return formula.prepare_step(hp, {k: slots[("inner", k)].value for k in formula.shared_slots})


# The pure view of such an optimizer.


def init_from_build(
    optimizer: OptimizerLike, params: Tree, state: OptimizerState
) -> OptimizerState:
    """Return the state before the first step, with the variables that `build` declares."""
    with _built_copy(optimizer, params) as (twin, _):
        for path, slot in twin._kerasish_slots.items():
            if get_in(state, path) is None:
                set_in(state.inner, path[1:], slot.value)
    return state


def step_by_update_step(
    optimizer: OptimizerLike,
    grads: Tree,
    inner: Tree,
    params: Tree,
    hyperparams: dict[str, Array],
    count: Array | np.ndarray,
) -> tuple[Tree, Tree]:
    """Return what `update_step` adds to the weights, and the inner state after it."""
    inner = jax.tree.map(lambda x: x, inner)
    with _built_copy(optimizer, params) as (twin, scope):
        slots = {p: v for p, v in twin._kerasish_slots.items() if get_in(inner, p[1:]) is not None}
        weights = twin._kerasish_weights
        for path, slot in slots.items():
            scope.bind(slot, get_in(inner, path[1:]))
        for name, variable in twin._kerasish_hyperparams.items():
            scope.bind(variable, hyperparams[name])
        steps = optimizer.gradient_accumulation_steps or 1
        scope.bind(twin._kerasish_iteration, count * steps)
        hp, shared = _prepare(twin, hyperparams["learning_rate"])
        for path, weight in weights.items():
            _decay(twin, path, weight, hp)
            twin.update_step(get_in(grads, path), weight, hp.learning_rate)
        _check_assigned(twin, scope, [*slots.values(), *weights.values()])
        for path, slot in slots.items():
            set_in(inner, path[1:], scope.read(slot))
        new = {path: scope.read(weight) for path, weight in weights.items()}
    updates: Tree = jax.tree_util.tree_map_with_path(
        lambda keys, w: new[from_keys(keys)] - w, params
    )
    return updates, inner | shared


def _decay(optimizer: OptimizerLike, path: Path, weight: Variable, hp: Hyperparams) -> None:
    hp = cast_hyperparams(hp, weight.dtype)
    formula, undecayed = optimizer._kerasish_formula, optimizer._kerasish_undecayed
    decay = decay_step(formula, to_name(path), weight.value, hp, undecayed)
    if decay is not None:
        weight.assign_add(decay)


def _check_assigned(optimizer: OptimizerLike, scope: Scope, known: list[Variable]) -> None:
    kept = {id(variable) for variable in known}
    for variable, _ in scope.updates:
        if id(variable) not in kept:
            raise PurityError(
                f"`update_step` of optimizer {optimizer.name!r} assigned to {variable.name!r}, "
                "which is neither its weight nor declared by `add_variable` or such in `build`; "
                "the value would be lost. Declare it there."
            )


@contextmanager
def _built_copy(optimizer: OptimizerLike, params: Tree) -> Iterator[tuple[OptimizerLike, Scope]]:
    """Open a scope with a copy of the optimizer that is built for weights of the given values."""
    twin, own = copy(optimizer), optimizer._kerasish_weights
    _reset(twin)
    order = {path: i for i, path in enumerate(own)}
    leaves = [(path, w) for path, w in flatten(params) if w is not None]
    weights = {}
    with Scope() as scope:
        # In the order of `build`, and new weights in that of the dicts.
        for path, w in sorted(leaves, key=lambda each: order.get(each[0], -1)):
            weight = own.get(path)
            if weight is None or (weight.shape, weight.dtype) != (w.shape, w.dtype):
                weight = Variable(np.zeros, w.shape, w.dtype, name=path[-1])
                weight.path = path
            scope.bind(weight, w)
            weights[path] = weight
        _build_for(twin, weights)
        yield twin, scope


def bind_build(
    optimizer: OptimizerLike, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
) -> None:
    """Build an optimizer for some weights, and keep the slots that a state has.

    Args:
        optimizer: the optimizer.
        weights: the weights by their paths, in Keras's order.
        state: a state for them.
        fill: whether to assign the values in `state`.
    """
    if not optimizer.built or list(weights.items()) != list(optimizer._kerasish_weights.items()):
        _reset(optimizer)
        _build_for(optimizer, weights)
    values = {path: get_in(state, path) for path in optimizer._kerasish_slots}
    optimizer._kerasish_slots = {
        path: slot for path, slot in optimizer._kerasish_slots.items() if values[path] is not None
    }
    for path, slot in optimizer._kerasish_slots.items():
        if fill:
            slot.assign(values[path])


def _build_for(optimizer: OptimizerLike, weights: dict[Path, Variable]) -> None:
    """Call `build`, a subclass's own too, for weights by their paths."""
    optimizer._kerasish_requested = weights
    optimizer.build(list(weights.values()))
    optimizer._kerasish_requested = None


def _reset(optimizer: OptimizerLike) -> None:
    """Restore the attributes before `build`, so that `build` can be called again."""
    unbuilt = optimizer._kerasish_unbuilt
    kept = containers(optimizer) if unbuilt is None else unbuilt
    vars(optimizer).update({name: copy(value) for name, value in kept.items()}, built=False)


def containers(optimizer: OptimizerLike) -> dict[str, Any]:
    """Return copies of the lists, dicts and sets in the attributes of an optimizer."""
    skipped = ("_kerasish_requested", "_kerasish_unbuilt")
    return {
        name: copy(value)
        for name, value in vars(optimizer).items()
        if isinstance(value, (dict, list, set)) and name not in skipped
    }
