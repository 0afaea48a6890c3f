"""An optimizer as a pure optax transformation: its formula, and the wrappers around it."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.paths import Tree
from kerasish.core.types import Array
from kerasish.optimizers.formula import init_slots_of_all, update_all
from kerasish.optimizers.keras_subclassing import init_from_build, step_by_update_step
from kerasish.optimizers.protocol import OptimizerLike
from kerasish.optimizers.state import OptimizerState
from kerasish.optimizers.wrappers import accumulate, average, clip

__all__ = ["init", "init_without_build", "update"]


def init(optimizer: OptimizerLike, params: Tree) -> OptimizerState:
    """Return the state before the first step."""
    state = init_without_build(optimizer, params)
    return init_from_build(optimizer, params, state) if optimizer._kerasish_has_own_step else state


def init_without_build(optimizer: OptimizerLike, params: Tree) -> OptimizerState:
    """Return the state before the first step, without what a `build` in Keras's form declares."""
    around = ["average"] if optimizer.use_ema else []
    around += ["gradient_accumulator"] if optimizer.gradient_accumulation_steps else []
    zeros = lambda w: np.zeros(w.shape, w.dtype)
    inner = {name: jax.tree.map(zeros, params) for name in around}
    inner |= init_slots_of_all(optimizer._kerasish_formula, params)
    hyperparams = {name: v.value for name, v in optimizer._kerasish_hyperparams.items()}
    return OptimizerState(np.zeros((), "int32"), hyperparams, inner)


def update(
    optimizer: OptimizerLike, grads: Tree, state: OptimizerState, params: Tree
) -> tuple[Tree, OptimizerState]:
    """Return the updates to add to the weights, and the new state."""
    hyperparams, inner = dict(state.hyperparams), state.inner
    if optimizer._kerasish_schedule is not None:
        rate = optimizer._kerasish_schedule(state.step)
        hyperparams["learning_rate"] = jnp.asarray(rate, "float32")
    if optimizer.loss_scale_factor:
        grads = jax.tree.map(lambda g: g / optimizer.loss_scale_factor, grads)
    steps = optimizer.gradient_accumulation_steps
    count = state.step // steps if steps else state.step
    step = partial(_step, optimizer, params=params, hyperparams=hyperparams, count=count)
    if steps:
        updates, inner = accumulate(step, state.step, steps, grads, inner, params)
    else:
        updates, inner = step(grads, inner)
    if optimizer.use_ema:
        momentum, every = optimizer.ema_momentum, optimizer.ema_overwrite_frequency
        averages = inner["average"]
        updates, averages = average(updates, params, averages, count, momentum, every)
        inner = inner | {"average": averages}
    return updates, OptimizerState(state.step + 1, hyperparams, inner)


def _step(
    optimizer: OptimizerLike,
    grads: Tree,
    inner: Tree,
    params: Tree,
    hyperparams: dict[str, Array],
    count: Array | np.ndarray,
) -> tuple[Tree, Tree]:
    """Return the updates of one step, and the inner state after it."""
    limits = optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm
    grads = clip(grads, *limits)
    if optimizer._kerasish_has_own_step:
        return step_by_update_step(optimizer, grads, inner, params, hyperparams, count)
    hp = SimpleNamespace(**hyperparams, t=(count + 1).astype("float32"))
    formula, undecayed = optimizer._kerasish_formula, optimizer._kerasish_undecayed
    return update_all(formula, grads, inner, params, hp, undecayed)
