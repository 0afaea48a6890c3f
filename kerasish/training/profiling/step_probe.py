"""One step of a model, to be tried: compiled for any batch size, and run on copies."""

from __future__ import annotations

import statistics
import time
from contextlib import suppress
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import DataError
from kerasish.core.paths import Tree, map_tree
from kerasish.core.settings import config
from kerasish.core.tree import variable_tree, variables_with_paths
from kerasish.core.types import PyTree
from kerasish.training.checks.batch_checks import check_targets
from kerasish.training.data.batch import Batch, num_samples
from kerasish.training.data.block import Block, gather, nbytes
from kerasish.training.execution.compiled_steps import CompiledSteps
from kerasish.training.execution.engine import Engine, should_donate
from kerasish.training.execution.metric_state import advance, init_metric_state, outputs_of
from kerasish.training.execution.state import TrainState
from kerasish.training.objective.objective import Metrics
from kerasish.training.objective.outputs import flatten_outputs, match
from kerasish.training.profiling.costs import peak

__all__ = ["StepProbe"]

# Dispatches are timed for about so long, at most so many; one of short steps is so long, or
# has so many.
_SECONDS = 1.0
_MOST_RUNS = 20
_DISPATCH = 0.05
_MOST_STEPS = 1000

# In the data of a loop. With one alone, the compiler would see that all rounds have the same.
_BATCHES = 2

# The next batch size to look at is so many times larger; so often is there a next one.
_LARGER, _TRIES = 4, 4


class StepProbe:
    """A step of a model that leaves the model as it was. A context manager.

    Args:
        engine: the engine of a model that is built.
        batch: a batch to try it with; `y` may be None.

    Attributes:
        kind: `"train"`, or `"predict"` if there is nothing to minimize.
        made_up: whether targets were made up.
        optimizer_state: the state of the optimizer, abstract; None in prediction.
        kept: what a training step reads and replaces, abstract.

    Raises:
        ShapeError: if the model cannot take the inputs.
        DataError: if the targets do not fit the outputs.
    """

    def __init__(self, engine: Engine, batch: Batch) -> None:
        self.model = model = engine.model
        self._seed = engine.seed
        self.kind = "train" if _can_train(model) else "predict"
        self._params, self._state = _abstract(model, True), _abstract(model, False)
        self._first: Any = {}
        self.made_up = self.kind == "train" and batch[1] is None
        self._batch: Batch = batch if self.kind == "train" else (batch[0], None, None)
        self.optimizer_state = None
        self.kept: Any = (self._params, self._state)
        if self.kind == "train":
            self.optimizer_state = jax.eval_shape(model.optimizer._kerasish_init, self._params)
            self.kept = (*self.kept, self.optimizer_state)
        known = engine.programs
        self._donates = should_donate(nbytes(self.kept)) if known is None else known.donates
        self._programs = CompiledSteps(model, False, self._donates)
        self._metrics = model._kerasish_metrics
        self._adds_up = True

    def __enter__(self) -> StepProbe:
        """Look for mistakes; settle metrics for this batch only, if they are not settled yet."""
        if not self._metrics.resolved:
            given = self._metrics.given
            self.model._kerasish_metrics = Metrics(given["metrics"], given["weighted_metrics"])
        try:
            self._check()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Give the model its metrics back."""
        self.model._kerasish_metrics = self._metrics

    # The program.

    def traced(self, size: int) -> tuple[Any, bool]:
        """Return the program that `fit` runs for batches of a size, traced; and if in a loop."""
        leading = (_BATCHES, size) if self._adds_up else (size,)
        sized = lambda a: jax.ShapeDtypeStruct((*leading, *a.shape[1:]), a.dtype)
        data: Batch = jax.tree.map(sized, self._batch)
        block = Block(data, size=size, is_stack=True) if self._adds_up else Block(data)
        return self._programs.traced(self.kind, block, *self._arguments(self._abstract_state()))

    def peak(self, compiled: Any, size: int, in_a_loop: bool) -> int:
        """Return the bytes that a compiled program takes, with one batch of data."""
        batch = nbytes(self._batch) // num_samples(self._batch) * size
        return peak(compiled) - (_BATCHES - 1) * batch * in_a_loop

    def memory(self, size: int) -> tuple[float, float | None]:
        """Return the bytes that a step takes however few samples, and those of each sample.

        That is the line through two batch sizes. While the state has more bytes
        than what is computed, the compiler keeps the latter in the memory of
        results that are not there yet. The sizes are beyond that.
        """
        reused = 0 if self._donates or self.kind == "predict" else nbytes(self.kept)
        # A model may be made for one batch size only.
        with suppress(Exception):
            small, computed = self._memory(size)
            for _ in range(_TRIES):
                larger, more = self._memory(_LARGER * size)
                each = (larger - small) / ((_LARGER - 1) * size)
                fixed = small - each * size
                if computed >= reused:
                    break
                size, small, computed = _LARGER * size, larger, more
            return fixed, each
        return 0.0, None

    def _memory(self, size: int) -> tuple[int, int]:
        """Return the bytes that a step takes, and those of them for what lies between."""
        traced, in_a_loop = self.traced(size)
        compiled = traced.lower().compile()
        between = compiled.memory_analysis().temp_size_in_bytes
        return self.peak(compiled, size, in_a_loop), between

    def seconds(self, compiled: Any, in_a_loop: bool) -> float:
        """Run a compiled program some times, on copies; return the median seconds of a step."""
        state: PyTree = self._start(self.model._kerasish_params(), self.model._kerasish_state())
        state = jax.tree.map(jnp.copy, state)
        size = num_samples(self._batch)
        data = jax.device_put(gather(self._batch, np.arange(size)))
        if in_a_loop:
            data = jax.tree.map(lambda a: jnp.stack([a] * _BATCHES), data)
        times: list[float] = []
        steps, end = 1, time.perf_counter() + _SECONDS
        while len(times) < 3 or (len(times) < _MOST_RUNS and time.perf_counter() < end):
            # Beyond the last batch in the data, a program takes that one again.
            bounds = (np.int32(0), np.int32(steps)) if in_a_loop else ()
            began = time.perf_counter()
            found = compiled(*self._arguments(state), data, *bounds)
            jax.block_until_ready(found)
            times.append((time.perf_counter() - began) / steps)
            if self.kind == "train":
                state = found[0]
            if in_a_loop:
                steps = max(1, min(_MOST_STEPS, int(_DISPATCH / times[-1])))
        return statistics.median(times[1:])  # the first one warms up

    # What it takes.

    def _start(self, params: Tree, state: Tree) -> TrainState:
        """Return the state before a first step."""
        training = self.kind == "train"
        return TrainState(
            step=jnp.zeros((), "int32"),
            params=params,
            state=state,
            opt_state=self.model.optimizer._kerasish_init(params) if training else None,
            metrics=self._first,
            rng=config.key_of(self._seed),
        )

    def _abstract_state(self) -> PyTree:
        return jax.eval_shape(self._start, self._params, self._state)

    def _arguments(self, state: PyTree) -> tuple[Any, ...]:
        return (state, np.bool_(False)) if self.kind == "train" else (state,)

    def _check(self) -> None:
        """Follow a batch through the model abstractly, and settle what steps log."""
        model, (x, y, weight) = self.model, self._batch
        start = self._abstract_state()
        outputs = jax.eval_shape(partial(outputs_of, model), start, x)
        if self.kind == "predict":
            # Outputs that have no row for each sample are not put together in a loop.
            samples = jax.tree.leaves(x)[0].shape[:1]
            self._adds_up = all(o.shape[:1] == samples for o in jax.tree.leaves(outputs))
            return
        names = model._kerasish_output_names()
        if y is None:
            y = _made_up(model, outputs, names)
            self._batch = x, y, weight
        check_targets(self._batch, outputs, names, model._kerasish_objective)
        try:
            if not model._kerasish_metrics.resolved:
                model._kerasish_metrics.resolve(y, outputs, names)
            model._kerasish_objective.resolve(outputs, names)
            batch = Block(self._batch).shape_struct().data
            ts = self._abstract_state()
            if not model.optimizer.built:
                weights = dict(variables_with_paths(model, trainable=True))
                model.optimizer._kerasish_create_slots(weights, ts.opt_state, fill=False)
            self._first = init_metric_state(model, "train", ts, batch)
            jax.eval_shape(partial(advance, model, "train"), self._abstract_state(), batch)
        except Exception as error:
            if not self.made_up:
                raise
            raise DataError(
                "profile has no y, and targets of zeros do not fit this model; give `y`."
            ) from error


def _can_train(model: Any) -> bool:
    """Return whether there is something to minimize, or a step that knows itself."""
    own = ("compute_loss", "compute_loss_and_updates", "train_step")
    given = (loss is not None for loss in model._kerasish_objective.losses)
    return any(map(model._kerasish_overrides, own)) or any(given)


def _abstract(model: Any, trainable: bool) -> Tree:
    shaped = lambda variable: jax.ShapeDtypeStruct(variable.shape, variable.dtype)
    return map_tree(shaped, variable_tree(model, trainable))


def _made_up(model: Any, outputs: PyTree, names: list[str]) -> Any:
    """Return targets of zeros: class numbers for the losses that take them."""
    flat = flatten_outputs(outputs, names)
    found = match(model._kerasish_objective.loss, [name for name, _ in flat], "loss", spread=True)
    made = {}
    for (name, output), loss in zip(flat, found, strict=True):
        sparse = getattr(getattr(loss, "fn", None), "__name__", "").startswith("sparse_")
        shape = output.shape[:-1] if sparse else output.shape
        made[name] = np.zeros(shape, "int32" if sparse else "float32")
    return made if len(made) > 1 else next(iter(made.values()))
