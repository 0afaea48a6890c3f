"""The pure heart of training: what is done with one batch, unless a model has its own steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Tree, map_tree
from kerasish.core.scope import Scope
from kerasish.core.tree import variable_tree
from kerasish.core.types import Array
from kerasish.optimizers import Optimizer
from kerasish.training.data.batch import Batch
from kerasish.training.execution.state import TrainState
from kerasish.training.objective.objective import Metrics, Objective

__all__ = ["Batch", "Trainable", "compute_loss", "test_step", "train_step"]

Logs = dict[str, Any]


class Trainable(Protocol):
    """What the engine needs to know of a model, which is a `Layer`; see `models/steps.py`."""

    _kerasish_objective: Objective
    _kerasish_metrics: Metrics
    optimizer: Optimizer

    def _kerasish_output_names(self) -> list[str]:
        """The names of the outputs."""
        ...

    @property
    def _kerasish_has_own_steps(self) -> bool:
        """Whether steps are made by its own methods, in Keras's form."""
        ...


def compute_loss(
    model: Any,
    params: Tree,
    state: Tree,
    batch: Batch,
    rng: jax.Array,
    position: Array,
    training: bool,
) -> tuple[jax.Array, tuple[Tree, dict[str, Any]]]:
    """Apply a model to a batch and return the loss with all penalties.

    Args:
        model: the model.
        params: its trainable weights.
        state: its other weights.
        batch: inputs, targets and sample weights.
        rng: the key of this step.
        position: its number.
        training: whether it is a step of training.

    Returns:
        The loss, and a pair of the new state and a dict: the outputs
        (`"y_pred"`), what travels beside them (`"notes"`), and the loss of
        each output if there are several.
    """
    x, y, weight = batch
    with model._kerasish_bound(
        params, state, training=training, rng=rng, position=position
    ) as scope:
        y_pred = model(x)
        terms = model._kerasish_objective.terms(y, y_pred, weight, model._kerasish_output_names())
        penalties = model.losses
        if training and not terms and not penalties:
            raise ArgumentError(
                "There is nothing to minimize: give `compile` a `loss`, or let a layer `add_loss`."
            )
        counted = [term * factor for term, factor in terms.values()]
        total = sum([*counted, *penalties], start=jnp.zeros((), "float32"))
        aux = {
            "y_pred": y_pred,
            "notes": [scope.all_metadata(leaf) for leaf in jax.tree.leaves(y_pred)],
        }
        if len(terms) > 1:
            aux |= {f"{name}_loss": term for name, (term, _) in terms.items()}
        return total, (model._kerasish_new_state(scope), aux)


def train_step(model: Trainable, train_state: TrainState, batch: Batch) -> tuple[TrainState, Logs]:
    """Make one step of gradient descent.

    Returns:
        The new state, and the loss and other scalars of this batch.
    """
    ts = train_state
    rng = jax.random.fold_in(ts.rng, ts.step)

    def scaled_loss(params: Tree) -> Any:
        loss, (state, aux) = compute_loss(model, params, ts.state, batch, rng, ts.step, True)
        return model.optimizer.scale_loss(loss, ts.opt_state), (loss, state, aux)

    grads, (loss, state, aux) = jax.grad(scaled_loss, has_aux=True)(ts.params)
    updates, opt_state = model.optimizer._kerasish_update(grads, ts.opt_state, ts.params)
    params = constrain(model, optax.apply_updates(ts.params, updates))
    metrics = _update_metrics(model, ts.metrics, batch, aux)
    new = TrainState(ts.step + 1, params, state, opt_state, metrics, ts.rng)
    return new, {"loss": loss} | _scalars(aux)


def test_step(model: Trainable, train_state: TrainState, batch: Batch) -> tuple[TrainState, Logs]:
    """Evaluate one batch.

    Returns:
        The state with its metrics updated and what `call` has assigned, and the loss and other
        scalars of this batch. The step counts the batches that were not trained on.
    """
    ts = train_state
    rng = jax.random.fold_in(ts.rng, ts.step)
    loss, (state, aux) = compute_loss(model, ts.params, ts.state, batch, rng, ts.step, False)
    metrics = _update_metrics(model, ts.metrics, batch, aux)
    ts = replace(ts, step=ts.step + 1, state=state, metrics=metrics)
    return ts, {"loss": loss} | _scalars(aux)


def constrain(model: Any, params: Tree) -> Tree:
    """Apply the constraints of the weights that have one."""

    def project(variable: Any, value: object) -> Any:
        return value if variable.constraint is None else variable.constraint(value)

    return map_tree(project, variable_tree(model, trainable=True), params)


def _scalars(aux: dict[str, Any]) -> Logs:
    return {key: value for key, value in aux.items() if key not in ("y_pred", "notes")}


def _update_metrics(
    model: Trainable, states: dict[str, Any], batch: Batch, aux: dict[str, Any]
) -> dict[str, Any]:
    """Return the states of the compiled metrics after a batch."""
    _, y, weight = batch
    # The outputs left the differentiated function; their notes have to be put beside them again.
    with Scope() as scope:
        leaves = jax.tree.leaves(aux["y_pred"])
        for leaf, notes in zip(leaves, aux["notes"], strict=True):
            scope.set_metadata(leaf, **notes)
        return model._kerasish_metrics.update(states, y, aux["y_pred"], weight)
