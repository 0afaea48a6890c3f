"""Wrappers around any formula: clipping, gradient accumulation, moving averages of weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import optax

from kerasish.core.paths import Tree
from kerasish.core.types import Array

__all__ = ["accumulate", "average", "clip"]

StepFn: TypeAlias = Callable[[Tree, Tree], tuple[Tree, Tree]]
"""`(gradients, inner state) -> (updates, inner state)`."""


def clip(grads: Tree, norm: float | None, value: float | None, global_norm: float | None) -> Tree:
    """Return gradients clipped to a norm each, to an absolute value, or to a norm of them all."""
    if norm is not None:
        return _each(lambda g: _clip_norm(g, norm), grads)
    if value is not None:
        return _each(lambda g: jnp.clip(g, -value, value), grads)
    if global_norm is not None:
        clip_all = optax.clip_by_global_norm(global_norm)
        clipped: Tree = clip_all.update(grads, optax.EmptyState())[0]
        return clipped
    return grads


def _clip_norm(g: Array, largest: float) -> Array:
    norm = jnp.sqrt(jnp.sum(jnp.square(g)))
    return jnp.where(norm > largest, g * (largest / jnp.maximum(norm, 1e-38)), g)


def accumulate(
    step: StepFn, count: Array | np.ndarray, steps: int, grads: Tree, inner: Tree, params: Tree
) -> tuple[Tree, Tree]:
    """Make a step with the mean of every `steps` gradients.

    Args:
        step: the step to make.
        count: how many gradients came before.
        steps: how many gradients make a step.
        grads: the gradients now.
        inner: the inner state, with the sums so far under `"gradient_accumulator"`.
        params: the weights.

    Returns:
        The updates to add to the weights, zeros between steps, and the inner state.
    """
    sums = _each(jnp.add, inner["gradient_accumulator"], grads)
    zeros = _each(jnp.zeros_like, params)

    def make_step() -> tuple[Tree, Tree]:
        mean = _each(lambda _, g: g / steps, grads, sums)
        updates, new = step(mean, inner)
        return updates, new | {"gradient_accumulator": _each(jnp.zeros_like, sums)}

    wait = lambda: (zeros, inner | {"gradient_accumulator": sums})
    is_due = (count + 1) % steps == 0
    result: tuple[Tree, Tree] = jax.lax.cond(is_due, make_step, wait)
    return result


def average(
    updates: Tree,
    params: Tree,
    averages: Tree,
    count: Array | np.ndarray,
    momentum: float,
    every: int | None,
) -> tuple[Tree, Tree]:
    """Update the moving averages of the weights, and every so often overwrite the weights.

    Args:
        updates: the updates to add to the weights.
        params: the weights.
        averages: their averages so far.
        count: how many updates came before; at the first the averages become the weights.
        momentum: the share of an average that stays.
        every: after how many updates to overwrite the weights by their averages; None for never.

    Returns:
        The updates to add to the weights, and the new averages.
    """
    stays = jnp.where(count > 0, momentum, 0.0)
    mix = lambda a, w, u: (stays * a + (1 - stays) * (w + u)).astype(a.dtype)
    averages = _each(mix, averages, params, updates)
    if every:
        is_due = (count + 1) % every == 0
        updates = _each(lambda u, a, w: jnp.where(is_due, a - w, u), updates, averages, params)
    return updates, averages


def _each(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Tree:
    """Apply a function leaf by leaf; the others may lack branches where the first has None."""
    leaves = zip(*(jax.tree.leaves(each) for each in (tree, *rest)), strict=True)
    result: Tree = jax.tree.unflatten(
        jax.tree.structure(tree), [function(*each) for each in leaves]
    )
    return result
