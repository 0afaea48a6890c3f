"""Who watches a run: callbacks, and the progress bar among them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from kerasish.callbacks import Callback, CallbackList, LambdaCallback, ProgbarLogger
from kerasish.callbacks.display import Display, make_display
from kerasish.callbacks.hooks import hook_of, setting_of, users_hook_of
from kerasish.core.errors import ArgumentError
from kerasish.training.data.block import Block
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.logs import PendingLogs

__all__ = ["CallbackRunner"]

_LIBRARY = __name__.partition(".")[0]


class CallbackRunner:
    """The callbacks of one run, and the progress bar among them."""

    def __init__(
        self,
        engine: Engine,
        callbacks: Any,
        verbose: Any,
        steps: int | None,
        epochs: int = 1,
        first: Sequence[Any] = (),
        last: Sequence[Any] = (),
    ) -> None:
        given = CallbackList(callbacks).callbacks
        bars = [each for each in given if isinstance(each, ProgbarLogger)]
        self.bar = bars[0] if bars else ProgbarLogger(_display_beside(given))
        if verbose not in (0, 1, 2, "auto"):
            raise ArgumentError(f"verbose must be 0, 1, 2 or 'auto'; got {verbose!r}.")
        shown = 1 if verbose == "auto" else int(verbose)
        params: dict[str, Any] = {"epochs": epochs, "steps": steps, "verbose": shown}
        self.params = params
        self.epochs = epochs
        self.engine = engine
        given += [] if bars else [self.bar]
        order = [*first, *given, *last]
        order.sort(key=lambda callback: setting_of(callback, "run_last"))
        self.all = CallbackList(order, model=engine.model, **params)
        # Those that have more than hooks.
        self._ours = [each for each in self.all.callbacks if isinstance(each, Callback)]
        self._begin = {
            kind: self._listeners(kind, "begin") for kind in ("train", "test", "predict")
        }
        self._end = {kind: self._listeners(kind, "end") for kind in ("train", "test", "predict")}
        self._guards = [each for each in self._ours if each.guard_nan]
        self._savers: list[Any] = [each for each in self._ours if hasattr(each, "on_preemption")]
        self.batches = 0
        self._called: dict[int, float] = {}
        self._steps_before = 0
        self._index = -1
        # Of the last block: the number of its last batch, and the logs.
        self._now: tuple[int, PendingLogs] | None = None
        self._shown: tuple[int, PendingLogs] | None = None

    @property
    def guarded(self) -> bool:
        """Whether training is to stop at a loss that is not finite."""
        return bool(self._guards)

    @property
    def users_callbacks(self) -> list[Any]:
        """The callbacks that run code of the user's."""
        return [
            each
            for each in self.all.callbacks
            if isinstance(each, LambdaCallback)
            or type(each).__module__.partition(".")[0] != _LIBRARY
        ]

    def _listeners(self, kind: str, when: str) -> list[Any]:
        hook = f"on_{kind}_batch_{when}"
        return [
            callback
            for callback in self.all.callbacks
            if callback is not self.bar and users_hook_of(callback, hook) is not None
        ]

    def has_batch_hooks(self, kind: str) -> bool:
        """Return whether a callback looks at batches of a kind."""
        return bool(self._end[kind])

    def stateful_callbacks(self) -> list[Any]:
        """Return the callbacks that a checkpoint asks for what they remember."""
        return self._ours

    def attach_run(self, run: Any) -> None:
        """Let callbacks know the run of `fit` that they are in."""
        for callback in self._ours:
            if callback.run is None or isinstance(callback.run, type(run)):  # else it is theirs
                callback.run = run

    @property
    def preempted(self) -> bool:
        """Whether the run is to end as soon as it can, since the machine is taken away."""
        return any(each.preempted for each in self._savers)

    def handle_preemption(self) -> None:
        """Have callbacks save the run and end it, if the machine is taken away."""
        for callback in self._savers:
            if callback.preempted:
                self.engine.settle()
                callback.on_preemption()

    def close(self) -> None:
        """Have callbacks let go of what they hold, when a run ends, in peace or not."""
        for callback in self._ours:
            callback.close()

    def room(self, kind: str) -> int:
        """Return how many batches can be run before somebody wants to be told."""
        room = self.engine.room(kind)
        if self.engine.steps_per_execution:
            return room
        if self._begin[kind] or (kind != "train" and self._end[kind]):
            return 1
        for callback in self._end[kind]:
            every = setting_of(callback, "batch_interval")
            if isinstance(every, int):
                room = min(room, every - self.batches % every)
        return room

    def begin_pass(self, made: int = 0) -> None:
        """Note that a pass over some data begins, `made` batches of which are made already."""
        self._index = made - 1
        self._now = self._shown = None
        if self._guards:
            self._steps_before = self.engine.steps_made() - made

    @contextmanager
    def nested_pass(self) -> Iterator[None]:
        """Let another pass happen in the middle of this one."""
        before = self._index, self._now, self._shown, self._steps_before
        try:
            yield
        finally:
            self._index, self._now, self._shown, self._steps_before = before

    def begin(self, kind: str, block: Block) -> None:
        """Tell those who listen that batches come, and the bar if they will take a while."""
        self._index += block.steps
        if self.engine.compiles(kind, block):
            self.bar.status("compiling")
        for callback in self._begin[kind]:
            self._call(callback, f"on_{kind}_batch_begin", self._index, {})

    def end(self, kind: str, block: Block, logs: PendingLogs) -> None:
        """Tell those who listen that the batches of a block are done, or under way.

        Args:
            kind: `"train"`, `"test"` or `"predict"`.
            block: the batches.
            logs: the logs; reading them waits for the device.
        """
        before, self._now = self._now, (self._index, logs)
        due = self._due(kind, block.steps)
        wanted = self.bar.wants_update()
        if due or (before is None and wanted):
            self._finish(kind, due)
        elif before is not None:
            # What was before is finished; nothing has to wait for it.
            self._look_for_nan(kind, before[1])
            if wanted:
                getattr(self.bar, f"on_{kind}_batch_end")(before[0], before[1].read())

    def end_pass(self, kind: str) -> None:
        """Wait for what is under way, and show the numbers at the end of the pass."""
        if self._now is not None and self._now is not self._shown:
            self._finish(kind, [])
        self.engine.settle()

    def _finish(self, kind: str, due: list[Any]) -> None:
        """Wait for the last block; tell callbacks whose turn it is, and the bar."""
        assert self._now is not None
        self.engine.settle()
        self._look_for_nan(kind, self._now[1])
        for callback in (*due, self.bar):
            self._call(callback, f"on_{kind}_batch_end", self._now[0], self._now[1].read())
        self._shown = self._now

    def _call(self, callback: Any, hook: str, batch: int, logs: dict[str, Any]) -> None:
        function = hook_of(callback, hook)
        if function is not None:
            function(batch, logs)

    def _due(self, kind: str, count: int) -> list[Any]:
        """Return the callbacks whose hook is to be called after `count` more batches."""
        if kind != "train":
            return self._end[kind]
        before, self.batches = self.batches, self.batches + count
        return [each for each in self._end[kind] if self._is_due(each, before)]

    def _is_due(self, callback: Any, before: int) -> bool:
        every = setting_of(callback, "batch_interval")
        if isinstance(every, timedelta):
            now = time.monotonic()
            if now - self._called.setdefault(id(callback), now) < every.total_seconds():
                return False
            self._called[id(callback)] = now
            return True
        return every is not None and self.batches // every > before // every

    def _look_for_nan(self, kind: str, logs: PendingLogs) -> None:
        if not self._guards or kind != "train" or self.engine.model.stop_training:
            return
        values = logs.read()
        if math.isfinite(values.get("loss", 0)):
            return
        self.engine.settle()
        index = self.engine.steps_made() - self._steps_before - 1
        for guard in self._guards:
            guard.on_train_batch_end(index, values)


def _display_beside(callbacks: list[Any]) -> Display | None:
    """Return a silent display where another library's progress bar is among the callbacks."""
    others = any(type(each).__name__ == ProgbarLogger.__name__ for each in callbacks)
    return make_display(0) if others else None
