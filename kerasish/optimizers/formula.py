"""Formula: how an optimizer changes one weight, and how that is applied to all of them."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, Protocol, TypeAlias, cast

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.paths import Tree, keys_to_name
from kerasish.core.types import Array, DTypeLike

__all__ = [
    "Formula",
    "Hyperparams",
    "Slots",
    "cast_hyperparams",
    "decay_step",
    "formula_of",
    "init_slots_of_all",
    "keras_form_classes",
    "slot_names",
    "update_all",
]

Slots: TypeAlias = dict[str, Any]
"""The arrays that are kept for one weight, by name; None for a slot that the weight lacks."""

Hyperparams: TypeAlias = SimpleNamespace
"""The hyperparameters of a step as attributes, and `t`, the number of the step from 1."""


class Formula(Protocol):
    """What an optimizer computes for one weight. `Optimizer` documents each method."""

    slot_groups: tuple[tuple[str, ...], ...]
    shared_slots: tuple[str, ...]
    signed_hyperparams: tuple[str, ...]
    optional_hyperparams: tuple[str, ...]
    slot_switches: tuple[str, ...]

    def init_slots(self, path: str, w: Array) -> Slots:
        """Return the slots of a weight before the first update."""
        ...

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        """Return what to add to a weight, and its new slots."""
        ...

    def prepare_step(self, hp: Hyperparams, shared: Slots) -> tuple[Hyperparams, Slots]:
        """Return the hyperparameters and the shared slots of an update."""
        ...

    def weight_decay_for(self, path: str, w: Array, hp: Hyperparams) -> float | Array | None:
        """Return the weight decay of a weight."""
        ...


def keras_form_classes(cls: type, root: type) -> list[type]:
    """Return the classes of an optimizer that have their own `build` or `update_step`.

    Args:
        cls: the class of the optimizer.
        root: `Optimizer`, which has both.
    """
    above = cls.__mro__[: cls.__mro__.index(root)]
    return [each for each in above if {"build", "update_step"} & vars(each).keys()]


def formula_of(optimizer: object, root: type) -> Formula:
    """Return the formula of an optimizer: its own methods, or those of a class that it extends.

    A class in Keras's form, with its own `build` or `update_step`, does not give a formula unless
    it has `update_one`. It may use the names of a formula's methods for attributes of its own, so
    these are looked up in the classes after it.

    Args:
        optimizer: the optimizer.
        root: `Optimizer`.
    """
    ours = keras_form_classes(type(optimizer), root)
    ours = [each for each in ours if not callable(vars(each).get("update_one"))]
    return cast(Formula, super(ours[-1], optimizer) if ours else optimizer)


def slot_names(formula: Formula) -> list[str]:
    """Return the names of the slots, in the order of Keras's files."""
    return [name for group in formula.slot_groups for name in group]


def init_slots_of_all(formula: Formula, params: Tree) -> Tree:
    """Return the slots of all weights: for each name a tree like `params`; and the shared ones."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(params)
    slots = [formula.init_slots(keys_to_name(keys), w) for keys, w in leaves]
    inner = {
        name: jax.tree.unflatten(structure, [own.get(name) for own in slots])
        for name in slot_names(formula)
    }
    return inner | {name: np.ones((), "float32") for name in formula.shared_slots}


def update_all(
    formula: Formula,
    grads: Tree,
    inner: Tree,
    params: Tree,
    hp: Hyperparams,
    undecayed: tuple[str, ...],
) -> tuple[Tree, Tree]:
    """Apply a formula to all weights.

    Args:
        formula: the formula.
        grads: the gradients, clipped.
        inner: the slots by name, as `init_slots_of_all` made them; others are left alone.
        params: the weights.
        hp: the hyperparameters in float32.
        undecayed: patterns of the paths of weights without weight decay.

    Returns:
        The updates to add to the weights, and the new slots.
    """
    shared = {name: inner[name] for name in formula.shared_slots}
    hp, shared = formula.prepare_step(hp, shared)
    flat = jax.tree_util.tree_flatten_with_path
    leaves, structure = flat(grads)
    columns = {name: dict(flat(inner[name])[0]) for name in slot_names(formula) if name in inner}
    updates, casts = [], {g.dtype: cast_hyperparams(hp, g.dtype) for _, g in leaves}
    for (keys, g), w in zip(leaves, jax.tree.leaves(params), strict=True):
        slots = {name: column[keys] for name, column in columns.items() if keys in column}
        decay = decay_step(formula, keys_to_name(keys), w, casts[g.dtype], undecayed)
        if decay is None:
            update, slots = formula.update_one(g, w, slots, casts[g.dtype])
        else:
            update, slots = formula.update_one(g, w + decay, slots, casts[g.dtype])
            update = update + decay
        updates.append(update)
        for name, value in slots.items():
            columns[name][keys] = value
    new = {
        name: jax.tree.unflatten(jax.tree.structure(inner[name]), column.values())
        for name, column in columns.items()
    }
    return jax.tree.unflatten(structure, updates), inner | new | shared


def decay_step(
    formula: Formula, path: str, w: Array, hp: Hyperparams, undecayed: tuple[str, ...]
) -> Array | None:
    """Return what weight decay adds to a weight; None without weight decay."""
    decay = formula.weight_decay_for(path, w, hp)
    if decay is None or any(re.search(pattern, path) for pattern in undecayed):
        return None
    return cast(Array, -hp.learning_rate * decay * w)


def cast_hyperparams(hp: Hyperparams, dtype: DTypeLike) -> Hyperparams:
    """Return hyperparameters, which are float32, in the dtype of a weight, which keeps it."""
    return SimpleNamespace(**{name: jnp.asarray(v).astype(dtype) for name, v in vars(hp).items()})
