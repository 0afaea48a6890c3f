"""The loops around the steps: epochs, validation, callbacks, the progress bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import jax
import numpy as np

from kerasish.callbacks import CallbackList, History, ProgressBar
from kerasish.core.errors import ArgumentError, DataError
from kerasish.training.engine import Engine
from kerasish.training.feed import Batch, Feed, Passes

__all__ = ["evaluate", "fit", "predict"]


class _Watch:
    """The callbacks of one run, and the progress bar among them."""

    def __init__(
        self,
        engine: Engine,
        callbacks: Any,
        verbose: Any,
        steps: int | None,
        epochs: int = 1,
        extra: Sequence[Any] = (),
    ) -> None:
        given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
        given = [each for each in given if each is not None]
        self.bar = ProgressBar()
        shown = 1 if verbose == "auto" else int(verbose)
        if shown not in (0, 1, 2):
            raise ArgumentError(f"verbose must be 0, 1, 2 or 'auto'; got {verbose!r}.")
        params = {"epochs": epochs, "steps": steps, "verbose": shown}
        self.params = params
        self.engine = engine
        self.all = CallbackList([*given, self.bar, *extra], engine.model, params)
        self._begin = {
            kind: self._listeners(kind, "begin") for kind in ("train", "test", "predict")
        }
        self._end = {kind: self._listeners(kind, "end") for kind in ("train", "test", "predict")}
        self._batches = 0

    def _listeners(self, kind: str, when: str) -> list[Any]:
        found = self.all.listeners(f"on_{kind}_batch_{when}")
        return [callback for callback in found if callback is not self.bar]

    def begin_batch(self, kind: str, batch: Any, index: int) -> None:
        """Tell those who listen that a batch comes, and the bar if it will take a while."""
        if self.engine.compiles(kind, batch):
            self.bar.status("compiling")
        for callback in self._begin[kind]:
            getattr(callback, f"on_{kind}_batch_begin")(index, {})

    def end_batch(self, kind: str, index: int, logs: Any, *, last: bool = False) -> None:
        """Tell those who listen that a batch is done; `logs` makes the logs if one wants them."""
        due = self._end[kind]
        if kind == "train":
            self._batches += 1
            due = [c for c in due if c.every is not None and self._batches % c.every == 0]
        if not due and not last and not self.bar.wants_update():
            return
        told = logs()
        for callback in (*due, self.bar):
            getattr(callback, f"on_{kind}_batch_end")(index, told)


def _with_last(batches: Iterable[Batch], steps: int | None) -> Iterable[tuple[int, Batch, bool]]:
    """Number the batches and mark the last one."""
    iterator = iter(batches)
    current = next(iterator, None)
    index = 0
    while current is not None:
        following = None if index + 1 == steps else next(iterator, None)
        yield index, current, following is None
        current, index = following, index + 1


def fit(
    engine: Engine,
    feed: Feed,
    *,
    epochs: int,
    initial_epoch: int,
    steps_per_epoch: int | None,
    validation: Feed | None,
    validation_steps: int | None,
    validation_freq: int | Sequence[int],
    callbacks: Any,
    verbose: Any,
) -> History:
    """Train for some epochs; see `Model.fit`."""
    model = engine.model
    history = model.history = History()
    engine.prepare(feed.first())
    if validation is not None:
        engine.prepare(validation.first())
    steps = steps_per_epoch or feed.steps
    watch = _Watch(engine, callbacks, verbose, steps, epochs, [history])
    passes = Passes(feed, steps_per_epoch)
    model.stop_training = False
    logs: dict[str, float] = {}
    assert engine.owner is not None
    engine.owner.own()
    engine.owner.running = True
    try:
        watch.all.call("on_train_begin")
        for epoch in range(initial_epoch, epochs):
            engine.reset_metrics()
            watch.all.call("on_epoch_begin", epoch)
            _train_epoch(engine, watch, passes, epoch, steps)
            logs = dict(engine.logs())
            if validation is not None and _is_due(epoch, validation_freq):
                found = _test(engine, watch, validation, validation_steps)
                logs |= {f"val_{name}": value for name, value in found.items()}
            watch.all.call("on_epoch_end", epoch, logs)
            if model.stop_training:
                break
        watch.all.call("on_train_end", logs)
    finally:
        engine.owner.running = False
        watch.bar.close()
    return history


def _train_epoch(
    engine: Engine, watch: _Watch, passes: Passes, epoch: int, steps: int | None
) -> None:
    seen = False
    for index, batch, last in _with_last(passes.epoch(epoch), steps):
        watch.begin_batch("train", batch, index)
        engine.train(batch)
        stopping = engine.model.stop_training
        watch.end_batch("train", index, engine.logs, last=last or stopping)
        seen = True
        if engine.model.stop_training:
            break
    if not seen:
        raise DataError(
            f"The data had no batches in epoch {epoch + 1}. A generator can be read only once: "
            "give one that goes on for ever with `steps_per_epoch`, or an object with `__len__` "
            "and `__getitem__`."
        )


def _is_due(epoch: int, freq: int | Sequence[int]) -> bool:
    return (epoch + 1) % freq == 0 if isinstance(freq, int) else epoch + 1 in freq


def _test(engine: Engine, watch: _Watch, feed: Feed, steps: int | None) -> dict[str, float]:
    """Evaluate the batches of a feed and return the logs."""
    watch.all.call("on_test_begin")
    engine.reset_test_metrics()
    total = steps or feed.steps
    for index, batch, last in _with_last(Passes(feed, steps).epoch(0), total):
        watch.begin_batch("test", batch, index)
        engine.test(batch)
        watch.end_batch("test", index, engine.test_logs, last=last)
    logs = dict(engine.test_logs())
    watch.all.call("on_test_end", logs)
    return logs


def evaluate(
    engine: Engine, feed: Feed, *, steps: int | None, callbacks: Any, verbose: Any
) -> dict[str, float]:
    """Return the loss and metrics over some data; see `Model.evaluate`."""
    engine.prepare(feed.first())
    watch = _Watch(engine, callbacks, verbose, steps or feed.steps)
    try:
        return _test(engine, watch, feed, steps)
    finally:
        watch.bar.close()


def predict(engine: Engine, feed: Feed, *, steps: int | None, callbacks: Any, verbose: Any) -> Any:
    """Return the outputs for some inputs as NumPy arrays; see `Model.predict`."""
    engine.prepare(feed.first(), needs_loss=False)
    watch = _Watch(engine, callbacks, verbose, steps or feed.steps)
    outputs: list[Any] = []
    waiting: Any = None
    try:
        watch.all.call("on_predict_begin")
        total = steps or feed.steps
        for index, (x, _, _), last in _with_last(Passes(feed, steps).epoch(0), total):
            watch.begin_batch("predict", x, index)
            result = engine.predict(x)
            # The batch before is copied out while the device computes this one.
            if waiting is not None:
                outputs.append(jax.tree.map(np.asarray, waiting))
            waiting = result
            told = {"outputs": result}
            watch.end_batch("predict", index, lambda told=told: told, last=last)
        outputs.append(jax.tree.map(np.asarray, waiting))
        watch.all.call("on_predict_end")
    finally:
        watch.bar.close()
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)
