"""Rules: optax transformations made of a step for one weight.

Each maps gradients to what is added to the weights. Where optax's own form of
a rule differs from Keras's (where epsilon stands, whether the momentum holds the
learning rate), Keras's is kept, so that a run gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from kerasish.core.tree import Tree

__all__ = ["Slots", "rule"]


class Slots(NamedTuple):
    """The state of a rule.

    Attributes:
        count: how many updates were made.
        slots: for each name (`momentum`, ...) an array like each weight, in
            the order in which Keras keeps them.
    """

    count: jax.Array
    slots: dict[str, Tree]


def rule(names: tuple[str, ...], step: Callable[..., Any]) -> optax.GradientTransformation:
    """Make a transformation of a step for one weight.

    Args:
        names: the slots, all starting at zero.
        step: `(t, gradient, *slots) -> (update, *slots)`, t counted from 1.
    """

    def init(params: Tree) -> Slots:
        return Slots(
            jnp.zeros((), "int32"), {name: jax.tree.map(jnp.zeros_like, params) for name in names}
        )

    def update(grads: Tree, state: Slots, params: Any = None) -> tuple[Tree, Slots]:
        t = (state.count + 1).astype("float32")
        leaves, structure = jax.tree.flatten(grads)
        slots = [jax.tree.leaves(state.slots[name]) for name in names]
        results = [step(t, *each) for each in zip(leaves, *slots, strict=True)]
        updates, *new = [structure.unflatten(column) for column in zip(*results, strict=True)] or [
            grads,
            *state.slots.values(),
        ]
        return updates, Slots(state.count + 1, dict(zip(names, new, strict=True)))

    return optax.GradientTransformation(init, update)  # type: ignore[arg-type]
