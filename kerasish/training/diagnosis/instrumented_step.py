"""A training step as a program in which the calls of layers can be told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import jax
from jax.ad_checkpoint import checkpoint_name

from kerasish.core.dtypes import is_float
from kerasish.core.layer import Layer
from kerasish.core.paths import keys_to_name, to_name
from kerasish.core.scope import copy_metadata, current_scope
from kerasish.core.tree import all_layers
from kerasish.core.types import Params, PyTree
from kerasish.optimizers import Optimizer
from kerasish.training.data.batch import Batch
from kerasish.training.diagnosis.nonfinite_interpreter import NonFiniteInterpreter, Origin
from kerasish.training.execution import keras_form
from kerasish.training.execution.state import TrainState
from kerasish.training.execution.step import train_step

__all__ = ["Call", "InstrumentedStep"]

# Stand around what was named here, in the names of scopes and values.
_OPEN, _CLOSE = "\u2039", "\u203a"
_CALL = re.compile(rf"{_OPEN}(\d+){_CLOSE}")
_UPDATE = f"{_OPEN}update{_CLOSE}"
_GRADIENT = f"{_OPEN}gradient{_CLOSE}"
_LOSS, _OUTPUTS = "loss", "outputs"


class Call(NamedTuple):
    """One call of a layer in a step.

    Attributes:
        path: the names of the layers around it and its own; empty for the model itself.
        layer: the layer.
    """

    path: str
    layer: Any


class InstrumentedStep:
    """A step of training, made operation by operation, with its layers and gradients named.

    Args:
        model: the model.
        before: the state that the step begins with.
        batch: its data.
        target: what to look at: `"loss"`, a part of the state after the step (`"params"`), or
            `"outputs"`, which takes the forward pass only.

    Attributes:
        values: the target's values.
        origin: what made the first wrong one of them so; None if they are finite.
    """

    def __init__(self, model: Any, before: TrainState, batch: Batch, target: str = _LOSS) -> None:
        self._calls: list[Call] = []
        with _watched(model, self._calls):
            function = (_forward if target == _OUTPUTS else _step)(model)
            program, shape = jax.make_jaxpr(function, return_shape=True)(before, batch)
        leaves, _ = jax.tree_util.tree_flatten_with_path((before, batch))
        self._names = [keys_to_name(path) for path, _ in leaves]
        ends = [keys_to_name(path) for path, _ in jax.tree_util.tree_flatten_with_path(shape)[0]]
        prefix = {_LOSS: "0", _OUTPUTS: ""}.get(target, f"1/{target}/")
        wanted = [number for number, name in enumerate(ends) if name.startswith(prefix)]
        self._tracer = NonFiniteInterpreter(program, [leaf for _, leaf in leaves], wanted)
        self.values = list(self._tracer.outputs.values())
        self.origin: Origin | None = self._tracer.origin()

    @property
    def argument(self) -> tuple[str, str] | None:
        """What was wrong before the step: `("state", address)` or `("batch", address)`."""
        if self.origin is None or self.origin.argument is None:
            return None
        which, _, address = self._names[self.origin.argument].partition("/")
        return ("state", "batch")[int(which)], address

    @property
    def call(self) -> Call | None:
        """The innermost call of a layer that the origin is in."""
        numbers = self._numbers()
        return self._calls[numbers[-1]] if numbers else None

    @property
    def in_update(self) -> bool:
        """Whether the origin comes after the gradients."""
        assert self.origin is not None
        scope = self.origin.scope
        return _UPDATE in scope or not ("jvp(" in scope or self._numbers())

    def beside(self, what: str) -> list[Any]:
        """Return the `"in"`puts or `"out"`puts of the call that the origin is in."""
        numbers = self._numbers()
        return self._marked(numbers[-1], what) if numbers else []

    def outputs(self) -> list[Any]:
        """Return what the calls gave that the origin is in, the innermost first."""
        return [each for n in reversed(self._numbers()) for each in self._marked(n, "out")]

    def gradients(self) -> list[tuple[str, Any]]:
        """Return the gradients by the paths of their weights, those that went wrong first first."""
        found = [
            (order, mark.removeprefix(_GRADIENT), value)
            for mark, value, order in self._tracer.marks
            if mark.startswith(_GRADIENT)
        ]
        # A gradient that is finite has no order: nobody counted when it was made.
        found.sort(key=lambda each: each[0] or float("inf"))
        return [(path, value) for _, path, value in found]

    def _numbers(self) -> list[int]:
        """Return the numbers of the calls that the origin is in, the innermost last."""
        return [int(number) for number in _CALL.findall(self.origin.scope if self.origin else "")]

    def _marked(self, number: int, what: str) -> list[Any]:
        name = f"{_OPEN}{number}{_CLOSE}{what}"
        return [value for mark, value, _ in self._tracer.marks if mark == name]


def _step(model: Any) -> Callable[[TrainState, Batch], Any]:
    """Return the function from a state and a batch to the loss and the next state."""

    def step(before: TrainState, batch: Batch) -> Any:
        if model._kerasish_has_own_steps:
            after = keras_form.train(model, before, batch)
            logs = after.metrics.logs
        else:
            after, logs = train_step(model, before, batch)
        return logs.get(_LOSS), replace(after, metrics=None)

    return step


def _forward(model: Any) -> Callable[[TrainState, Batch], Any]:
    """Return the function from a state and a batch to the outputs, as in training."""

    def forward(before: TrainState, batch: Batch) -> Any:
        rng, state = jax.random.fold_in(before.rng, before.step), (before.params, before.state)
        with model._kerasish_bound(*state, training=True, rng=rng, position=before.step):
            return model(batch[0])

    return forward


@contextmanager
def _watched(model: Any, calls: list[Call]) -> Iterator[None]:
    """Have the layers of a model, and its optimizer, name what they compute."""
    layers = list(all_layers(model))
    for layer in layers:
        vars(layer)["call"] = _named_call(layer, calls)
    vars(model.optimizer)["_kerasish_update"] = _named_update(model.optimizer)
    try:
        yield
    finally:
        for layer in layers:
            del vars(layer)["call"]
        del vars(model.optimizer)["_kerasish_update"]


def _named_call(layer: Layer, calls: list[Call]) -> Callable[..., Any]:
    original = layer.call

    def call(*args: Any, **kwargs: Any) -> PyTree:
        scope = current_scope()
        token = f"{_OPEN}{len(calls)}{_CLOSE}"
        calls.append(Call(to_name(scope.path[1:]) if scope else layer.name, layer))
        with jax.named_scope(token):
            args, kwargs = _marked((args, kwargs), f"{token}in")
            return _marked(original(*args, **kwargs), f"{token}out")

    return call


def _named_update(optimizer: Optimizer) -> Callable[..., Any]:
    original = optimizer._kerasish_update

    def update(grads: PyTree, state: PyTree, params: Params) -> Any:
        mark = lambda path, grad: checkpoint_name(grad, f"{_GRADIENT}{keys_to_name(path)}")
        with jax.named_scope(_UPDATE):
            return original(jax.tree_util.tree_map_with_path(mark, grads), state, params)

    return update


def _marked(values: PyTree, name: str) -> Any:
    """Return values under a name; what travels beside them goes along."""

    def mark(value: object) -> Any:
        if not is_float(value):
            return value
        marked = checkpoint_name(value, name)
        copy_metadata(value, marked)
        return marked

    return jax.tree.map(mark, values)
