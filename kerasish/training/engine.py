"""Engine: the compiled programs of a model and the state that they work on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core import config
from kerasish.core.errors import told_simply
from kerasish.core.tree import Tree, variables
from kerasish.kernels import looping
from kerasish.metrics import Mean
from kerasish.training.checks import check_targets
from kerasish.training.feed import Block
from kerasish.training.fusing import slow_in_a_loop
from kerasish.training.interrupts import undisturbed
from kerasish.training.logs import LazyLogs
from kerasish.training.pace import Pace
from kerasish.training.state import StateOwner, TrainState
from kerasish.training.step import Batch

__all__ = ["Engine"]

_mean = Mean()

# Of outputs that wait on the device to be copied out.
_HELD_BYTES = 2**25


class Engine:
    """Runs training, evaluation and prediction steps of one compiled model.

    Args:
        model: the model; see `kerasish.training.step.Trainable`.
        run_eagerly: whether to run steps operation by operation instead of
            compiling them, for debugging.

    Attributes:
        seed: what shuffling and dropout of this run depend on.
        owner: the state and who may touch it; None before the first batch.
        pace: how long steps take, and so how many to make in one dispatch.
    """

    def __init__(self, model: Any, run_eagerly: bool = False) -> None:
        self.model = model
        self.run_eagerly = run_eagerly
        self.seed = config.next_seed()
        self.owner: StateOwner | None = None
        self.pace = Pace()
        self._flags: Any = None
        self._outputs: Any = None
        self._most = 1
        self._keys: dict[str, list[str]] = {}
        self._test_metrics: dict[str, Any] = {}
        self._seen: set[Any] = set()
        self._loops: dict[Any, bool] = {}
        self._prepared: dict[Any, tuple[Any, int]] = {}
        self._make_programs()

    def _make_programs(self) -> None:
        model = self.model
        self._seen = set()
        self._loops = {}
        self._prepared = {}

        def train(ts: TrainState, batch: Batch) -> TrainState:
            return _averaged(model.train_step(ts, batch), batch)

        def test(ts: TrainState, batch: Batch) -> dict[str, Any]:
            return _averaged(model.test_step(ts, batch), batch).metrics

        def train_many(ts: TrainState, data: Batch, start: int, stop: int, size: int) -> Any:
            return _loop(train, ts, data, start, stop, size)

        def test_many(ts: TrainState, data: Batch, start: int, stop: int, size: int) -> Any:
            def body(metrics: Any, batch: Batch) -> Any:
                return test(replace(ts, metrics=metrics), batch)

            return _loop(body, ts.metrics, data, start, stop, size)

        def predict(ts: TrainState, x: Any) -> Any:
            return model.predict_step(ts, x)

        def predict_many(
            ts: TrainState, data: Batch, start: int, stop: int, size: int, most: int
        ) -> Any:
            def body(carry: Any, batch: Batch) -> Any:
                rows, outputs = carry
                found = predict(ts, batch[0])
                place = lambda all_, some: jax.lax.dynamic_update_slice_in_dim(all_, some, rows, 0)
                return rows + size, jax.tree.map(place, outputs, found)

            first = jax.tree.map(lambda a: a[:size], data[0])
            empty = lambda a: jnp.zeros((most * size, *a.shape[1:]), a.dtype)
            outputs = jax.tree.map(empty, jax.eval_shape(predict, ts, first))
            carry = jnp.zeros((), "int32"), outputs
            return _loop(body, carry, data, start, stop, size)[1]

        def pack(states: dict[str, Any]) -> Any:
            values = model.compiled_metrics.compute(states)
            values |= {k: _mean.compute(states[k]) for k in states if k not in values}
            return jnp.stack([jnp.asarray(values[k], "float32") for k in sorted(values)])

        compiled = (lambda f, **_: f) if self.run_eagerly else jax.jit
        # Only training may give its arrays away: it puts others in their place.
        self._train = compiled(train, donate_argnums=0)
        self._train_many = jax.jit(train_many, donate_argnums=0, static_argnums=4)
        self._test = compiled(test)
        self._test_many = jax.jit(test_many, static_argnums=4)
        self._predict = compiled(predict)
        self._predict_many = jax.jit(predict_many, static_argnums=(4, 5))
        self._pack = jax.jit(pack)

    # Before the first step.

    @told_simply()
    def prepare(self, batch: Batch, *, needs_loss: bool = True) -> None:
        """Build the model, take its weights over, and look for mistakes in a first batch.

        Args:
            batch: inputs, targets and weights.
            needs_loss: whether a loss will be computed (not so in `predict`).

        Raises:
            ShapeError: if the model cannot take the inputs.
            DataError: if the targets do not fit the outputs.
        """
        model = self.model
        model.ensure_built(batch[0])
        self.take_over()
        assert self.owner is not None
        key = _shapes("loss" if needs_loss else "outputs", Block(batch))
        if key in self._prepared:
            # Batches of these shapes were followed through the model before; values are new.
            self._outputs, self._most = self._prepared[key]
            if needs_loss:
                self.check(batch)
            return
        ts = self.owner.train_state
        outputs = jax.eval_shape(model.predict_step, ts, batch[0])
        self._outputs, self._most = outputs, _fitting(outputs, batch[0])
        if not needs_loss:
            self._prepared[key] = outputs, self._most
            return
        names = model.output_names
        if not model.compiled_metrics.resolved:
            model.compiled_metrics.resolve(batch[1], outputs, names)
        self.check(batch)
        if self._keys and not model.overrides("compute_loss"):
            terms = lambda y, y_pred, weight: model.objective.terms(y, y_pred, weight, names)
            jax.eval_shape(terms, batch[1], outputs, batch[2])
        if not self._keys:
            rng = jax.random.key(0)
            told = {
                "train": lambda: model.compute_loss(ts.params, ts.state, batch, rng)[1][1],
                "test": lambda: model.test_step(self._with_metrics(ts, {}), batch)[1],
            }
            if model.overrides("train_step"):
                told["train"] = lambda: model.train_step(self._with_metrics(ts, {}), batch)[1]
            for kind, function in told.items():
                found = set(jax.eval_shape(function)) - {"y_pred", "notes"}
                loss = {"loss"} if kind == "train" and not model.overrides("train_step") else set()
                self._keys[kind] = sorted(found | loss)
            self._place_metrics()
            self.reset_metrics()
        self._prepared[key] = outputs, self._most

    def check(self, batch: Batch) -> None:
        """Look at the targets of a prepared model for what no loss could be computed from.

        Raises:
            DataError: if there is something; see `check_targets`.
        """
        names = self.model.output_names
        check_targets(batch, self._outputs, names, self.model.objective)

    def _with_metrics(self, ts: TrainState, averages: dict[str, Any]) -> TrainState:
        return replace(ts, metrics=self.model.compiled_metrics.init() | averages)

    def take_over(self) -> None:
        """Become the owner of the model's weights, unless that is so already."""
        model = self.model
        flags = tuple(layer.trainable for layer in model.all_layers())
        weights = [variable for _, variable in variables(model)]
        if (
            self.owner is not None
            and flags == self._flags
            and all(v.store is self.owner for v in weights)
        ):
            return
        # Read before the owner changes: the values may live with another one.
        params, state = model.params, model.state
        # An optimizer that was used before, compiled again or not, goes on where it was.
        used = model.optimizer.iterations.store
        old = used.train_state if used is not None else None
        running = self.owner is not None and self.owner.running
        if old is None or not _same_structure(old.params, params):
            opt_state = model.optimizer.init(params)
            if old is not None and self.owner is not None:
                opt_state = opt_state._replace(step=old.opt_state.step)
        else:
            opt_state = old.opt_state
        if flags != self._flags:
            self._make_programs()  # a frozen layer may compute otherwise
        self._flags = flags
        self.owner = StateOwner(
            TrainState(
                step=jnp.zeros((), "int32") if old is None else old.step,
                params=params,
                state=state,
                opt_state=opt_state,
                metrics={} if self.owner is None else self.owner.train_state.metrics,
                rng=jax.random.key(self.seed),
            )
        )
        self.owner.borrowed = True
        self.owner.running = running
        self.owner.take_weights(model)
        self.owner.take_fields([("step", model.optimizer.iterations)])
        for name, variable in model.optimizer.numbers.items():
            self.owner.take(variable, lambda ts: ts.opt_state.hyperparams, name)
        self._place_metrics()

    def _place_metrics(self) -> None:
        assert self.owner is not None
        for name, metric, *_ in self.model.compiled_metrics.entries:
            for variable in metric.variables:
                finder = lambda ts, name=name: ts.metrics[name]
                self.owner.take(variable, finder, variable.name)

    # Steps.

    def compiles(self, kind: str, block: Block) -> bool:
        """Return whether a block is the first of its shapes, which takes a compilation."""
        key = _shapes(kind, block)
        if key in self._seen or self.run_eagerly:
            return False
        self._seen.add(key)
        return True

    def train(self, block: Block) -> None:
        """Make a training step for each batch of a block, in one dispatch if it can be."""
        assert self.owner is not None
        if self.owner.robbed:
            self.take_over()  # a model that shares weights was used in a callback
        self.owner.own()
        owner = self.owner
        if self._fuses("train", block, self._train_many, owner.train_state, *block):
            with self.pace.timed("train", block, lambda: owner.train_state.step), undisturbed():
                owner.train_state = self._train_many(owner.train_state, *block)
            return
        for batch in block.batches():
            with undisturbed():
                owner.train_state = self._train(owner.train_state, batch)

    def test(self, block: Block) -> None:
        """Evaluate the batches of a block, in one dispatch if it can be."""
        assert self.owner is not None
        ts = replace(self.owner.train_state, metrics=self._test_metrics)
        if self._fuses("test", block, self._test_many, ts, *block):
            with self.pace.timed("test", block, lambda: self._test_metrics):
                self._test_metrics = self._test_many(ts, *block)
            return
        for batch in block.batches():
            self._test_metrics = self._test(replace(ts, metrics=self._test_metrics), batch)

    def _fuses(self, kind: str, block: Block, program: Any, *args: Any) -> bool:
        """Return whether the batches of a block are best run by one program, in a loop."""
        if block.size is None or self.run_eagerly:
            return False
        key = _shapes(kind, block)
        if key not in self._loops:
            self._loops[key] = not slow_in_a_loop(program.trace(*args).jaxpr)
        return self._loops[key]

    def predict(self, block: Block) -> list[Any]:
        """Return the outputs for the inputs of a block, in one dispatch if it can be."""
        assert self.owner is not None
        ts = self.owner.train_state
        many = (*block, self._most)
        if self._most > 1 and self._fuses("predict", block, self._predict_many, ts, *many):
            with self.pace.timed("predict", block, lambda: outputs):
                outputs = self._predict_many(ts, *many)
            rows = block.steps * (block.size or 1)
            return [jax.tree.map(lambda array: array[:rows], jax.tree.map(np.asarray, outputs))]
        return [self._predict(ts, batch[0]) for batch in block.batches()]

    def room(self, kind: str) -> int:
        """Return how many steps of a kind make a good dispatch."""
        room = self.pace.room(kind)
        return min(room, self._most) if kind == "predict" else room

    # Metrics.

    def reset_metrics(self) -> None:
        """Begin a new mean of everything that training logs."""
        assert self.owner is not None
        averages = {key: _mean.init() for key in self._keys["train"]}
        self.owner.train_state.metrics = self.model.compiled_metrics.init() | averages

    def reset_test_metrics(self) -> None:
        """Begin a new mean of everything that evaluation logs."""
        averages = {key: _mean.init() for key in self._keys["test"]}
        self._test_metrics = self.model.compiled_metrics.init() | averages

    def logs(self) -> LazyLogs:
        """Return the means of training since the last reset."""
        assert self.owner is not None
        states = self.owner.train_state.metrics
        return LazyLogs(sorted(states), self._pack(states))

    def test_logs(self) -> LazyLogs:
        """Return the means of evaluation since the last reset."""
        return LazyLogs(sorted(self._test_metrics), self._pack(self._test_metrics))

    def log_order(self) -> list[str]:
        """Return the names of what `evaluate` returns, in its order."""
        rest = [key for key in self._keys["test"] if key != "loss"]
        named = [name for name, *_ in self.model.compiled_metrics.entries]
        if len(self.model.output_names) > 1:
            named.sort()
        losses = [f"{name}_loss" for name in self.model.output_names]
        rest.sort(key=lambda key: losses.index(key) if key in losses else len(losses))
        return ["loss"] * ("loss" in self._keys["test"]) + rest + named


def _shapes(kind: str, block: Block) -> Any:
    """Return what a program is compiled for."""
    shapes = tuple((x.shape, str(x.dtype)) for x in jax.tree.leaves(block.data))
    return kind, block.size, jax.tree.structure(block.data), shapes


def _loop(step: Any, carry: Any, data: Batch, start: int, stop: int, size: int) -> Any:
    """Take `step(carry, batch)` for the batches from `start` to `stop`, whatever these are.

    The bounds are known only at run time, so one compilation serves every number of steps.
    """

    def body(i: Any, carry: Any) -> Any:
        batch = jax.tree.map(lambda a: jax.lax.dynamic_slice_in_dim(a, i * size, size), data)
        return step(carry, batch)

    with looping():
        return jax.lax.fori_loop(start, stop, body, carry)


def _fitting(outputs: Any, inputs: Any) -> int:
    """Return how many batches of outputs to hold on the device; 1 if they do not add up."""
    samples = jax.tree.leaves(inputs)[0].shape[0]
    leaves = jax.tree.leaves(outputs)
    if not all(leaf.shape[:1] == (samples,) for leaf in leaves):
        return 1
    size = sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in leaves)
    return int(max(1, min(1024, _HELD_BYTES // max(size, 1))))


def _averaged(result: tuple[TrainState, dict[str, Any]], batch: Batch) -> TrainState:
    """Take the scalars of a step into the means of the epoch, by the size of the batch."""
    ts, logs = result
    size = jax.tree.leaves(batch[0])[0].shape[0]
    means = {
        key: _mean.update(ts.metrics[key], value, jnp.asarray(size, "float32"))
        for key, value in logs.items()
        if key in ts.metrics
    }
    return replace(ts, metrics=ts.metrics | means)


def _same_structure(tree: Tree, other: Tree) -> bool:
    structure: Any = jax.tree.structure(tree)
    leaves = zip(jax.tree.leaves(tree), jax.tree.leaves(other), strict=False)
    same_shapes = all(one.shape == two.shape for one, two in leaves)
    return bool(structure == jax.tree.structure(other)) and same_shapes
