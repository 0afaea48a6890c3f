"""Keras's stateless API: the code of its guides for JAX, run here and in Keras."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from .tools.oracle import close, draw, keras, kerasish

LIBRARIES = (kerasish, keras)
X, Y = draw((20, 4)), draw((20, 1), seed=1)


def ends(k):
    """Return the input and the output of a small graph, with a state and a penalty."""
    start = k.Input((4,))
    # Without a bias: before a normalization its gradient is nothing but rounding.
    h = k.layers.Dense(3, use_bias=False, kernel_regularizer=k.regularizers.L2(0.1))(start)
    h = k.layers.BatchNormalization()(h)
    return start, k.layers.Dense(1)(h)


def filled(model):
    model.set_weights([abs(draw(w.shape, seed=i)) for i, w in enumerate(model.get_weights())])
    return model


def values(variables):
    return [jnp.asarray(v.value) for v in variables]


def observed(k):
    """Return what the stateless functions of a model give."""
    model = filled(k.Model(*ends(k)))
    model.compile("sgd", "mse", metrics=["mae"])
    model.train_on_batch(X[:4], Y[:4])
    weights = values(model.trainable_variables), values(model.non_trainable_variables)
    sums, slots = values(model.metrics_variables), values(model.optimizer.variables)

    def run(weights, sums):
        called = model.stateless_call(*weights, X, return_losses=True, training=True)
        computed = model.stateless_compute_loss(*weights, sums, x=X, y=Y, y_pred=called[0] * 0 + Y)
        updates = model.compute_loss_and_updates(
            *weights, sums, X, Y, None, training=True, optimizer_variables=slots
        )
        # Keras leaves the penalties of a model that it was told to compile out of one of them.
        return called, computed[1], updates[1][1:3]

    names = [v.name for v in model.trainable_variables], [m.name for m in model.metrics]
    tree = jax.tree.map(lambda a: np.shape(a), model.get_state_tree())
    return jax.jit(run)(weights, sums), names, tree["metrics_variables"]


def test_stateless_functions():
    (ours, *known), (theirs, *expected) = map(observed, LIBRARIES)
    assert known[0] == expected[0]
    assert jax.tree.structure(known[1]).num_leaves == jax.tree.structure(expected[1]).num_leaves
    close(ours, theirs)


def loop(k):
    """Train by hand, as in the guide "Writing a training loop from scratch in JAX"."""
    model = filled(k.Model(*ends(k)))
    optimizer, metric = k.optimizers.Adam(0.1), k.metrics.MeanAbsoluteError()
    loss_fn = k.losses.MeanSquaredError()

    def compute_loss_and_updates(trainable_variables, non_trainable_variables, x, y):
        y_pred, non_trainable_variables = model.stateless_call(
            trainable_variables, non_trainable_variables, x, training=True
        )
        return loss_fn(y, y_pred), (y_pred, non_trainable_variables)

    grad_fn = jax.value_and_grad(compute_loss_and_updates, has_aux=True)

    @jax.jit
    def train_step(state, data):
        trainable_variables, non_trainable_variables, optimizer_variables, sums = state
        x, y = data
        (loss, (y_pred, non_trainable_variables)), grads = grad_fn(
            trainable_variables, non_trainable_variables, x, y
        )
        trainable_variables, optimizer_variables = optimizer.stateless_apply(
            optimizer_variables, grads, trainable_variables
        )
        sums = metric.stateless_update_state(sums, y, y_pred)
        return loss, (trainable_variables, non_trainable_variables, optimizer_variables, sums)

    optimizer.build(model.trainable_variables)
    state = (
        model.trainable_variables,
        model.non_trainable_variables,
        optimizer.variables,
        metric.variables,
    )
    if k is keras:  # this JAX takes no variables of Keras's
        state = tuple(map(values, state))
    for start in range(0, 20, 10):
        loss, state = train_step(state, (X[start : start + 10], Y[start : start + 10]))
    for variable, value in zip(model.trainable_variables, state[0], strict=True):
        variable.assign(value)
    for variable, value in zip(model.non_trainable_variables, state[1], strict=True):
        variable.assign(value)
    return loss, metric.stateless_result(state[3]), model.get_weights()


def test_a_loop_by_hand():
    close(*map(loop, LIBRARIES))


def custom(k):
    """Return the model of the guide "Customizing what happens in fit with JAX"."""

    class CustomModel(k.Model):
        def compute_loss_and_updates(
            self, trainable_variables, non_trainable_variables, x, y, training=False
        ):
            y_pred, non_trainable_variables = self.stateless_call(
                trainable_variables, non_trainable_variables, x, training=training
            )
            loss = self.compute_loss(x, y, y_pred)
            return loss, (y_pred, non_trainable_variables)

        def train_step(self, state, data):
            (
                trainable_variables,
                non_trainable_variables,
                optimizer_variables,
                metrics_variables,
            ) = state
            x, y = data
            grad_fn = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
            (loss, (y_pred, non_trainable_variables)), grads = grad_fn(
                trainable_variables, non_trainable_variables, x, y, training=True
            )
            trainable_variables, optimizer_variables = self.optimizer.stateless_apply(
                optimizer_variables, grads, trainable_variables
            )
            new_metrics_vars = []
            logs = {}
            for metric in self.metrics:
                this_metric_vars = metrics_variables[
                    len(new_metrics_vars) : len(new_metrics_vars) + len(metric.variables)
                ]
                if metric.name == "loss":
                    this_metric_vars = metric.stateless_update_state(this_metric_vars, loss)
                else:
                    this_metric_vars = metric.stateless_update_state(this_metric_vars, y, y_pred)
                logs[metric.name] = metric.stateless_result(this_metric_vars)
                new_metrics_vars += this_metric_vars
            state = (
                trainable_variables,
                non_trainable_variables,
                optimizer_variables,
                new_metrics_vars,
            )
            return logs, state

    return CustomModel, {"loss": "mse", "metrics": ["mae"]}, False


def lower_level(k):
    """Return a model with metrics of its own instead of those of `compile`."""

    class LowerLevel(k.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.loss_tracker = k.metrics.Mean(name="loss")
            self.mae_metric = k.metrics.MeanAbsoluteError(name="mae")
            self.loss_fn = k.losses.MeanSquaredError()

        @property
        def metrics(self):
            return [self.loss_tracker, self.mae_metric]

        def objective_of(self, trainable, rest, x, y):
            y_pred, rest = self.stateless_call(trainable, rest, x, training=True)
            return self.loss_fn(y, y_pred), (y_pred, rest)

        def train_step(self, state, data):
            trainable, rest, slots, sums = state
            x, y = data
            grad_fn = jax.value_and_grad(self.objective_of, has_aux=True)
            (loss, (y_pred, rest)), grads = grad_fn(trainable, rest, x, y)
            trainable, slots = self.optimizer.stateless_apply(slots, grads, trainable)
            logs, sums = self.told(sums, loss, y, y_pred)
            return logs, (trainable, rest, slots, sums)

        def test_step(self, state, data):
            trainable, rest, sums = state
            x, y = data
            y_pred, rest = self.stateless_call(trainable, rest, x, training=False)
            logs, sums = self.told(sums, self.loss_fn(y, y_pred), y, y_pred)
            return logs, (trainable, rest, sums)

        def told(self, sums, loss, y, y_pred):
            of_loss, of_mae = sums[:2], sums[2:]
            of_loss = self.loss_tracker.stateless_update_state(of_loss, loss)
            of_mae = self.mae_metric.stateless_update_state(of_mae, y, y_pred)
            logs = {
                "loss": self.loss_tracker.stateless_result(of_loss),
                "mae": self.mae_metric.stateless_result(of_mae),
            }
            return logs, of_loss + of_mae

    return LowerLevel, {}, True


def own_loss(k):
    """Return a model with a loss and metrics beside those of `compile`."""

    class OwnLoss(k.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.mean = k.metrics.Mean(name="mean")

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            return 2.0 * loss

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            self.mean.update_state(y_pred)
            results["mean"] = self.mean.result()
            return results

    return OwnLoss, {"loss": "mse", "metrics": ["mae"]}, True


@pytest.mark.parametrize("kind", [custom, lower_level, own_loss])
def test_a_model_with_steps_of_its_own(kind):
    found = []
    for k in LIBRARIES:
        cls, settings, validates = kind(k)
        start, end = ends(k)
        if kind is custom:  # Keras does not differentiate the penalties that such a step computes
            h = k.layers.Dense(3, use_bias=False)(start)
            end = k.layers.Dense(1)(k.layers.BatchNormalization()(h))
        model = filled(cls(start, end))
        model.compile(optimizer=k.optimizers.Adam(0.1), **settings)
        data = {"validation_data": (X, Y)} if validates else {}
        history = model.fit(X, Y, batch_size=10, epochs=2, shuffle=False, verbose=0, **data)
        logs = {name: np.float32(told) for name, told in sorted(history.history.items())}
        measured = [m.name for m in model.metrics], [v.name for v in model.metrics_variables]
        found.append((logs, model.get_weights(), measured))
    (ours, mine, known), (theirs, others, expected) = found
    assert known[0] == expected[0] and len(known[1]) == len(expected[1])
    assert list(ours) == list(theirs)
    close(ours, theirs, 1e-4)
    close(mine, others, 1e-4)
