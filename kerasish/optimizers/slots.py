"""Rules: optax transformations made of a step for one weight.

Each maps gradients to what is added to the weights. Where optax's own form of
a rule differs from Keras's (where epsilon stands, whether the momentum holds the
learning rate), Keras's is kept, so that a run gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
import optax

from kerasish.core.tree import Tree

__all__ = ["Slots", "find_slots", "rule"]


class Slots(NamedTuple):
    """The state of a rule.

    Attributes:
        step: how many updates were made, an int32 scalar.
        slots: for each name (`momentum`, ...) an array like each weight.
    """

    step: Any
    slots: dict[str, Tree]


def rule(names: tuple[str, ...], step: Callable[..., Any]) -> optax.GradientTransformation:
    """Make a transformation of a step for one weight.

    Args:
        names: the slots, all starting at zero.
        step: `(t, gradient, *slots) -> (update, *slots)`, t counted from 1.
    """

    def init(params: Tree) -> Slots:
        # On the host: JAX would compile a program for each shape.
        zeros = lambda p: np.zeros(p.shape, p.dtype)
        return Slots(np.zeros((), "int32"), {name: jax.tree.map(zeros, params) for name in names})

    def update(grads: Tree, state: Slots, params: Any = None) -> tuple[Tree, Slots]:
        t = (state.step + 1).astype("float32")
        leaves, structure = jax.tree.flatten(grads)
        columns = [jax.tree.leaves(state.slots[name]) for name in names]
        results = [step(t, *weight) for weight in zip(leaves, *columns, strict=True)]
        updates, *new = (
            jax.tree.unflatten(structure, [result[i] for result in results])
            for i in range(1 + len(names))
        )
        return updates, Slots(state.step + 1, dict(zip(names, new, strict=True)))

    return optax.GradientTransformation(init, update)


def find_slots(state: Any) -> Slots | None:
    """Return the slots somewhere in the state of a chain of transformations, if there are any."""
    if isinstance(state, Slots):
        return state
    if not isinstance(state, tuple):
        return None
    return next((found for part in state if (found := find_slots(part)) is not None), None)
