"""The loops around the steps: epochs, validation, callbacks, the progress bar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import jax
import numpy as np

from kerasish.callbacks import CallbackList, History, ProgressBar
from kerasish.core.errors import ArgumentError, DataError
from kerasish.training.engine import Engine
from kerasish.training.feed import ArrayFeed, Batch, Feed, Passes, is_whole

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
        if verbose not in (0, 1, 2, "auto"):
            raise ArgumentError(f"verbose must be 0, 1, 2 or 'auto'; got {verbose!r}.")
        shown = 1 if verbose == "auto" else int(verbose)
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
    _check_count("epochs", epochs, 0)
    _check_count("initial_epoch", initial_epoch, 0)
    _check_count("steps_per_epoch", steps_per_epoch, 1, optional=True)
    _check_count("validation_steps", validation_steps, 1, optional=True)
    if not isinstance(validation_freq, Collection):
        _check_count("validation_freq", validation_freq, 1)
    _prepare(engine, feed)
    if validation is not None:
        _prepare(engine, validation)
    steps = steps_per_epoch or feed.steps
    watch = _Watch(engine, callbacks, verbose, steps, epochs, [history])
    passes = Passes(feed, steps_per_epoch)
    model.stop_training = False
    logs: dict[str, float] = {}
    assert engine.owner is not None
    engine.owner.own()
    engine.owner.running = True
    try:
        watch.all.call("on_train_begin", {})
        for epoch in range(initial_epoch, epochs):
            engine.reset_metrics()
            watch.all.call("on_epoch_begin", epoch, {})
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


def _check_count(name: str, count: Any, least: int, *, optional: bool = False) -> None:
    if count is None and optional:
        return
    if not is_whole(count) or count < least:
        raise ArgumentError(f"{name} must be a whole number of at least {least}; got {count!r}.")


def _prepare(engine: Engine, feed: Feed) -> None:
    """Look for mistakes in what is known of the data: all of it, or its first batch."""
    engine.prepare(feed.first())
    if isinstance(feed, ArrayFeed):
        engine.check(feed.arrays)


def _checked(engine: Engine, feed: Feed, batches: Iterable[Batch]) -> Iterable[Batch]:
    """Look at each batch that could not be looked at before."""
    for batch in batches:
        if not isinstance(feed, ArrayFeed):
            engine.check(batch)
        yield batch


def _train_epoch(
    engine: Engine, watch: _Watch, passes: Passes, epoch: int, steps: int | None
) -> None:
    seen = False
    batches = _checked(engine, passes.feed, passes.epoch(epoch))
    for index, batch, last in _with_last(batches, steps):
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
    return epoch + 1 in freq if isinstance(freq, Collection) else (epoch + 1) % freq == 0


def _test(engine: Engine, watch: _Watch, feed: Feed, steps: int | None) -> dict[str, float]:
    """Evaluate the batches of a feed and return the logs."""
    watch.all.call("on_test_begin", {})
    engine.reset_test_metrics()
    total = steps or feed.steps
    batches = _checked(engine, feed, Passes(feed, steps).epoch(0))
    for index, batch, last in _with_last(batches, total):
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
    _check_count("steps", steps, 1, optional=True)
    _prepare(engine, feed)
    watch = _Watch(engine, callbacks, verbose, steps or feed.steps)
    try:
        return _test(engine, watch, feed, steps)
    finally:
        watch.bar.close()


def predict(engine: Engine, feed: Feed, *, steps: int | None, callbacks: Any, verbose: Any) -> Any:
    """Return the outputs for some inputs as NumPy arrays; see `Model.predict`."""
    _check_count("steps", steps, 1, optional=True)
    engine.prepare(feed.first(), needs_loss=False)
    watch = _Watch(engine, callbacks, verbose, steps or feed.steps)
    outputs: list[Any] = []
    waiting: Any = None
    try:
        watch.all.call("on_predict_begin", {})
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
        watch.all.call("on_predict_end", {})
    finally:
        watch.bar.close()
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)
