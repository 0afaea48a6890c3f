"""Engine: the state of a model in training, and the steps that change it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ShapeError, filter_traceback
from kerasish.core.paths import Tree, parent_of, update_tree
from kerasish.core.settings import config
from kerasish.core.tree import variables_with_paths
from kerasish.core.types import PyTree
from kerasish.optimizers.state import merge_state, rename_weights
from kerasish.optimizers.variables import current_state, move_weights, variables_by_path
from kerasish.training.checks.batch_checks import check_inputs, check_targets
from kerasish.training.checks.ending_checks import check_ending
from kerasish.training.checks.index_checks import Lookup, check_indices, traced
from kerasish.training.data.batch import Batch
from kerasish.training.data.block import Block, nbytes
from kerasish.training.data.data_adapter import DataAdapter, WeightFn
from kerasish.training.data.memory import free_bytes
from kerasish.training.execution.compiled_steps import CompiledSteps
from kerasish.training.execution.interrupts import undisturbed
from kerasish.training.execution.keras_form import StepLogs
from kerasish.training.execution.logs import PendingLogs
from kerasish.training.execution.metric_state import init_metric_state, outputs_of, shapes_of
from kerasish.training.execution.pacing import DispatchPacer
from kerasish.training.execution.state import TrainState, TrainStateStore
from kerasish.training.execution.step_history import StepHistory
from kerasish.training.objective.class_weight import ClassWeights

__all__ = ["Engine", "should_donate"]

# A state that fits into memory as often as this need not be given away by the step that
# replaces it, and is there still if the step fails.
_COPIES = 8


class Engine:
    """Runs training, evaluation and prediction steps of one compiled model.

    Args:
        model: the model; see `kerasish.training.execution.step.Trainable`.
        run_eagerly: whether to run steps operation by operation instead of
            compiling them, for debugging.
        steps_per_execution: how many steps to make in one dispatch, if the
            engine is not to choose that itself.
        before: an engine of the same model whose programs serve this one too.
        seed: what shuffling and dropout depend on; a new one by default.

    Attributes:
        seed: what shuffling and dropout of this run depend on.
        first_step: how many steps were made before those of this engine.
        owner: the state and who may touch it; None before the first batch.
        programs: the compiled steps; None before the first batch.
        adds_up: whether the outputs have a row for each sample.
        inferences: how many batches were evaluated or predicted; what a layer draws then depends
            on it.
        past: the last steps, while somebody wants to have them explained.
    """

    def __init__(
        self,
        model: Any,
        run_eagerly: bool = False,
        steps_per_execution: int | None = None,
        before: Engine | None = None,
        seed: int | None = None,
    ) -> None:
        self.model = model
        self.run_eagerly = run_eagerly
        self.steps_per_execution = steps_per_execution
        self.seed = config.next_seed() if seed is None else seed
        self.first_step = 0
        self.owner: TrainStateStore | None = None
        self.programs: CompiledSteps | None = None if before is None else before.programs
        self._flags: Any = None if before is None else before._flags
        self.inferences = 0
        self._pace = DispatchPacer()
        self._outputs: PyTree = None
        self._lookups: list[Lookup] = []
        self.has_batch_axis = True
        self._initial_metric_state: dict[str, Any] = {}
        self._shapes: dict[str, dict[str, tuple[int, ...]]] = {}
        self._sample_batch: PyTree = None
        self._test_metrics: PyTree = None
        self._tells_of_test = False
        self._order: list[str] = []
        self._logs = PendingLogs.of({})
        self._prepared: set[Any] = set()
        self._followed: dict[Any, tuple[Any, list[Lookup]]] = {}
        self._trained: dict[tuple[str, ...], Any] = {}
        self.past: StepHistory | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what the engine of a copy of the model is made of; the model has the values."""
        made = self.first_step if self.owner is None else self.steps_made()
        kept = ("model", "run_eagerly", "steps_per_execution", "seed", "inferences")
        return {name: getattr(self, name) for name in kept} | {"first_step": made}

    def __setstate__(self, state: dict[str, Any]) -> None:
        names = ("model", "run_eagerly", "steps_per_execution", "seed")
        self.__init__(**{name: state[name] for name in names})  # type: ignore[misc]
        self.inferences, self.first_step = state["inferences"], state["first_step"]

    # Before the first step.

    @filter_traceback()
    def prepare(self, batch: Batch, *, needs_loss: bool = True, is_part: bool = False) -> PyTree:
        """Build the model, take its weights over, and look for mistakes in a first batch.

        Args:
            batch: inputs, targets and weights.
            needs_loss: whether a loss will be computed (not so in `predict`).
            is_part: whether `check` will be called on all of the data.

        Returns:
            The abstract outputs of the model for the batch.

        Raises:
            ShapeError: if the model cannot take the inputs.
            DataError: if the targets do not fit the outputs.
        """
        try:
            followed = self._follow(batch[0], needs_loss)
        except ShapeError as error:
            if self.model.built and self._takes(batch[1]):
                told = "The targets have the shape of inputs: are x and y swapped?"
                raise ShapeError(f"{error} {told}") from error
            raise
        key = needs_loss, Block(batch).signature
        # Batches of some shapes are followed through model and loss once; values are new.
        is_new = key not in self._prepared
        self._outputs, self._lookups = followed
        samples = jax.tree.leaves(batch[0])[0].shape[:1]
        self.has_batch_axis = all(
            leaf.shape[:1] == samples for leaf in jax.tree.leaves(self._outputs)
        )
        if is_new and needs_loss:
            self._prepare_loss(batch, is_part)
        elif not is_part:
            self.check(batch, needs_loss=needs_loss)
        self._prepared.add(key)
        return self._outputs

    def _follow(self, x: Any, needs_loss: bool = True) -> tuple[Any, list[Lookup]]:
        """Build the model, and return its abstract outputs for inputs, and what looks rows up."""
        model = self.model
        model._kerasish_ensure_weights(x)
        self.adopt_weights()
        if needs_loss and not model._kerasish_follows_batches:
            return None, []
        key = Block((x, None, None)).signature
        if key not in self._followed:
            outputs = partial(outputs_of, model)
            self._followed[key] = traced(outputs, model, self._inference_state(), x)
        return self._followed[key]

    def _takes(self, x: Any) -> bool:
        """Return whether a model that is built takes some inputs."""
        try:
            return x is not None and bool(self._follow(x))
        except Exception:
            return False

    def takes_samples(self, x: Any) -> bool:
        """Return whether the model takes inputs once they have a batch axis."""
        return self.model.built and self._takes(jax.tree.map(lambda array: array[None], x))

    def class_weights(self, class_weight: Mapping[int, float] | None) -> WeightFn | None:
        """Return what gives samples the weights of their classes; None if there are none.

        Raises:
            ArgumentError: if `class_weight` is no dict from class numbers to weights.
        """
        if class_weight is None:
            return None
        return ClassWeights(class_weight, lambda x: self._follow(x)[0], self.model)

    def _prepare_loss(self, batch: Batch, is_part: bool) -> None:
        model = self.model
        names = model._kerasish_output_names()
        if self._outputs is not None:
            model._kerasish_objective.resolve(self._outputs, names)
            if not model._kerasish_metrics.resolved:
                model._kerasish_metrics.resolve(batch[1], self._outputs, names)
        self.check(batch, is_whole=is_part)
        if not model._kerasish_has_own_steps:
            if not self._initial_metric_state:
                check_ending(model, batch[1], self._outputs, names)
            compute = lambda y, y_pred, weight: model._kerasish_objective.terms(
                y, y_pred, weight, names
            )
            jax.eval_shape(compute, batch[1], self._outputs, batch[2])
        if not self._initial_metric_state:
            self._sample_batch = Block(batch).shape_struct(single=True).data
            self._begin_metric_state("train")
            self._place_metrics()
            self.reset_metrics()

    def _begin_metric_state(self, kind: str) -> PyTree:
        """Return what is kept before the first step of an epoch, or of an evaluation."""
        if kind not in self._initial_metric_state:
            first = init_metric_state(self.model, kind, self._inference_state(), self._sample_batch)
            self._initial_metric_state[kind] = jax.device_put(first)
            self._shapes[kind] = shapes_of(self.model, first)
        return self._initial_metric_state[kind]

    def precompile(self, kind: str, adapter: DataAdapter) -> None:
        """Have compiled in the background what an adapter will need, once there is time."""
        assert self.programs is not None
        for block in adapter.stack_specs():
            self.programs.precompile(kind, block, *self._arguments(kind))

    def check(self, batch: Batch, *, needs_loss: bool = True, is_whole: bool = False) -> None:
        """Look at the values of data for what a prepared model can do nothing with.

        Args:
            batch: inputs, targets and weights.
            needs_loss: whether a loss will be computed.
            is_whole: whether these are all the data, so that targets of NaN are placeholders.

        Raises:
            DataError: if there is something; see `check_indices` and `check_targets`.
        """
        model = self.model
        if needs_loss and not model._kerasish_allow_nan:
            check_inputs(batch[0])
        check_indices(self._lookups, batch[0])
        if needs_loss and self._outputs is not None:
            check_targets(
                batch,
                self._outputs,
                model._kerasish_output_names(),
                model._kerasish_objective,
                allow_nan=model._kerasish_allow_nan,
                allow_placeholders=is_whole,
            )

    def adopt_weights(self) -> None:
        """Become the owner of the model's weights, unless that is so already."""
        model = self.model
        layers: list[Any] = []
        found = list(variables_with_paths(model, visited=layers))
        weights = [variable for _, variable in found]
        paths = tuple(path for path, _ in found)
        flags: Any = [each.trainable for each in (*layers, *weights)]
        flags = (paths, *flags, model.optimizer._kerasish_settings())
        if (
            self.owner is not None
            and flags == self._flags
            and all(v.store is self.owner for v in weights)
        ):
            return
        # Read before the owner changes: the values may live with another one.
        params, state = model._kerasish_params(), model._kerasish_state()
        # An optimizer that was used before, compiled again or not, goes on where it was, with
        # what it keeps for the weights that still train.
        optimizer = model.optimizer
        used = optimizer._kerasish_iteration.store
        old = used.train_state if used is not None else None
        running = self.owner is not None and self.owner.running
        trained = dict(variables_with_paths(model, trainable=True))
        moves = move_weights(optimizer, trained)
        before = current_state(optimizer) if old is None else rename_weights(old.opt_state, moves)
        opt_state = merge_state(optimizer._kerasish_init(params), before)
        ts = TrainState(
            step=jax.device_put(np.int32(self.first_step)) if old is None else old.step,
            params=params,
            state=state,
            opt_state=jax.device_put(opt_state),
            metrics={} if self.owner is None else self.owner.train_state.metrics,
            rng=config.key_of(self.seed),
        )
        if self.programs is None or flags != self._flags:
            # A frozen layer may compute otherwise.
            donates = should_donate(nbytes((params, state, opt_state)))
            self.programs = CompiledSteps(model, self.run_eagerly, donates)
            self._prepared, self._followed = set(), {}
        if self.owner is not None and self._flags[0] != paths:
            # Layers were renamed, and so may be what the logs call by their names.
            self._initial_metric_state, self._shapes, self._order = {}, {}, []
            model._kerasish_metrics.resolved = False
        self._flags = flags
        self.owner = TrainStateStore(ts, self.programs.donates)
        self.owner.aliased = True
        self.owner.running = running
        self.owner.adopt_weights(model)
        self._trained = trained
        optimizer._kerasish_create_slots(self._trained, opt_state, fill=False)
        for address, variable in variables_by_path(optimizer).items():
            find = lambda ts, address=address: parent_of(ts.opt_state, address)
            self.owner.adopt(variable, find, address[-1])
        self._place_metrics()

    def _place_metrics(self) -> None:
        """Have the variables of metrics stand for what the steps keep of an epoch."""
        assert self.owner is not None
        if not self._initial_metric_state:
            return
        if isinstance(self._initial_metric_state["train"], StepLogs):
            for i, variable in enumerate(self.model.metrics_variables):
                self.owner.adopt(variable, lambda ts: self._records(ts).variables, i)
            return
        trackers = [(tracker.name, tracker) for tracker in self.model._kerasish_objective.trackers]
        compiled = [entry[:2] for entry in self.model._kerasish_metrics.entries]
        for name, metric in trackers + compiled:
            for variable in metric.variables:
                finder = lambda ts, name=name: self._records(ts)[name]
                self.owner.adopt(variable, finder, variable.name)

    def _records(self, ts: TrainState) -> PyTree:
        """Return what is kept of the epoch or evaluation that was last."""
        return self._test_metrics if self._tells_of_test else ts.metrics

    # Steps.

    def needs_compile(self, kind: str, block: Block) -> bool:
        """Return whether a block is the first of its shapes, which takes a compilation."""
        assert self.programs is not None
        return not self.programs.is_compiled(kind, block)

    def steps_per_dispatch(self, kind: str) -> int:
        """Return how many steps of a kind make a good dispatch."""
        return self.steps_per_execution or self._pace.steps_per_dispatch(kind)

    def begin_training(self) -> None:
        """Begin to train: make sure that nobody else holds what steps may give away."""
        assert self.owner is not None
        self.owner.ensure_unaliased()
        self.owner.running = True

    def finalize_weights(self) -> None:
        """Give the weights the values that the optimizer ends with: averages, if it has any."""
        self.model.optimizer.finalize_variable_values(list(self._trained.values()))

    def end_training(self) -> None:
        """End training, in peace or not: nothing is under way any more."""
        assert self.owner is not None and self.programs is not None
        self.drain()
        self.programs.cancel_pending()
        self.owner.running = False
        self.past = None

    def block_until_ready(self) -> None:
        """Wait until all steps are made; if one fails, the state is that of the last that was."""
        self._pace.block_until_ready()

    def steps_made(self) -> int:
        """Return how many training steps the model has made."""
        assert self.owner is not None
        return int(self.owner.train_state.step)

    def drain(self) -> None:
        """Wait until nothing is under way, after an exception that was told already."""
        with suppress(Exception):
            self.block_until_ready()

    def train(self, block: Block, guarded: bool = False) -> None:
        """Make a training step for each batch of a block, in one dispatch if it can be.

        Args:
            block: the batches.
            guarded: whether to make no more steps once the loss is not finite.
        """
        assert self.owner is not None and self.programs is not None
        if self.owner.stale:
            self.adopt_weights()  # a model that shares weights was used in a callback
        owner = self.owner
        owner.ensure_unaliased()
        guard = np.bool_(guarded)
        for part in self.programs.split_for_dispatch("train", block, owner.train_state, guard):
            if guarded and part.size is None:
                self.block_until_ready()
                if not np.isfinite(self.logs().get("loss", 0)):
                    return
            if self.past is not None:
                self.past.note(owner.snapshot(), part)
            before, began = owner.train_state, time.perf_counter()
            # A state that was given away must be replaced, whatever comes between.
            with undisturbed() if owner.donates else nullcontext(), owner.lock:
                owner.train_state, packed = self.programs.run("train", part, before, guard)
            self._logs = PendingLogs(self._shapes["train"], packed)
            self._pace.record_dispatch(
                "train", part.steps, packed, began, _restoring(owner, before)
            )

    def test(self, block: Block) -> None:
        """Evaluate the batches of a block, in one dispatch if it can be."""
        assert self.programs is not None
        for part in self.programs.split_for_dispatch("test", block, *self._arguments("test")):
            began = time.perf_counter()
            found = self.programs.run("test", part, self._inference_state(), self._test_metrics)
            self._test_metrics, packed, assigned = found
            restore = self._keep(assigned, part.steps)
            self._logs = PendingLogs(self._shapes["test"], packed)
            self._pace.record_dispatch("test", part.steps, packed, began, restore)

    def predict(self, block: Block) -> list[tuple[Any, int | None]]:
        """Compute the outputs for the inputs of a block.

        Returns:
            Outputs on the device, with the number of rows that count, since there may be more;
            None if the outputs have no row for each sample.
        """
        assert self.programs is not None
        found = []
        for whole in [block] if self.has_batch_axis else block.batches():
            for part in self.programs.split_for_dispatch("predict", whole, self._inference_state()):
                began = time.perf_counter()
                outputs, assigned = self.programs.run("predict", part, self._inference_state())
                restore = self._keep(assigned, part.steps)
                self._pace.record_dispatch("predict", part.steps, outputs, began, restore)
                found.append((outputs, part.samples if self.has_batch_axis else None))
        return found

    def _keep(self, assigned: Tree, steps: int) -> Callable[[], None]:
        """Take over what `call` has assigned in evaluation or prediction.

        Args:
            assigned: that part of the state.
            steps: how many batches there were.

        Returns:
            What undoes it, if the device fails.
        """
        self.inferences += steps
        owner = self.owner
        assert owner is not None
        before = owner.train_state
        if assigned:
            with owner.lock:
                owner.train_state = replace(before, state=update_tree(before.state, assigned))
        return _restoring(owner, before)

    def _inference_state(self) -> TrainState:
        """Return what evaluation and prediction need of the state, in one structure always."""
        assert self.owner is not None
        count: Any = np.int32(self.inferences)
        return replace(self.owner.train_state, step=count, metrics={})

    def _arguments(self, kind: str) -> tuple[Any, ...]:
        """Return what the programs of a kind take before the data."""
        assert self.owner is not None
        if kind == "train":
            return self.owner.train_state, np.bool_(False)
        return self._inference_state(), self._begin_metric_state("test")

    # Metrics.

    def reset_metrics(self) -> None:
        """Begin a new mean of everything that training logs."""
        assert self.owner is not None
        self._logs, self._tells_of_test = PendingLogs.of({}), False
        again = jnp.copy if self.owner.donates else lambda x: x
        self.owner.train_state.metrics = jax.tree.map(again, self._initial_metric_state["train"])

    def restore_logs(self, logs: dict[str, float]) -> None:
        """Take these for the means since the last reset, which was before a resume."""
        self._logs, self._tells_of_test = PendingLogs.of(logs), False

    def reset_test_metrics(self) -> None:
        """Begin a new mean of everything that evaluation logs."""
        self._logs, self._tells_of_test = PendingLogs.of({}), True
        self._test_metrics = jax.tree.map(lambda x: x, self._begin_metric_state("test"))

    def pending_logs(self) -> PendingLogs:
        """Return the means since the last reset, of training or evaluation, as it is under way."""
        return self._logs

    def logs(self) -> dict[str, Any]:
        """Wait for these means and return them."""
        return self._logs.read()

    def log_names(self, kind: str) -> list[str]:
        """Return the names that steps of a kind, `"train"` or `"test"`, log."""
        self._begin_metric_state(kind)
        return list(self._shapes[kind])

    def log_order(self) -> list[str]:
        """Return the names of what `evaluate` returns, in its order."""
        if self._order:
            return self._order
        self._begin_metric_state("test")
        model, told = self.model, list(self._shapes["test"])
        compiled = [name for name, *_ in model._kerasish_metrics.entries]
        order: list[str] = []
        for metric in model.metrics:
            if metric is not model._kerasish_metrics:
                order.append(metric.name)
            elif (
                len(model._kerasish_output_names()) <= 1
            ):  # those of several outputs come last, sorted
                order += compiled
        self._order = [name for name in order if name in told]
        self._order += [name for name in told if name not in order]
        return self._order


def should_donate(state_bytes: int) -> bool:
    """Return whether a state of so many bytes is given away by the step that replaces it."""
    return state_bytes * _COPIES > free_bytes()


def _restoring(owner: TrainStateStore, before: TrainState) -> Callable[[], None]:
    """Return what puts a state back, if its arrays were not given away."""

    def restore() -> None:
        if not owner.donates:
            owner.train_state = before

    return restore
