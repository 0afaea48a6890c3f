"""What is kept of an epoch while it runs, and what comes of it for the logs.

Two forms. Of a model whose steps are the built-in ones: a dict with the sums of each compiled
metric, and of the mean of each scalar that steps log. Of a model with its own steps: a `StepLogs`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.types import Array, PyTree
from kerasish.metrics import Mean
from kerasish.training.data.batch import Batch
from kerasish.training.execution import keras_form
from kerasish.training.execution.keras_form import StepLogs
from kerasish.training.execution.state import TrainState
from kerasish.training.execution.step import test_step, train_step

__all__ = [
    "advance",
    "init_metric_state",
    "is_finite",
    "outputs_of",
    "packed",
    "predicted",
    "shapes_of",
]

# Of the scalars that steps log.
_mean = Mean()


def advance(model: Any, kind: str, ts: TrainState, batch: Batch) -> TrainState:
    """Make a step of training or evaluation and keep what it tells.

    Args:
        model: the model; see `kerasish.training.execution.step.Trainable`.
        kind: `"train"` or `"test"`.
        ts: the state.
        batch: the batch.
    """
    if model._kerasish_has_own_steps:
        return (keras_form.train if kind == "train" else keras_form.evaluate)(model, ts, batch)
    ts, logs = (train_step if kind == "train" else test_step)(model, ts, batch)
    size = jnp.asarray(jax.tree.leaves(batch[0])[0].shape[0], "float32")
    means = {name: _mean.update(ts.metrics[name], value, size) for name, value in logs.items()}
    return replace(ts, metrics=ts.metrics | means)


def predicted(model: Any, ts: TrainState, x: Any) -> tuple[Any, TrainState]:
    """Return the outputs for a batch of inputs, and the state with what `call` has assigned."""
    if model._kerasish_overrides("predict_step"):
        return keras_form.predict(model, ts, x)
    rng = jax.random.fold_in(ts.rng, ts.step)
    with model._kerasish_bound(ts.params, ts.state, rng=rng, position=ts.step) as scope:
        outputs = model(x)
        return outputs, replace(ts, step=ts.step + 1, state=model._kerasish_new_state(scope))


def outputs_of(model: Any, ts: TrainState, x: Any) -> PyTree:
    """Return the outputs for a batch of inputs."""
    return predicted(model, ts, x)[0]


def init_metric_state(model: Any, kind: str, ts: TrainState, batch: Batch) -> PyTree:
    """Return what is kept before the first step of an epoch.

    Args:
        model: the model, its metrics settled.
        kind: `"train"` or `"test"`.
        ts: a state, abstract or not; its metrics do not matter.
        batch: a batch, likewise.
    """
    if model._kerasish_has_own_steps:
        return keras_form.initial_step_logs(model, kind, ts, batch)
    trackers = {
        tracker.name: tracker._kerasish_init() for tracker in model._kerasish_objective.trackers
    }
    return model._kerasish_metrics.init() | trackers


def values_of(model: Any, records: PyTree) -> dict[str, Any]:
    """Return what goes to the logs by name; a metric may have an array, or several values."""
    if isinstance(records, StepLogs):
        return dict(records.logs)
    values = model._kerasish_metrics.compute(records)
    values |= {name: _mean.compute(records[name]) for name in records if name not in values}
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat


def shapes_of(model: Any, records: PyTree) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what goes to the logs, in the order in which it is packed."""
    values = jax.eval_shape(lambda records: values_of(model, records), records)
    return {name: values[name].shape for name in sorted(values)}


def packed(model: Any, records: PyTree) -> PyTree:
    """Return what goes to the logs, in one array."""
    values = values_of(model, records)
    each = [jnp.asarray(values[name], "float32").reshape(-1) for name in sorted(values)]
    return jnp.concatenate(each)


def is_finite(records: PyTree) -> Array | bool:
    """Return whether the loss of the epoch so far is; a mean never is again, once it is not."""
    if isinstance(records, StepLogs):
        return jnp.isfinite(records.logs["loss"]) if "loss" in records.logs else True
    return jnp.isfinite(_mean.compute(records["loss"])) if "loss" in records else True
