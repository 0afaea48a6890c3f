"""The compiled programs of a model: a step alone, and many steps in a loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.paths import Tree, changed_leaves, select_like, structure_of, update_tree
from kerasish.core.types import PyTree
from kerasish.kernels import looping
from kerasish.training.data.batch import Batch
from kerasish.training.data.block import Block
from kerasish.training.execution.fusing import prefers_single_steps
from kerasish.training.execution.metric_state import advance, is_finite, packed, predicted
from kerasish.training.execution.state import TrainState

__all__ = ["CompiledSteps"]


class CompiledSteps:
    """The steps of a model, compiled once for each shape of data.

    Each program takes what it works on and the data of a block:

    - `"train"`: a TrainState and whether to stop at a loss that is not finite;
      gives a TrainState and the logs, packed into one array.
    - `"test"`: a TrainState and the states of the metrics; gives such states, the logs, and the
      part of the model's state that `call` has assigned.
    - `"predict"`: a TrainState; gives the outputs for the batches of the block, and that part.

    For the last two the step of the TrainState counts the batches that were not trained on.

    Args:
        model: the model; see `kerasish.training.execution.step.Trainable`.
        run_eagerly: whether to run steps operation by operation, for debugging.
        donates: whether training may use the memory of the old state for the new one.
    """

    def __init__(self, model: Any, run_eagerly: bool, donates: bool) -> None:
        self.run_eagerly = run_eagerly
        self.donates = donates
        self._fused: dict[Any, bool] = {}
        self._expected: dict[Any, Callable[[], None]] = {}
        self._coming: dict[Any, Future[None]] = {}
        self._worker: ThreadPoolExecutor | None = None
        alone: dict[str, Any] = _single_step(model)
        given = {"train": (0,)} if donates else {}
        if not run_eagerly:
            for kind, function in alone.items():
                alone[kind] = jax.jit(function, donate_argnums=given.get(kind, ()))
        self._single_step = alone
        self._fused_steps: dict[str, Any] = {
            kind: jax.jit(function, static_argnames="is_stack", donate_argnums=given.get(kind, ()))
            for kind, function in _fused_steps(model).items()
        }

    def run(self, kind: str, block: Block, *args: Any) -> Any:
        """Run the program for a block that `parts` returned."""
        if block.size is None:
            return self._single_step[kind](*args, block.data)
        start, stop = np.int32(block.start), np.int32(block.stop)
        return self._fused_steps[kind](*args, block.data, start, stop, is_stack=block.is_stack)

    def split_for_dispatch(self, kind: str, block: Block, *args: Any) -> list[Block]:
        """Return a block as blocks that can be run: whole, or batch by batch.

        The programs are compiled when this returns.

        Args:
            kind: the kind of step.
            block: the batches.
            *args: what the program takes before the data, arrays or abstract.
        """
        if self.run_eagerly:
            return list(block.batches())
        self.compile(kind, block, *args)
        return [block] if self._fused[kind, block.signature] else list(block.batches())

    # Compiling.

    def is_compiled(self, kind: str, block: Block) -> bool:
        """Return whether nothing has to be compiled for a block."""
        return self.run_eagerly or (kind, block.signature) in self._fused

    def compile(self, kind: str, block: Block, *args: Any) -> None:
        """Compile what a block needs, or wait for it if that is under way."""
        key = kind, block.signature
        if key in self._fused:
            return
        self._expected.pop(key, None)
        coming = self._coming.pop(key, None)
        if coming is None or coming.cancel():
            self._compile(key, block.shape_struct(), args)
        else:
            coming.result()

    def precompile(self, kind: str, block: Block, *args: Any) -> None:
        """Have compiled in the background what an abstract block will need.

        That begins as soon as the first program is traced, which is awaited.
        """
        key = kind, block.signature
        if not (self.run_eagerly or key in self._fused or key in self._coming):
            self._expected[key] = partial(self._compile, key, block, jax.tree.map(_abstract, args))

    def cancel_pending(self) -> None:
        """Compile nothing in the background any more."""
        self._expected = {}
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
            self._worker = None
        self._coming = {key: each for key, each in self._coming.items() if not each.cancelled()}

    def traced(self, kind: str, block: Block, *args: Any) -> tuple[Any, bool]:
        """Trace the program that `run` runs for an abstract block; not with `run_eagerly`.

        Returns:
            The traced program, and whether it makes the steps of the block in one loop.
        """
        if block.size is not None:
            bound = jax.ShapeDtypeStruct((), "int32")
            traced = self._fused_steps[kind].trace(
                *args, block.data, bound, bound, is_stack=block.is_stack
            )
            if not prefers_single_steps(traced.jaxpr):
                return traced, True
        return self._single_step[kind].trace(*args, block.shape_struct(single=True).data), False

    def _compile(self, key: tuple[str, Any], block: Block, args: tuple[Any, ...]) -> None:
        """Compile for an abstract block.

        The call finds what was compiled here, since it makes the same key of its arguments.
        """
        traced, fused = self.traced(key[0], block, *args)
        lowered = traced.lower()
        self._begin_expected()  # while this one keeps another core busy
        lowered.compile()
        self._fused[key] = fused

    def _begin_expected(self) -> None:
        expected, self._expected = self._expected, {}
        if expected and self._worker is None:
            self._worker = ThreadPoolExecutor(1, "kerasish-compile")
        for key, work in expected.items():
            assert self._worker is not None
            self._coming[key] = self._worker.submit(work)


def _single_step(model: Any) -> dict[str, Callable[..., Any]]:
    """Return the programs that make one step."""

    def train(ts: TrainState, guarded: Any, batch: Batch) -> Any:
        ts = advance(model, "train", ts, batch)
        return ts, packed(model, ts.metrics)

    def test(ts: TrainState, metrics: object, batch: Batch) -> Any:
        after = advance(model, "test", replace(ts, metrics=metrics), batch)
        return after.metrics, packed(model, after.metrics), changed_leaves(ts.state, after.state)

    def predict(ts: TrainState, batch: Batch) -> PyTree:
        outputs, after = predicted(model, ts, batch[0])
        return outputs, changed_leaves(ts.state, after.state)

    return {"train": train, "test": test, "predict": predict}


def _fused_steps(model: Any) -> dict[str, Callable[..., Any]]:
    """Return the programs that make the steps from `start` to `stop`."""

    def train_many(
        ts: TrainState, guarded: Any, data: Batch, start: Any, stop: Any, is_stack: bool
    ) -> Any:
        def body(ts: TrainState, batch: Batch) -> TrainState:
            return advance(model, "train", ts, batch)

        going = lambda ts: jnp.logical_not(guarded) | is_finite(ts.metrics)
        ts = _loop(body, ts, data, start, stop, is_stack, going)
        return ts, packed(model, ts.metrics)

    def test_many(
        ts: TrainState, metrics: object, data: Batch, start: Any, stop: Any, is_stack: bool
    ) -> Any:
        assigned: list[Tree] = [{}]

        def body(carry: PyTree, batch: Batch) -> Any:
            metrics, step, own = carry
            before = replace(ts, metrics=metrics, step=step, state=update_tree(ts.state, own))
            after = advance(model, "test", before, batch)
            assigned.append(changed_leaves(ts.state, after.state))
            return after.metrics, after.step, select_like(after.state, own)

        while True:
            # Nearly all models assign nothing here: those that do are followed a second time.
            own = assigned[-1]
            first = metrics, ts.step, select_like(ts.state, own)
            after, _, state = _loop(body, first, data, start, stop, is_stack)
            if structure_of(assigned[-1]) == structure_of(own):
                return after, packed(model, after), state

    def predict_many(ts: TrainState, data: Batch, start: Any, stop: Any, is_stack: bool) -> Any:
        stack = _as_stack(data, is_stack)

        def body(carry: PyTree, batch: Batch) -> Any:
            index, outputs, step, own = carry
            before = replace(ts, step=step, state=update_tree(ts.state, own))
            found, after = predicted(model, before, batch[0])
            place = lambda all_, one: jax.lax.dynamic_update_index_in_dim(all_, one, index, 0)
            outputs = jax.tree.map(place, outputs, found)
            return index + 1, outputs, after.step, select_like(after.state, own)

        one = jax.tree.map(lambda a: a[0], stack)
        shapes, assigned = jax.eval_shape(_single_step(model)["predict"], ts, one)
        batches = jax.tree.leaves(stack)[0].shape[0]
        empty = lambda a: jnp.zeros((batches, *a.shape), a.dtype)
        outputs = jax.tree.map(empty, shapes)
        first = jnp.zeros((), "int32"), outputs, ts.step, select_like(ts.state, assigned)
        _, outputs, _, state = _loop(body, first, stack, start, stop, is_stack=True)
        rows = lambda a: a.reshape(batches * a.shape[1], *a.shape[2:])
        return jax.tree.map(rows, outputs), state

    return {"train": train_many, "test": test_many, "predict": predict_many}


def _as_stack(data: Batch, is_stack: bool) -> Batch:
    """Return data as a stack, `(batches, size, ...)`; a single batch is a stack of one."""
    stack: Batch = data if is_stack else jax.tree.map(lambda a: a[None], data)
    return stack


def _loop(
    step: Callable[..., Any],
    carry: PyTree,
    data: Batch,
    start: Any,
    stop: Any,
    is_stack: bool,
    going: Callable[[Any], Any] = lambda carry: True,
) -> Any:
    """Take `step(carry, batch)` for the batches from `start` to `stop`, while it is `going`.

    The bounds are known only at run time, so one compilation serves every number of steps.
    """
    stack = _as_stack(data, is_stack)

    def body(numbered: tuple[Any, Any]) -> tuple[Any, Any]:
        i, carry = numbered
        batch = jax.tree.map(lambda a: jax.lax.dynamic_index_in_dim(a, i, keepdims=False), stack)
        return i + 1, step(carry, batch)

    with looping():
        condition = lambda numbered: (numbered[0] < stop) & going(numbered[1])
        return jax.lax.while_loop(condition, body, (start, carry))[1]


def _abstract(x: Any) -> PyTree:
    weak = getattr(x, "weak_type", False)
    return jax.ShapeDtypeStruct(x.shape, x.dtype, weak_type=weak) if hasattr(x, "shape") else x
