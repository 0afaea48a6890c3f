"""Steps in Keras's form: a tuple of lists goes in and comes out, instead of a TrainState.

A model whose class has its own `train_step(state, data)`, `compute_loss(x, y, y_pred)` or such
makes all of its steps so; see `models/steps.py`. Here is the way there and back. It is walked
while a program is traced, so the compiled step is none the slower for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, PurityError
from kerasish.core.paths import Tree, get_in, nest, parent_of
from kerasish.core.scope import Scope
from kerasish.core.tree import variables_with_paths
from kerasish.core.types import PyTree
from kerasish.optimizers.protocol import OptimizerLike
from kerasish.optimizers.variables import paths_of, variables_by_path
from kerasish.training.data.batch import Batch
from kerasish.training.execution.state import TrainState
from kerasish.training.execution.step import constrain
from kerasish.training.objective.outputs import flat_logs

__all__ = ["StepLogs", "evaluate", "initial_step_logs", "predict", "train"]


@jax.tree_util.register_dataclass
@dataclass
class StepLogs:
    """What a model with its own steps keeps of an epoch.

    Attributes:
        variables: the values of `model.metrics_variables`.
        logs: what the last step has logged, float32 scalars by name.
    """

    variables: list[Any]
    logs: dict[str, Any]


def train(model: Any, ts: TrainState, batch: Batch) -> TrainState:
    """Make a step by `model.train_step(state, data)`."""
    weights = _weights(model, ts)
    values = _slots(model.optimizer, ts.opt_state)
    with _reading(model, ts) as scope:
        data = _packed(batch)
        logs, state = model.train_step((*weights, values, ts.metrics.variables), data)
        _check(scope)
    logs = _scalars(logs)
    trained, rest, values, metrics = state
    opt_state = _with_slots(model.optimizer, ts.opt_state, values)
    params = constrain(model, _tree(model, True, trained))
    tally = StepLogs(list(metrics), logs)
    return TrainState(ts.step + 1, params, _tree(model, False, rest), opt_state, tally, ts.rng)


def evaluate(model: Any, ts: TrainState, batch: Batch) -> TrainState:
    """Evaluate a batch by `model.test_step(state, data)`."""
    state = (*_weights(model, ts), ts.metrics.variables)
    with _reading(model, ts) as scope:
        logs, (_, rest, metrics) = model.test_step(state, _packed(batch))
        _check(scope)
    tally = StepLogs(list(metrics), _scalars(logs))
    return replace(ts, step=ts.step + 1, state=_tree(model, False, rest), metrics=tally)


def predict(model: Any, ts: TrainState, x: Any) -> tuple[Any, TrainState]:
    """Return the outputs of `model.predict_step(state, data)`, and the state after it."""
    with _reading(model, ts):
        outputs, rest = model.predict_step(_weights(model, ts), _packed((x, None, None)))
    return outputs, replace(ts, step=ts.step + 1, state=_tree(model, False, rest))


def initial_step_logs(model: Any, kind: str, ts: TrainState, batch: Batch) -> StepLogs:
    """Return what is kept before the first step of an epoch, found by following a batch abstractly.

    Args:
        model: the model.
        kind: `"train"` or `"test"`.
        ts: a state, abstract or not; its metrics do not matter.
        batch: a batch, likewise.
    """
    measured: list[Any] = []
    for metric in model.metrics:
        measured += metric.stateless_reset_state()
    step = train if kind == "train" else evaluate
    start = replace(ts, metrics=StepLogs(measured, {}))
    logs = jax.eval_shape(lambda ts, batch: step(model, ts, batch).metrics.logs, start, batch)
    return StepLogs(measured, {name: jnp.zeros((), "float32") for name in sorted(logs)})


def _packed(batch: Batch) -> PyTree:
    """Return a batch as Keras gives it to steps: `x`, `(x, y)` or `(x, y, sample_weight)`."""
    x, y, sample_weight = batch
    if y is None:
        return (x,) if isinstance(x, (list, tuple)) else x
    return (x, y) if sample_weight is None else batch


def _weights(model: Any, ts: TrainState) -> tuple[list[Any], list[Any]]:
    """Return the weights in Keras's order; what random numbers come from is made of the step."""
    trained = [get_in(ts.params, path) for path, _ in variables_with_paths(model, True)]
    rest = [get_in(ts.state, path) for path, _ in variables_with_paths(model, False)]
    if len(model.non_trainable_variables) > len(rest):
        seed = jax.random.bits(ts.rng, (), "uint32")
        rest.append(jnp.stack([seed, jnp.asarray(ts.step).astype("uint32")]))
    return trained, rest


def _tree(model: Any, trainable: bool, values: PyTree) -> Tree:
    """Return the nested dict that a list of weights stands for; a seed at its end is left out."""
    paths = [path for path, _ in variables_with_paths(model, trainable)]
    return nest(dict(zip(paths, values, strict=False)))


def _slots(optimizer: OptimizerLike, state: PyTree) -> list[Any]:
    """Return the values of the variables of an optimizer."""
    return [get_in(state, address) for address in paths_of(optimizer)]


def _with_slots(optimizer: OptimizerLike, state: PyTree, values: PyTree) -> PyTree:
    """Return a state with other values; the inverse of `_slots`."""
    state = jax.tree.map(lambda x: x, state)
    for address, value in zip(paths_of(optimizer), values, strict=True):
        parent_of(state, address)[address[-1]] = value
    return state


def _reading(model: Any, ts: TrainState) -> Any:
    """Open a scope in which the variables have the values that the step begins with."""
    scope = Scope(rng=jax.random.fold_in(ts.rng, ts.step), position=ts.step)
    for field, trainable in ((ts.params, True), (ts.state, False)):
        for path, variable in variables_with_paths(model, trainable):
            scope.bind(variable, get_in(field, path))
    for address, variable in variables_by_path(model.optimizer).items():
        scope.bind(variable, get_in(ts.opt_state, address))
    return scope


def _check(scope: Scope) -> None:
    for variable, _ in scope.updates:
        raise PurityError(
            f"A step assigned to {variable.name!r}. It is a pure function: compute by "
            "`stateless_call`, `stateless_update_state` and `stateless_apply`, and return the new "
            "values in the state."
        )


def _scalars(logs: PyTree) -> dict[str, Any]:
    if not isinstance(logs, Mapping):
        raise ArgumentError(
            f"A step returns `(logs, state)`, with the logs as a dict; got a {type(logs).__name__}."
        )
    scalars = {name: jnp.asarray(value, "float32") for name, value in flat_logs(logs).items()}
    for name, value in scalars.items():
        if value.shape:
            raise ArgumentError(
                f"The log {name!r} has shape {value.shape}; logs are scalars. Take its mean."
            )
    return scalars
