"""Evaluation, and validation at the end of epochs and within them."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Protocol, cast

from kerasish.callbacks import Callback
from kerasish.callbacks.run import CallbackRun
from kerasish.core.errors import DataError
from kerasish.core.types import Logs
from kerasish.training.data.block import Block
from kerasish.training.data.data_adapter import CheckFn, DataAdapter
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.data.iterable_adapter import IterableAdapter
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.logs import PendingLogs
from kerasish.training.loops.callback_runner import CallbackRunner
from kerasish.training.loops.steps import run_steps

__all__ = ["Validation", "evaluate_batches"]


class _RunWithRunner(CallbackRun, Protocol):
    """What validation needs of a run: its callbacks."""

    runner: CallbackRunner


def evaluate_batches(
    engine: Engine,
    runner: CallbackRunner,
    adapter: DataAdapter,
    steps: int | None,
    *,
    check: CheckFn | None = None,
    to_the_end: bool = True,
) -> Logs:
    """Evaluate the batches of an adapter and return the logs.

    Args:
        engine: the engine of the model.
        runner: the callbacks.
        adapter: the data.
        steps: the number of batches; None for all.
        check: called with each batch whose values were not known before.
        to_the_end: whether to go on when the machine is about to be taken away.

    Raises:
        DataError: if there are no batches.
    """

    def step(block: Block) -> PendingLogs:
        engine.test(block)
        return engine.pending_logs()

    runner.callbacks.call("on_test_begin", {})
    engine.reset_test_metrics()
    has_batches = False
    with closing(EpochIterator(adapter, steps, check=check)) as iterator:
        iterator.begin_epoch(0)
        for _ in run_steps("test", iterator, runner, step):
            has_batches = True
            if runner.preempted and not to_the_end:
                break
    runner.end_pass("test")
    if not has_batches:
        raise DataError(
            "The data to evaluate had no batches. A generator can be read only once; give an "
            "object with `__len__` and `__getitem__` to evaluate it again."
        )
    logs = dict(engine.logs())
    runner.callbacks.call("on_test_end", logs)
    return logs


class Validation(Callback):
    """Evaluates the model at the end of epochs, and within them after some batches or some time.

    It is called before the callbacks of the user, which find its results in their logs.

    Args:
        engine: the engine of the model.
        adapter: the data; None for no validation.
        steps: the number of batches; None for all.
        freq: after how many epochs, or in which epochs, counted from 1.
        batch_interval: after how many training batches, or how much time; None for not within
            epochs.
        check: called with each batch whose values were not known before.
    """

    def __init__(
        self,
        engine: Engine,
        adapter: DataAdapter | None,
        steps: int | None,
        freq: int | Sequence[int],
        batch_interval: int | timedelta | None,
        check: CheckFn | None = None,
    ) -> None:
        super().__init__()
        self.engine = engine
        self.adapter = adapter
        self.steps = steps
        self.freq = freq
        self.batch_interval = batch_interval
        self._check = check
        self._runner: CallbackRunner | None = None
        self._last: tuple[int, Logs] | None = None
        self._has_warned = False

    def set_run(self, run: CallbackRun) -> None:
        """Use the callbacks of the run within epochs."""
        super().set_run(run)
        self._runner = cast(_RunWithRunner, run).runner

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Evaluate within an epoch."""
        runner, step = self._runner, self.engine.steps_made()
        assert runner is not None and logs is not None
        # Always to its end: the callbacks after this one have not been called for this batch yet,
        # and a run that is resumed from here would not call them again.
        if self._is_exhausted():
            return
        with runner.nested_pass():
            found = self._evaluate(runner)
        self.engine.restore_logs(logs)
        self._last = step, found
        logs.update(found)
        self.engine.model._kerasish_history.validations.append({"step": step, **found})

    def at_epoch_end(self, epoch: int, runner: CallbackRunner, logs: Logs) -> Logs:
        """Evaluate at the end of an epoch, if it is due; return what to add to the logs."""
        if self.adapter is None or not self._is_due(epoch):
            return {}
        if self._last is not None and self._last[0] == self.engine.steps_made():
            return self._last[1]  # it happened after this very step
        if self._is_exhausted():
            return {}
        found = self._evaluate(runner, to_the_end=False)
        if runner.preempted:
            self.engine.restore_logs(logs)
            runner.handle_preemption()
        return found

    def _evaluate(self, runner: CallbackRunner, *, to_the_end: bool = True) -> Logs:
        assert self.adapter is not None
        logs = evaluate_batches(
            self.engine, runner, self.adapter, self.steps, check=self._check, to_the_end=to_the_end
        )
        return {f"val_{name}": value for name, value in logs.items()}

    def _is_exhausted(self) -> bool:
        """Return whether the data were a generator that has ended; the first time warns."""
        if not isinstance(self.adapter, IterableAdapter) or not self.adapter.is_exhausted():
            return False
        if not self._has_warned:
            warnings.warn(
                "The generator in `validation_data` has ended: there is no validation any more. "
                "Give arrays, an object with `__len__` and `__getitem__`, or `validation_steps`.",
                stacklevel=2,
            )
        self._has_warned = True
        return True

    def _is_due(self, epoch: int) -> bool:
        freq = self.freq
        return epoch + 1 in freq if isinstance(freq, Collection) else (epoch + 1) % freq == 0
