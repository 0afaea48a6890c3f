"""CallbackRunner: calls the batch hooks of a run's callbacks, and the progress bar among them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from kerasish.callbacks import Callback, CallbackList, LambdaCallback, ProgbarLogger
from kerasish.callbacks.display import Display, make_display
from kerasish.callbacks.hooks import hook_of, setting_of, users_hook_of
from kerasish.callbacks.run import CallbackRun, HandlesPreemption
from kerasish.core.errors import ArgumentError
from kerasish.training.data.block import Block
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.logs import PendingLogs

__all__ = ["CallbackRunner", "Kind"]

Kind: TypeAlias = Literal["train", "test", "predict"]
"""What the steps of a dispatch do."""

_KINDS: tuple[Kind, ...] = ("train", "test", "predict")
_LIBRARY = __name__.partition(".")[0]


class CallbackRunner:
    """The callbacks of one run, with the progress bar.

    Args:
        engine: the engine of the model.
        callbacks: what the user passed as `callbacks`.
        verbose: 0, 1, 2 or `"auto"`.
        steps: batches in an epoch; None if unknown.
        epochs: the epoch to train up to.
        first: callbacks that are called before those of the user.
        last: callbacks that are called after them.

    Attributes:
        callbacks: all callbacks, in the order in which they are called.
        progress_bar: the one among them that shows progress.
        params: the params of the callbacks.
        epochs: the epoch to train up to.
        batches: training batches since the run began.

    Raises:
        ArgumentError: if `verbose` has another value, or a callback has no hooks.
    """

    def __init__(
        self,
        engine: Engine,
        callbacks: object,
        verbose: object,
        steps: int | None,
        epochs: int = 1,
        first: Sequence[Callback] = (),
        last: Sequence[Callback] = (),
    ) -> None:
        given = CallbackList(callbacks).callbacks
        bars = [each for each in given if isinstance(each, ProgbarLogger)]
        self.progress_bar = bars[0] if bars else ProgbarLogger(_display_beside(given))
        if verbose not in (0, 1, 2, "auto"):
            raise ArgumentError(f"verbose must be 0, 1, 2 or 'auto'; got {verbose!r}.")
        level = 1 if verbose == "auto" else int(verbose)
        self.params: dict[str, Any] = {"epochs": epochs, "steps": steps, "verbose": level}
        self.epochs = epochs
        self.engine = engine
        given += [] if bars else [self.progress_bar]
        order = [*first, *given, *last]
        order.sort(key=lambda callback: bool(setting_of(callback, "run_last")))
        self.callbacks = CallbackList(order, model=engine.model, **self.params)
        # Those that have more than hooks.
        self._own = [each for each in self.callbacks.callbacks if isinstance(each, Callback)]
        self._begin = {kind: self._listeners(kind, "begin") for kind in _KINDS}
        self._end = {kind: self._listeners(kind, "end") for kind in _KINDS}
        self._guards = [each for each in self._own if each.guard_nan]
        self._savers = [each for each in self._own if isinstance(each, HandlesPreemption)]
        self.batches = 0
        self._called: dict[int, float] = {}
        self._steps_before = 0
        self._index = -1
        # Of the last block: the index of its last batch, and the logs.
        self._latest: tuple[int, PendingLogs] | None = None
        self._shown: tuple[int, PendingLogs] | None = None

    @property
    def guards_nan(self) -> bool:
        """Whether training is to stop at a loss that is not finite."""
        return bool(self._guards)

    @property
    def users_callbacks(self) -> list[object]:
        """The callbacks that run code of the user."""
        return [
            each
            for each in self.callbacks.callbacks
            if isinstance(each, LambdaCallback)
            or type(each).__module__.partition(".")[0] != _LIBRARY
        ]

    def _listeners(self, kind: Kind, when: str) -> list[object]:
        hook = f"on_{kind}_batch_{when}"
        return [
            callback
            for callback in self.callbacks.callbacks
            if callback is not self.progress_bar and users_hook_of(callback, hook) is not None
        ]

    def has_batch_hooks(self, kind: Kind) -> bool:
        """Return whether a callback is called after batches of a kind."""
        return bool(self._end[kind])

    def stateful_callbacks(self) -> list[Callback]:
        """Return the callbacks whose state a checkpoint has."""
        return self._own

    def attach_run(self, run: CallbackRun) -> None:
        """Pass the run of `fit` to the callbacks, before any hook is called."""
        for callback in self._own:
            callback.set_run(run)

    # Preemption.

    @property
    def preempted(self) -> bool:
        """Whether the run is to end as soon as possible, since the machine is taken away."""
        return any(each.preempted for each in self._savers)

    def handle_preemption(self) -> None:
        """Have callbacks save the run and end it, if the machine is taken away."""
        for callback in self._savers:
            if callback.preempted:
                self.engine.block_until_ready()
                callback.on_preemption()

    def close(self) -> None:
        """Have callbacks release what they hold, when a run ends, normally or with an error."""
        for callback in self._own:
            callback.close()

    # Blocks.

    def steps_per_dispatch(self, kind: Kind) -> int:
        """Return how many batches may be dispatched before a callback is to be called."""
        steps = self.engine.steps_per_dispatch(kind)
        if self.engine.steps_per_execution:
            return steps
        if self._begin[kind] or (kind != "train" and self._end[kind]):
            return 1
        for callback in self._end[kind]:
            interval = setting_of(callback, "batch_interval")
            if isinstance(interval, int):
                steps = min(steps, interval - self.batches % interval)
        return steps

    def begin_pass(self, done: int = 0) -> None:
        """Begin a pass over some data, `done` batches of which were used before."""
        self._index = done - 1
        self._latest = self._shown = None
        if self._guards:
            self._steps_before = self.engine.steps_made() - done

    @contextmanager
    def nested_pass(self) -> Iterator[None]:
        """Keep the position in this pass while another one happens."""
        before = self._index, self._latest, self._shown, self._steps_before
        try:
            yield
        finally:
            self._index, self._latest, self._shown, self._steps_before = before

    def begin_block(self, kind: Kind, block: Block) -> None:
        """Call hooks before the batches of a block, and show it if they are to be compiled."""
        self._index += block.steps
        if self.engine.needs_compile(kind, block):
            self.progress_bar.status("compiling")
        for callback in self._begin[kind]:
            self._call(callback, f"on_{kind}_batch_begin", self._index, {})

    def end_block(self, kind: Kind, block: Block, logs: PendingLogs) -> None:
        """Call hooks that are due, after the batches of a block were dispatched.

        Args:
            kind: what the steps do.
            block: the batches.
            logs: the logs; reading them waits for the device.
        """
        before, self._latest = self._latest, (self._index, logs)
        due = self._due(kind, block.steps)
        wants_update = self.progress_bar.wants_update()
        if due or (before is None and wants_update):
            self._finish(kind, due)
        elif before is not None:
            # The block before is finished; nothing has to wait for it.
            self._guard_nan(kind, before[1])
            if wants_update:
                getattr(self.progress_bar, f"on_{kind}_batch_end")(before[0], before[1].read())

    def end_pass(self, kind: Kind) -> None:
        """Wait for the steps that are under way, and show the last logs of the pass."""
        if self._latest is not None and self._latest is not self._shown:
            self._finish(kind, [])
        self.engine.block_until_ready()

    def _finish(self, kind: Kind, due: list[object]) -> None:
        """Wait for the last block; call the hooks that are due, and the progress bar."""
        assert self._latest is not None
        index, logs = self._latest
        self.engine.block_until_ready()
        self._guard_nan(kind, logs)
        for callback in (*due, self.progress_bar):
            self._call(callback, f"on_{kind}_batch_end", index, logs.read())
        self._shown = self._latest

    def _call(self, callback: object, hook: str, batch: int, logs: dict[str, Any]) -> None:
        function = hook_of(callback, hook)
        if function is not None:
            function(batch, logs)

    def _due(self, kind: Kind, count: int) -> list[object]:
        """Return the callbacks that are to be called after `count` more batches."""
        if kind != "train":
            return self._end[kind]
        before, self.batches = self.batches, self.batches + count
        return [each for each in self._end[kind] if self._is_due(each, before)]

    def _is_due(self, callback: object, before: int) -> bool:
        interval = setting_of(callback, "batch_interval")
        if isinstance(interval, timedelta):
            now = time.monotonic()
            if now - self._called.setdefault(id(callback), now) < interval.total_seconds():
                return False
            self._called[id(callback)] = now
            return True
        return interval is not None and self.batches // interval > before // interval

    def _guard_nan(self, kind: Kind, logs: PendingLogs) -> None:
        if not self._guards or kind != "train" or self.engine.model.stop_training:
            return
        values = logs.read()
        if math.isfinite(values.get("loss", 0)):
            return
        self.engine.block_until_ready()
        index = self.engine.steps_made() - self._steps_before - 1
        for guard in self._guards:
            guard.on_train_batch_end(index, values)


def _display_beside(callbacks: list[object]) -> Display | None:
    """Return a silent display if the progress bar of another library is among the callbacks."""
    others = any(type(each).__name__ == ProgbarLogger.__name__ for each in callbacks)
    return make_display(0) if others else None
