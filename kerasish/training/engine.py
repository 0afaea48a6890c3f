"""Engine: the state of a model in training, and the steps that change it."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core import config
from kerasish.core.errors import told_simply
from kerasish.core.tree import Tree, variables
from kerasish.training.block import Block, nbytes
from kerasish.training.checks import check_targets
from kerasish.training.data import Batch
from kerasish.training.feed import Feed
from kerasish.training.interrupts import undisturbed
from kerasish.training.logs import LazyLogs
from kerasish.training.memory import free_bytes
from kerasish.training.pace import Pace
from kerasish.training.programs import Programs, mean
from kerasish.training.state import StateOwner, TrainState

__all__ = ["Engine", "is_tight"]

# A state that fits into memory as often as this need not be given away by the step that
# replaces it, and is there still if the step fails.
_COPIES = 8

# What a model may have its own form of.
_STEPS = ("compute_loss", "train_step", "test_step")


class Engine:
    """Runs training, evaluation and prediction steps of one compiled model.

    Args:
        model: the model; see `kerasish.training.step.Trainable`.
        run_eagerly: whether to run steps operation by operation instead of
            compiling them, for debugging.
        steps_per_execution: how many steps to make in one dispatch, if the
            engine is not to choose that itself.
        before: an engine of the same model whose programs serve this one too.

    Attributes:
        seed: what shuffling and dropout of this run depend on.
        owner: the state and who may touch it; None before the first batch.
        programs: the compiled steps; None before the first batch.
        adds_up: whether the outputs have a row for each sample.
    """

    def __init__(
        self,
        model: Any,
        run_eagerly: bool = False,
        steps_per_execution: int | None = None,
        before: Engine | None = None,
    ) -> None:
        self.model = model
        self.run_eagerly = run_eagerly
        self.steps_per_execution = steps_per_execution
        self.seed = config.next_seed()
        self.owner: StateOwner | None = None
        self.programs: Programs | None = None if before is None else before.programs
        self._flags: Any = None if before is None else before._flags
        self._pace = Pace()
        self._outputs: Any = None
        self.adds_up = True
        self._keys: dict[str, list[str]] = {}
        self._fresh: dict[str, dict[str, Any]] = {}
        self._test_metrics: dict[str, Any] = {}
        self._logs: MutableMapping[str, float] = {}
        self._prepared: dict[Any, Any] = {}

    # Before the first step.

    @told_simply()
    def prepare(self, batch: Batch, *, needs_loss: bool = True) -> Any:
        """Build the model, take its weights over, and look for mistakes in a first batch.

        Args:
            batch: inputs, targets and weights.
            needs_loss: whether a loss will be computed (not so in `predict`).

        Returns:
            The abstract outputs of the model for the batch.

        Raises:
            ShapeError: if the model cannot take the inputs.
            DataError: if the targets do not fit the outputs.
        """
        model = self.model
        model.ensure_built(batch[0])
        self.take_over()
        assert self.owner is not None
        key = needs_loss, Block(batch).shapes
        if key in self._prepared:
            # Batches of these shapes were followed through the model before; values are new.
            self._outputs, self.adds_up = self._prepared[key]
            if needs_loss:
                self.check(batch)
            return self._outputs
        self._outputs = jax.eval_shape(model.predict_step, self._inference_state(), batch[0])
        samples = jax.tree.leaves(batch[0])[0].shape[:1]
        self.adds_up = all(leaf.shape[:1] == samples for leaf in jax.tree.leaves(self._outputs))
        if needs_loss:
            self._prepare_loss(batch)
        self._prepared[key] = self._outputs, self.adds_up
        return self._outputs

    def _prepare_loss(self, batch: Batch) -> None:
        model = self.model
        names = model.output_names
        if not model.compiled_metrics.resolved:
            model.compiled_metrics.resolve(batch[1], self._outputs, names)
        self.check(batch)
        own = [name for name in _STEPS if model.overrides(name)]
        terms: dict[str, Any] = {}
        if "compute_loss" not in own:
            compute = lambda y, y_pred, weight: model.objective.terms(y, y_pred, weight, names)
            terms = jax.eval_shape(compute, batch[1], self._outputs, batch[2])
        if not self._keys:
            if own or not (terms or model.losses):
                self._keys = self._logged(batch, own)
            else:
                each = [f"{name}_loss" for name in terms] if len(terms) > 1 else []
                self._keys = dict.fromkeys(("train", "test"), sorted(["loss", *each]))
            self._fresh = {kind: self._first_metrics(kind) for kind in self._keys}
            self._place_metrics()
            self.reset_metrics()

    def _logged(self, batch: Batch, own: list[str]) -> dict[str, list[str]]:
        """Return the names of the scalars that steps log, by the kind of step.

        Args:
            batch: a batch to follow through the model.
            own: the steps that the model has its own form of.
        """
        model, ts = self.model, self._inference_state()
        rng = config.key_of(0)
        loss = lambda: {"loss": 0} | model.compute_loss(ts.params, ts.state, batch, rng)[1][1]
        told = {"train": loss}
        with_metrics = replace(ts, metrics=model.compiled_metrics.init())
        if "train_step" in own:
            told["train"] = lambda: model.train_step(with_metrics, batch)[1]
        if own:
            told["test"] = lambda: model.test_step(with_metrics, batch)[1]
        logged = {
            kind: sorted(set(jax.eval_shape(function)) - {"y_pred", "notes"})
            for kind, function in told.items()
        }
        return {"test": logged["train"]} | logged

    def _first_metrics(self, kind: str) -> dict[str, Any]:
        means = {name: mean.init() for name in self._keys[kind]}
        return jax.device_put(self.model.compiled_metrics.init() | means)  # type: ignore[no-any-return]

    def expect(self, kind: str, feed: Feed) -> None:
        """Have compiled in the background what a feed will need, once there is time."""
        assert self.programs is not None
        for block in feed.shapes():
            self.programs.expect(kind, block, *self._arguments(kind))

    def check(self, batch: Batch) -> None:
        """Look at the targets of a prepared model for what no loss could be computed from.

        Raises:
            DataError: if there is something; see `check_targets`.
        """
        names = self.model.output_names
        check_targets(batch, self._outputs, names, self.model.objective)

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
        ts = TrainState(
            step=jax.device_put(np.zeros((), "int32")) if old is None else old.step,
            params=params,
            state=state,
            opt_state=jax.device_put(opt_state),
            metrics={} if self.owner is None else self.owner.train_state.metrics,
            rng=config.key_of(self.seed),
        )
        if self.programs is None or flags != self._flags:
            # A frozen layer may compute otherwise.
            gives_away = is_tight(nbytes((params, state, opt_state)))
            self.programs = Programs(model, self.run_eagerly, gives_away)
            self._prepared = {}
        self._flags = flags
        self.owner = StateOwner(ts, self.programs.gives_away)
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
        assert self.programs is not None
        return not self.programs.is_compiled(kind, block)

    def room(self, kind: str) -> int:
        """Return how many steps of a kind make a good dispatch."""
        return self.steps_per_execution or self._pace.room(kind)

    def enter(self) -> None:
        """Begin to train: make sure that nobody else holds what steps may give away."""
        assert self.owner is not None
        self.owner.own()
        self.owner.running = True

    def leave(self) -> None:
        """End training, in peace or not: nothing is under way any more."""
        assert self.owner is not None and self.programs is not None
        self.calm()
        self.programs.rest()
        self.owner.running = False

    def settle(self) -> None:
        """Wait until all steps are made; if one fails, the state is that of the last that was."""
        self._pace.settle()

    def steps_made(self) -> int:
        """Return how many training steps the model has made."""
        assert self.owner is not None
        return int(self.owner.train_state.step)

    def calm(self) -> None:
        """Wait until nothing is under way, after an exception that was told already."""
        with suppress(Exception):
            self.settle()

    def train(self, block: Block, guarded: bool = False) -> None:
        """Make a training step for each batch of a block, in one dispatch if it can be.

        Args:
            block: the batches.
            guarded: whether to make no more steps once the loss is not finite.
        """
        assert self.owner is not None and self.programs is not None
        if self.owner.robbed:
            self.take_over()  # a model that shares weights was used in a callback
        owner = self.owner
        owner.own()
        guard = np.bool_(guarded)
        for part in self.programs.parts("train", block, owner.train_state, guard):
            part = part.sent()
            before, began = owner.train_state, time.perf_counter()
            # A state that was given away must be replaced, whatever comes between.
            with undisturbed() if owner.gives_away else nullcontext(), owner.lock:
                owner.train_state, packed = self.programs.run("train", part, before, guard)
            self._logs = LazyLogs(sorted(self._fresh["train"]), packed)
            self._pace.sent("train", part.steps, packed, began, _restoring(owner, before))
            if guarded and part.size is None:
                self.settle()
                if not np.isfinite(self._logs.get("loss", 0)):
                    return

    def test(self, block: Block) -> None:
        """Evaluate the batches of a block, in one dispatch if it can be."""
        assert self.programs is not None
        ts = self._inference_state()
        for part in self.programs.parts("test", block, ts, self._test_metrics):
            part = part.sent()
            began = time.perf_counter()
            found = self.programs.run("test", part, ts, self._test_metrics)
            self._test_metrics, packed = found
            self._logs = LazyLogs(sorted(self._test_metrics), packed)
            self._pace.sent("test", part.steps, packed, began)

    def predict(self, block: Block) -> list[tuple[Any, int | None]]:
        """Compute the outputs for the inputs of a block.

        Returns:
            Outputs on the device, with the number of rows that count, since there may be more;
            None if the outputs have no row for each sample.
        """
        assert self.programs is not None
        ts = self._inference_state()
        found = []
        for whole in [block] if self.adds_up else block.alone():
            for part in self.programs.parts("predict", whole, ts):
                part = part.sent()
                began = time.perf_counter()
                outputs = self.programs.run("predict", part, ts)
                self._pace.sent("predict", part.steps, outputs, began)
                found.append((outputs, part.samples if self.adds_up else None))
        return found

    def _inference_state(self) -> TrainState:
        """Return what evaluation and prediction need of the state, in one structure always."""
        assert self.owner is not None
        return replace(self.owner.train_state, metrics={})

    def _arguments(self, kind: str) -> tuple[Any, ...]:
        """Return what the programs of a kind take before the data."""
        assert self.owner is not None
        if kind == "train":
            return self.owner.train_state, np.bool_(False)
        return self._inference_state(), self._fresh["test"]

    # Metrics.

    def reset_metrics(self) -> None:
        """Begin a new mean of everything that training logs."""
        assert self.owner is not None
        self._logs = {}
        again = jnp.copy if self.owner.gives_away else lambda x: x
        self.owner.train_state.metrics = jax.tree.map(again, self._fresh["train"])

    def reset_test_metrics(self) -> None:
        """Begin a new mean of everything that evaluation logs."""
        self._logs = {}
        self._test_metrics = self._fresh["test"]

    def logs(self) -> Any:
        """Return the means since the last reset, of training or evaluation, as it is under way."""
        return self._logs

    def log_order(self) -> list[str]:
        """Return the names of what `evaluate` returns, in its order."""
        rest = [key for key in self._keys["test"] if key != "loss"]
        named = [name for name, *_ in self.model.compiled_metrics.entries]
        if len(self.model.output_names) > 1:
            named.sort()
        losses = [f"{name}_loss" for name in self.model.output_names]
        rest.sort(key=lambda key: losses.index(key) if key in losses else len(losses))
        return ["loss"] * ("loss" in self._keys["test"]) + rest + named


def is_tight(state_bytes: int) -> bool:
    """Return whether a state of so many bytes is given away by the step that replaces it."""
    return state_bytes * _COPIES > free_bytes()


def _restoring(owner: StateOwner, before: TrainState) -> Callable[[], None]:
    """Return what puts a state back, if its arrays were not given away."""

    def restore() -> None:
        if not owner.gives_away:
            owner.train_state = before

    return restore


def _same_structure(tree: Tree, other: Tree) -> bool:
    structure: Any = jax.tree.structure(tree)
    leaves = zip(jax.tree.leaves(tree), jax.tree.leaves(other), strict=False)
    same_shapes = all(one.shape == two.shape for one, two in leaves)
    return bool(structure == jax.tree.structure(other)) and same_shapes
