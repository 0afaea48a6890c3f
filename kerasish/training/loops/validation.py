"""Evaluating a model, and doing so every now and then while it trains."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

from kerasish.callbacks import Callback
from kerasish.core.errors import DataError
from kerasish.training.data.array_adapter import DataAdapter
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.data.iterable_adapter import IterableAdapter
from kerasish.training.execution.engine import Engine
from kerasish.training.loops.callback_runner import CallbackRunner

__all__ = ["Validation", "test"]


def test(
    engine: Engine,
    watch: CallbackRunner,
    feed: DataAdapter,
    steps: int | None,
    *,
    whole: bool = True,
) -> dict[str, float]:
    """Evaluate the batches of a feed and return the logs.

    Args:
        engine: the engine of the model.
        watch: who watches.
        feed: the data.
        steps: how many batches to take.
        whole: whether to go on to the end when the run is to end as soon as it can.

    Raises:
        DataError: if there are no batches.
    """
    watch.all.call("on_test_begin", {})
    engine.reset_test_metrics()
    watch.begin_pass()
    seen = False
    with closing(EpochIterator(feed, steps)) as passes:
        for block in passes.epoch(0, lambda: watch.room("test")):
            watch.begin("test", block)
            engine.test(block)
            watch.end("test", block, engine.pending_logs())
            seen = True
            if watch.preempted and not whole:
                break
    watch.end_pass("test")
    if not seen:
        raise DataError(
            "The data to evaluate had no batches. A generator can be read only once; give an "
            "object with `__len__` and `__getitem__` to evaluate it again."
        )
    logs = dict(engine.logs())
    watch.all.call("on_test_end", logs)
    return logs


class Validation(Callback):
    """Evaluates the model at the end of epochs, and within them after so many steps or so long.

    Its turn is before that of other callbacks: these find its results among their logs.

    Args:
        engine: the engine of the model.
        feed: the data; None to evaluate nothing.
        steps: how many batches of it to take.
        freq: after how many epochs, or in which, counted from 1.
        every: after how many batches of training, or how much time; None for not within epochs.
    """

    def __init__(
        self,
        engine: Engine,
        feed: DataAdapter | None,
        steps: int | None,
        freq: int | Sequence[int],
        every: int | timedelta | None,
    ) -> None:
        super().__init__()
        self.engine = engine
        self.feed = feed
        self.steps = steps
        self.freq = freq
        self.batch_interval = every
        self._last: tuple[int, dict[str, float]] | None = None
        self._told = False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Evaluate within an epoch."""
        assert self.feed is not None
        watch, step = self.run.watch, self.engine.steps_made()
        # To its end in any case: the callbacks after this one have yet to hear of the batch, and
        # a run that goes on from here would not tell them again.
        if self._is_spent():
            return
        with watch.nested_pass():
            found = _validated(test(self.engine, watch, self.feed, self.steps))
        self.engine.recall(logs)
        self._last = step, found
        logs.update(found)
        self.engine.model._kerasish_history.validations.append({"step": step, **found})

    def at_end(self, epoch: int, watch: CallbackRunner, logs: dict[str, float]) -> dict[str, float]:
        """Evaluate at the end of an epoch, if it is one for that; return what is found."""
        if self.feed is None or not self._is_due(epoch):
            return {}
        if self._last is not None and self._last[0] == self.engine.steps_made():
            return self._last[1]  # it was after this very step
        if self._is_spent():
            return {}
        found = test(self.engine, watch, self.feed, self.steps, whole=False)
        if watch.preempted:
            self.engine.recall(logs)
            watch.handle_preemption()
        return _validated(found)

    def _is_spent(self) -> bool:
        """Return whether the data were a generator that has ended, which is said once."""
        if not isinstance(self.feed, IterableAdapter) or not self.feed.is_spent():
            return False
        if not self._told:
            warnings.warn(
                "The generator in `validation_data` has ended: there is no validation any more. "
                "Give arrays, an object with `__len__` and `__getitem__`, or `validation_steps`.",
                stacklevel=2,
            )
        self._told = True
        return True

    def _is_due(self, epoch: int) -> bool:
        freq = self.freq
        return epoch + 1 in freq if isinstance(freq, Collection) else (epoch + 1) % freq == 0


def _validated(logs: dict[str, float]) -> dict[str, float]:
    return {f"val_{name}": value for name, value in logs.items()}
