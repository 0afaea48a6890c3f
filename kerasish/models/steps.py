"""What one step of a model computes, in Keras's form: override it to train otherwise."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.binding import bind_list, values_of
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.pure import as_arrays
from kerasish.core.scope import Scope, current_scope, get_metadata, propagate_metadata, set_metadata
from kerasish.core.types import Array, PyTree
from kerasish.optimizers import OptaxOptimizer, Optimizer
from kerasish.training.objective.objective import Metrics, Objective
from kerasish.training.objective.outputs import flat_logs
from kerasish.utils.batches import unpack_x_y_sample_weight

__all__ = ["Steps", "check_steps"]

# Values of variables, in Keras's order.
Values = Sequence[Any]

# What the steps return, for messages.
_RETURNS = {
    "train_step": "`(logs, state)`",
    "test_step": "`(logs, state)`",
    "predict_step": "`(outputs, non_trainable_variables)`",
}

# What a subclass may have its own form of. If it has, all steps are made in Keras's form.
_OWN = (
    "compute_loss",
    "compute_loss_and_updates",
    "compute_metrics",
    "get_metrics_result",
    "metrics",
    "predict_step",
    "stateless_compute_loss",
    "test_step",
    "train_step",
)


class Steps(Layer):
    """The pure functions that a training step consists of, on lists in Keras's order.

    A state is a tuple of lists: `trainable_variables`, `non_trainable_variables`, and in
    training the `optimizer.variables`; the `metrics_variables` last.
    """

    _kerasish_objective: Objective
    _kerasish_metrics: Metrics
    optimizer: Optimizer

    def _kerasish_overrides(self, method: str) -> bool:
        """Return whether a subclass has its own form of a method."""
        return getattr(type(self), method) is not getattr(Steps, method)

    @property
    def _kerasish_has_own_steps(self) -> bool:
        """Whether a subclass says how to make steps, or there are metrics in attributes."""
        return any(map(self._kerasish_overrides, _OWN)) or bool(self._kerasish_own_metrics)

    @property
    def _kerasish_follows_batches(self) -> bool:
        """Whether batches go through `call` as they are, as the loss and metrics of `compile` need.

        A model with its own `train_step` and without these may do as it likes.
        """
        given = [self._kerasish_objective.given, *self._kerasish_metrics.given.values()]
        return not self._kerasish_overrides("train_step") or any(map(bool, given))

    def _kerasish_output_names(self) -> list[str]:
        """The names under which losses and metrics of several outputs are given."""
        return []

    # Metrics.

    @property
    def metrics(self) -> list[Any]:
        """The mean loss, the metrics of `compile`, the loss of each output, metrics in attributes.

        Those of `compile` are one thing, as in Keras: `compile_metrics`, whose result is a dict.
        """
        if not hasattr(self, "_kerasish_objective"):
            return self._kerasish_own_metrics
        trackers = self._kerasish_objective.trackers
        return [trackers[0], self._kerasish_metrics, *trackers[1:], *self._kerasish_own_metrics]

    @property
    def _kerasish_own_metrics(self) -> list[Any]:
        compiled = getattr(self, "_kerasish_metrics", None)
        return [metric for metric in super().metrics if metric is not compiled]

    def compute_metrics(
        self, x: Any, y: PyTree, y_pred: PyTree, sample_weight: PyTree | None = None
    ) -> dict[str, Any]:
        """Update the metrics of `compile` and return the values of all. May be overridden.

        Args:
            x: inputs.
            y: targets.
            y_pred: outputs.
            sample_weight: how much each sample counts.

        Returns:
            What goes to the logs, by name.
        """
        self._kerasish_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the values of all metrics by name; those of a metric with several by theirs."""
        return flat_logs({metric.name: metric.result() for metric in self.metrics})

    # The loss.

    def compute_loss(
        self,
        x: Any = None,
        y: PyTree | None = None,
        y_pred: PyTree | None = None,
        sample_weight: PyTree | None = None,
        training: bool = True,
    ) -> Array:
        """Return the loss of a batch: that of `compile`, with all penalties. May be overridden.

        Args:
            x: inputs.
            y: targets.
            y_pred: outputs.
            sample_weight: how much each sample counts.
            training: whether this is a step of training.

        Returns:
            A scalar.

        Raises:
            ArgumentError: if there is nothing to minimize.

        Examples:
            >>> import jax.numpy as jnp
            >>> from kerasish import Sequential, layers, metrics
            >>> class Penalized(Sequential):
            ...     def __init__(self, *args, **kwargs):
            ...         super().__init__(*args, **kwargs)
            ...         self.size = metrics.Mean(name="size")
            ...     def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
            ...         size = jnp.mean(jnp.abs(y_pred))
            ...         self.size.update_state(size)
            ...         return jnp.mean((y_pred - y) ** 2) + 0.1 * size
        """
        terms = self._kerasish_objective.terms(
            y, y_pred, sample_weight, self._kerasish_output_names()
        )
        added = self._kerasish_losses_of(y_pred)
        if training and not terms and not added:
            raise ArgumentError(
                "There is nothing to minimize: give `compile` a `loss`, or let a layer `add_loss`."
            )
        self._kerasish_objective.track(terms, _size(x if x is not None else y_pred))
        counted = [term * factor for term, factor in terms.values()]
        return sum([*counted, *added], start=jnp.zeros((), "float32"))

    def _kerasish_loss_of(
        self, x: Any, y: PyTree, y_pred: PyTree, sample_weight: PyTree, training: bool
    ) -> Array:
        """Call `compute_loss` as Keras does: with `training` where it has such an argument."""
        known = inspect.signature(self.compute_loss).parameters
        flag = {"training": training} if "training" in known else {}
        return self.compute_loss(x, y, y_pred, sample_weight, **flag)

    def _kerasish_losses_of(self, y_pred: PyTree) -> list[Any]:
        """Return the penalties of the call that made some outputs, if it is known."""
        for output in jax.tree.leaves(y_pred):
            if (losses := get_metadata(output, "losses")) is not None:
                return list(losses)
        return self.losses

    def stateless_compute_loss(
        self,
        trainable_variables: Values,
        non_trainable_variables: Values,
        metrics_variables: Values,
        x: Any = None,
        y: PyTree | None = None,
        y_pred: PyTree | None = None,
        sample_weight: PyTree | None = None,
        training: bool = True,
    ) -> tuple[Any, tuple[list[Any], list[Any], list[Any]]]:
        """Return the loss, and the variables after it: `compute_loss` as a pure function."""
        with self._kerasish_stateless_scope(trainable_variables, non_trainable_variables) as scope:
            self._kerasish_bind_metrics(scope, metrics_variables)
            loss = self._kerasish_loss_of(x, y, y_pred, sample_weight, training)
            rest = self._kerasish_non_trainable_values(scope)
            found = values_of(trainable_variables), rest, self._kerasish_read_metrics(scope)
            return loss, found

    def compute_loss_and_updates(
        self,
        trainable_variables: Values,
        non_trainable_variables: Values,
        metrics_variables: Values,
        x: Any,
        y: PyTree,
        sample_weight: PyTree,
        training: bool = False,
        optimizer_variables: Values | None = None,
    ) -> tuple[Any, tuple[Any, Any, list[Any], list[Any]]]:
        """Apply the model to a batch and return the loss, as a pure function to differentiate.

        Args:
            trainable_variables: values of the weights.
            non_trainable_variables: values of the other variables.
            metrics_variables: values of the variables of metrics.
            x: inputs.
            y: targets.
            sample_weight: how much each sample counts.
            training: whether this is a step of training.
            optimizer_variables: values of the optimizer's variables, where the loss is
                scaled for the sake of the gradients.

        Returns:
            The loss as gradients are to be taken of it, and a tuple of the loss, the outputs,
            and the other variables and those of metrics as they are afterwards.
        """
        state = trainable_variables, non_trainable_variables, metrics_variables
        found = self._kerasish_applied(state, x, y, sample_weight, training)
        loss = found[0]
        # A transformation of optax's scales nothing.
        plain = not training or isinstance(self.optimizer, OptaxOptimizer)
        if optimizer_variables is None or plain:
            return loss, found
        with Scope() as scope:
            values = values_of(optimizer_variables)
            bind_list(scope, self.optimizer.variables, values, "optimizer_variables")
            return self.optimizer.scale_loss(loss), found

    def _kerasish_applied(
        self, state: Sequence[Values], x: Any, y: PyTree, sample_weight: PyTree, training: bool
    ) -> tuple[Any, Any, list[Any], list[Any]]:
        """Return the loss and the outputs for a batch, and the variables that have changed."""
        *weights, metrics = state
        if self._kerasish_overrides("stateless_compute_loss"):
            y_pred, rest = self.stateless_call(*weights, x, training=training)
            loss, (_, rest, metrics) = self.stateless_compute_loss(
                weights[0],
                rest,
                metrics,
                x=x,
                y=y,
                y_pred=y_pred,
                sample_weight=sample_weight,
                training=training,
            )
            return loss, y_pred, rest, list(metrics)
        with self._kerasish_stateless_scope(*weights) as scope:
            self._kerasish_bind_metrics(scope, metrics)
            y_pred = self(as_arrays(x), training=training)
            loss = self._kerasish_loss_of(x, y, y_pred, sample_weight, training)
            found = (
                loss,
                y_pred,
                self._kerasish_non_trainable_values(scope),
                self._kerasish_read_metrics(scope),
            )
        propagate_metadata(scope, y_pred)
        return found

    # Steps.

    def train_step(self, state: PyTree, data: PyTree) -> tuple[dict[str, Any], Any]:
        """Return the logs and the state after one step of training, as a pure function.

        Override it where `compute_loss` and `compute_metrics` are not enough.

        Args:
            state: `(trainable_variables, non_trainable_variables, optimizer_variables,
                metrics_variables)`, lists of arrays.
            data: a batch: `x`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            The logs, scalars by name, and the new state. The logs of an epoch are those of its
            last step: keep means in metrics.
        """
        trainable, rest, slots, metrics = state
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        function = self.compute_loss_and_updates

        def noted(*args: Any, **kwargs: Any) -> Any:
            loss, found = function(*args, **kwargs)
            return loss, (found, _notes_of(found[1]))

        gradient = jax.value_and_grad(noted, has_aux=True)
        (_, (found, notes)), grads = gradient(
            *(trainable, rest, metrics, x, y, sample_weight),
            training=True,
            optimizer_variables=slots,
        )
        loss, y_pred, rest, metrics = found
        trainable, slots = self.optimizer.stateless_apply(slots, grads, trainable)
        # What is beside the outputs does not leave a differentiated function by itself.
        for output, beside in zip(jax.tree.leaves(y_pred), notes, strict=True):
            set_metadata(output, **beside)
        logs, metrics = self._kerasish_measured(metrics, loss, x, y, y_pred, sample_weight)
        return logs, (trainable, rest, slots, metrics)

    def test_step(self, state: PyTree, data: PyTree) -> tuple[dict[str, Any], Any]:
        """Return the logs and the state after evaluating a batch, as a pure function.

        Args:
            state: `(trainable_variables, non_trainable_variables, metrics_variables)`.
            data: a batch, as in `train_step`.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        loss, y_pred, rest, metrics = self._kerasish_applied(state, x, y, sample_weight, False)
        logs, metrics = self._kerasish_measured(metrics, loss, x, y, y_pred, sample_weight)
        return logs, (state[0], rest, metrics)

    def predict_step(self, state: PyTree, data: PyTree) -> tuple[Any, list[Any]]:
        """Return the outputs for a batch, and the other variables, as a pure function.

        Args:
            state: `(trainable_variables, non_trainable_variables)`.
            data: inputs.
        """
        x, _, _ = unpack_x_y_sample_weight(data)
        outputs, rest = self.stateless_call(*state, x, training=False)
        return outputs, rest

    def _kerasish_measured(
        self,
        metrics: Values,
        loss: Array,
        x: Any,
        y: PyTree,
        y_pred: PyTree,
        sample_weight: PyTree,
    ) -> tuple[dict[str, Any], list[Any]]:
        """Return the logs, and the variables of metrics after a batch."""
        with Scope() as scope:
            self._kerasish_bind_metrics(scope, metrics)
            tracker = self._kerasish_objective.trackers[0]
            if any(metric is tracker for metric in self.metrics):
                tracker.update_state(loss, sample_weight=_size(x))
            logs = self.compute_metrics(x, y, y_pred, sample_weight)
            return logs, self._kerasish_read_metrics(scope)

    def _kerasish_bind_metrics(self, scope: Scope, values: Values) -> None:
        bind_list(scope, self.metrics_variables, values_of(values), "metrics_variables")

    def _kerasish_read_metrics(self, scope: Scope) -> list[Any]:
        return [scope.read(variable) for variable in self.metrics_variables]


def check_steps(model: Steps) -> None:
    """Check that overridden steps take what they are called with.

    Raises:
        ArgumentError: if one is written for TensorFlow or PyTorch.
    """
    for method in _RETURNS:
        if model._kerasish_overrides(method):
            signature = inspect.signature(getattr(model, method))
            try:
                signature.bind("state", "data")
            except TypeError as error:
                raise ArgumentError(
                    f"`{type(model).__name__}.{method}({', '.join(signature.parameters)})` does "
                    "not take `(state, data)`. A step is a pure function here, as in Keras on "
                    f"JAX: `def {method}(self, state, data)` returns {_RETURNS[method]}; the "
                    "README has an example."
                ) from error


def _size(x: Any) -> Any:
    """Return how many samples are in a batch, as they count in a mean."""
    return jnp.asarray(jax.tree.leaves(x)[0].shape[0], "float32")


def _notes_of(outputs: PyTree) -> list[dict[str, Any]]:
    """Return what travels beside each output in the open scope, the losses left out."""
    scope = current_scope()
    notes = [{} if scope is None else scope.all_metadata(x) for x in jax.tree.leaves(outputs)]
    return [{kind: note for kind, note in each.items() if kind != "losses"} for each in notes]
