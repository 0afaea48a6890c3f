"""What stands around the formula of any optimizer: clipping, accumulation, moving averages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import optax

from kerasish.core.paths import Tree

__all__ = ["accumulate", "average", "cast", "clip"]


def clip(grads: Tree, norm: float | None, value: float | None, global_norm: float | None) -> Any:
    """Return gradients of at most that norm each, that absolute value, or that norm together."""
    if norm is not None:
        return jax.tree.map(lambda g: _clip_norm(g, norm), grads)
    if value is not None:
        return jax.tree.map(lambda g: jnp.clip(g, -value, value), grads)
    if global_norm is not None:
        clipped, _ = optax.clip_by_global_norm(global_norm).update(grads, optax.EmptyState())
        return clipped
    return grads


def _clip_norm(g: Any, largest: float) -> Any:
    norm = jnp.sqrt(jnp.sum(jnp.square(g)))
    return jnp.where(norm > largest, g * (largest / jnp.maximum(norm, 1e-38)), g)


def accumulate(step: Any, count: Any, steps: int, grads: Tree, inner: Tree, params: Tree) -> Any:
    """Make a step each time that some gradients were collected, with their mean.

    Args:
        step: `(gradients, inner state) -> (updates, inner state)`.
        count: how many gradients came before.
        steps: how many make a step.
        grads: the gradients now.
        inner: the inner state, with the sums so far under `"gradient_accumulator"`.
        params: the weights.

    Returns:
        What to add to the weights, and the inner state.
    """
    sums = _each(jnp.add, inner["gradient_accumulator"], grads)
    zeros = _each(jnp.zeros_like, params)

    def move() -> Any:
        mean = _each(lambda _, g: g / steps, grads, sums)
        updates, new = step(mean, inner)
        return updates, new | {"gradient_accumulator": _each(jnp.zeros_like, sums)}

    wait = lambda: (zeros, inner | {"gradient_accumulator": sums})
    return jax.lax.cond((count + 1) % steps == 0, move, wait)


def average(
    updates: Tree, params: Tree, averages: Tree, count: Any, momentum: float, every: int | None
) -> tuple[Tree, Tree]:
    """Take the weights into their moving averages, and now and then replace them by these.

    Args:
        updates: what is to be added to the weights.
        params: the weights.
        averages: their averages so far.
        count: how many updates came before; with none the average is the weights themselves.
        momentum: how much of the average stays.
        every: after how many updates to replace the weights, if ever.

    Returns:
        What to add to the weights, and the new averages.
    """
    stays = jnp.where(count > 0, momentum, 0.0)
    mix = lambda a, w, u: (stays * a + (1 - stays) * (w + u)).astype(a.dtype)
    averages = _each(mix, averages, params, updates)
    if every:
        due = (count + 1) % every == 0
        updates = _each(lambda u, a, w: jnp.where(due, a - w, u), updates, averages, params)
    return updates, averages


def cast(n: Any, dtype: Any) -> Any:
    """Return numbers, which are in float32, in the dtype of a weight, which keeps it so."""
    return SimpleNamespace(**{name: jnp.asarray(v).astype(dtype) for name, v in vars(n).items()})


def _each(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Any:
    """Apply a function leaf by leaf; the others may lack branches where the first has None."""
    leaves = zip(*(jax.tree.leaves(each) for each in (tree, *rest)), strict=True)
    return jax.tree.unflatten(jax.tree.structure(tree), [function(*each) for each in leaves])
