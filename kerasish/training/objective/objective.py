"""What `compile` was told about losses and metrics, as pure functions of outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax.numpy as jnp

from kerasish import losses, metrics
from kerasish.core.binding import bind_list, values_of
from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.names import unique_name
from kerasish.core.scope import Scope, current_scope
from kerasish.core.serialization.registry import serialize
from kerasish.core.types import PyTree
from kerasish.core.variable import Variable
from kerasish.losses import Loss, LossFunctionWrapper
from kerasish.metrics import Mean, MeanMetricWrapper, Metric
from kerasish.training.objective.outputs import flatten_outputs, match

__all__ = ["Metrics", "Objective"]

# Names that mean another function for another kind of target.
_BY_TARGET = {
    "accuracy": ("binary_accuracy", "sparse_categorical_accuracy", "categorical_accuracy"),
    "crossentropy": (
        "binary_crossentropy",
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
    ),
}
_BY_TARGET |= {"acc": _BY_TARGET["accuracy"], "ce": _BY_TARGET["crossentropy"]}


class Objective:
    """The losses of a model's outputs and their weighted sum.

    Args:
        loss: a name, a function, a `Loss`, None, or a list or dict of these.
        loss_weights: a number for each output, as a list or dict.

    Raises:
        UnknownNameError: if there is no loss of a name.
    """

    def __init__(self, loss: object, loss_weights: object) -> None:
        self.given = loss
        self.loss = _map(_loss, loss)
        self.loss_weights = loss_weights
        # The mean of the loss; and of that of each output, once these are known to be several.
        self.trackers = [Mean("loss")]

    def resolve(self, y_pred: PyTree, names: Sequence[str]) -> None:
        """Settle which outputs have a loss.

        Args:
            y_pred: outputs, abstract or not.
            names: the names of the outputs.
        """
        keys = [name for name, _ in flatten_outputs(y_pred, names)]
        found = zip(keys, match(self.loss, keys, "loss", spread=True), strict=True)
        named = [name for name, loss in found if loss is not None]
        if isinstance(self.loss, dict):  # Keras lists them as they were given
            named.sort(key=lambda name: [*self.loss, name].index(name))
        each = [f"{name}_loss" for name in named] if len(named) > 1 else []
        if each != [tracker.name for tracker in self.trackers[1:]]:
            self.trackers[1:] = map(Mean, each)

    def track(self, terms: dict[str, Any], size: Any) -> None:
        """Take the loss of each output into its mean, within the scope of a step.

        Args:
            terms: what `terms` returned.
            size: how many samples these are of.
        """
        scope = current_scope()
        for tracker in self.trackers[1:]:
            # In a loop of one's own there is no mean to keep.
            if scope is not None and scope.read(tracker.total) is not None:
                tracker.update_state(terms[tracker.name.removesuffix("_loss")][0], size)

    def terms(
        self, y: PyTree, y_pred: PyTree, weight: PyTree, names: Sequence[str]
    ) -> dict[str, Any]:
        """Return the loss of each output that has one, and how much it counts, by its name.

        Args:
            y: the targets, in the structure of the outputs or a dict by name.
            y_pred: the outputs.
            weight: sample weights: for all outputs, or in their structure.
            names: the names of the outputs.

        Raises:
            DataError: if there is a loss but no target.
        """
        outputs = flatten_outputs(y_pred, names)
        keys = [name for name, _ in outputs]
        found = match(self.loss, keys, "loss", spread=True)
        targets, weights = match(y, keys, "y"), match(weight, keys, "sample_weight", spread=True)
        factors = match(self.loss_weights, keys, "loss_weights", spread=True)
        terms = {}
        for i, (name, output) in enumerate(outputs):
            if found[i] is not None:
                if targets[i] is None:
                    raise DataError(f"The loss of output {name!r} needs targets; `y` has none.")
                term = found[i](targets[i], output, weights[i])
                terms[name] = term, 1.0 if factors[i] is None else factors[i]
        return terms

    @property
    def losses(self) -> list[Any]:
        """All losses, in no structure."""
        flat: list[Any] = []
        _map(flat.append, self.loss)
        return flat


class Metrics:
    """The metrics of a model's outputs.

    Args:
        plain: names, functions or `Metric`s that ignore sample weights: a list,
            or for several outputs a list or dict of lists.
        weighted: the same, for metrics that use sample weights.

    Raises:
        UnknownNameError: if there is no metric of a name.
    """

    def __init__(self, plain: Any, weighted: Any) -> None:
        self.given = {"metrics": plain, "weighted_metrics": weighted}
        for spec in self.given.values():
            _map(_check_metric, spec)
        # Name in the logs, the metric, its output, whether weights count.
        self.entries: list[tuple[str, Metric, str, bool]] = []
        self.resolved = False
        self.name = "compile_metrics"
        self._names: Sequence[str] = ()

    def resolve(self, y: PyTree, y_pred: PyTree, names: Sequence[str]) -> None:
        """Settle which metric each name means, now that targets and outputs are known.

        Args:
            y: targets, abstract or not.
            y_pred: outputs, abstract or not.
            names: the names of the outputs.
        """
        outputs = flatten_outputs(y_pred, names)
        keys = [name for name, _ in outputs]
        targets = match(y, keys, "y")
        self.entries, self._names = [], names
        for what, weighted in (("metrics", False), ("weighted_metrics", True)):
            for i, spec in enumerate(match(self.given[what], keys, "metrics")):
                for each in _as_list(spec):
                    metric = _metric(each, targets[i], outputs[i][1])
                    metric._kerasish_ensure_built(targets[i], outputs[i][1])
                    prefix = f"{keys[i]}_" if len(keys) > 1 else ""
                    self._add(prefix, metric, keys[i], weighted)
        self.resolved = True

    def _add(self, prefix: str, metric: Metric, output: str, weighted: bool) -> None:
        taken = {name for name, *_ in self.entries}
        name = prefix + metric.name
        if name in taken and weighted:
            name = f"{prefix}weighted_{metric.name}"
        if name == "loss":
            raise ArgumentError("A metric is called 'loss', which the loss is; give it a `name`.")
        self.entries.append((unique_name(name, taken), metric, output, weighted))

    def init(self) -> dict[str, Any]:
        """Return the states before the first batch, by name."""
        return {name: metric._kerasish_init() for name, metric, *_ in self.entries}

    def update(
        self, states: dict[str, Any], y: PyTree, y_pred: PyTree, weight: PyTree
    ) -> dict[str, Any]:
        """Return the states after a further batch; states of other names pass through."""
        given = self._given(y, y_pred, weight)
        return states | {
            name: metric._kerasish_update(states[name], *args) for name, metric, args in given
        }

    def _given(
        self, y: PyTree, y_pred: PyTree, weight: PyTree
    ) -> Iterator[tuple[str, Metric, tuple[Any, Any, Any]]]:
        """Yield each metric, by name, with its targets, outputs and weights of a batch."""
        outputs = dict(flatten_outputs(y_pred, self._names))
        keys = list(outputs)
        targets = dict(zip(keys, match(y, keys, "y"), strict=True))
        weights = dict(zip(keys, match(weight, keys, "sample_weight", spread=True), strict=True))
        for name, metric, output, counts in self.entries:
            args = targets[output], outputs[output], weights[output] if counts else None
            yield name, metric, args

    def compute(self, states: dict[str, Any]) -> dict[str, Any]:
        """Return the value of each metric."""
        return {name: metric._kerasish_compute(states[name]) for name, metric, *_ in self.entries}

    # As one metric, for steps in Keras's form.

    @property
    def variables(self) -> list[Variable]:
        """The sums of all metrics."""
        return [variable for _, metric, *_ in self.entries for variable in metric.variables]

    def update_state(
        self, y_true: PyTree, y_pred: PyTree, sample_weight: PyTree | None = None
    ) -> None:
        """Take a batch into account."""
        if not self.resolved:
            self.resolve(y_true, y_pred, self._names)
        for _, metric, args in self._given(y_true, y_pred, sample_weight):
            metric.update_state(*args)

    def result(self) -> dict[str, Any]:
        """Return the value of each metric."""
        return {name: metric.result() for name, metric, *_ in self.entries}

    def reset_state(self) -> None:
        """Forget everything."""
        for _, metric, *_ in self.entries:
            metric.reset_state()

    def stateless_update_state(
        self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        """Return new values of the variables, after a further batch."""
        with Scope() as scope:
            bind_list(scope, self.variables, values_of(metric_variables), "metric_variables")
            self.update_state(*args, **kwargs)
            return [scope.read(variable) for variable in self.variables]

    def stateless_result(self, metric_variables: Sequence[Any]) -> dict[str, Any]:
        """Return the values that values of the variables stand for."""
        with Scope() as scope:
            bind_list(scope, self.variables, values_of(metric_variables), "metric_variables")
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """Return the values of the variables before the first batch."""
        return [value for _, metric, *_ in self.entries for value in metric.stateless_reset_state()]

    def get_config(self) -> dict[str, Any]:
        """Return what was given to `compile`, ready for a file."""
        return {key: serialize(value) for key, value in self.given.items()}


def _loss(identifier: object) -> Loss | None:
    """Return the loss that an identifier means; a plain function is wrapped."""
    found = None if identifier is None else losses.get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found)


def _check_metric(identifier: object) -> None:
    known = isinstance(identifier, str) and identifier in _BY_TARGET
    if identifier is not None and not known:
        metrics.get(identifier)


def _metric(identifier: object, target: PyTree, output: PyTree) -> Metric:
    """Return the metric that an identifier means for this target and output."""
    name = identifier if isinstance(identifier, str) else None
    if name in _BY_TARGET:
        identifier = _BY_TARGET[name][_kind_of_target(target, output)]
    found = metrics.get(identifier)
    if not isinstance(found, Metric):
        return MeanMetricWrapper(found, name=name)
    found.name = name or found.name  # the logs say what the user said
    return found


def _kind_of_target(target: PyTree, output: PyTree) -> int:
    """Return 0 for yes or no, 1 for class numbers, 2 for one-hot classes."""
    shape = jnp.shape(target)
    if output.shape[-1] == 1:
        return 0
    return 1 if len(shape) < len(output.shape) or shape[-1] == 1 else 2


def _as_list(spec: PyTree) -> list[Any]:
    """Return the metrics of an output, however their lists are nested."""
    if spec is None:
        return []
    if isinstance(spec, (list, tuple)):
        return [metric for each in spec for metric in _as_list(each)]
    return [spec]


def _map(function: Any, spec: PyTree) -> Any:
    """Apply a function to each entry of a list or dict of specifications, or to the only one."""
    if isinstance(spec, (list, tuple)):
        return [_map(function, each) for each in spec]
    if isinstance(spec, dict) and "class_name" not in spec:
        return {key: _map(function, each) for key, each in spec.items()}
    return function(spec)
