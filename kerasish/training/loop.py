"""The loops around the steps: epochs, validation, callbacks, the progress bar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from kerasish.callbacks import CallbackList, History, ProgressBar
from kerasish.core.errors import ArgumentError, DataError
from kerasish.training.data import is_whole
from kerasish.training.engine import Engine
from kerasish.training.feed import ArrayFeed, Block, Feed, Passes

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

    def room(self, kind: str) -> int:
        """Return how many batches can be run before somebody wants to be told."""
        if self._begin[kind] or (kind != "train" and self._end[kind]):
            return 1
        room = self.engine.room(kind)
        for callback in self._end[kind]:
            if callback.every is not None:
                room = min(room, callback.every - self._batches % callback.every)
        return room

    def begin(self, kind: str, block: Block, index: int) -> None:
        """Tell those who listen that batches come, and the bar if they will take a while."""
        if self.engine.compiles(kind, block):
            self.bar.status("compiling")
        for callback in self._begin[kind]:
            getattr(callback, f"on_{kind}_batch_begin")(index, {})

    def end(self, kind: str, index: int, count: int, logs: Any, *, last: bool = False) -> None:
        """Tell those who listen that batches are done; `logs` makes the logs if one wants them.

        Args:
            kind: `"train"`, `"test"` or `"predict"`.
            index: the number of the last batch in the epoch.
            count: how many batches were run since the last time.
            logs: a function that makes the logs.
            last: whether the epoch is over.
        """
        due = self._end[kind]
        if kind == "train":
            self._batches += count
            due = [c for c in due if c.every is not None and self._batches % c.every == 0]
        if not due and not last and not self.bar.wants_update():
            return
        told = logs()
        for callback in (*due, self.bar):
            getattr(callback, f"on_{kind}_batch_end")(index, told)


def _numbered(blocks: Iterable[Block], steps: int | None) -> Iterator[tuple[int, Block, bool]]:
    """Number the blocks by their last batch, and mark the last one."""
    done = 0
    if steps is not None:
        for block in blocks:
            done += block.steps
            yield done - 1, block, done >= steps
        return
    # How many there are is known only by looking ahead.
    iterator = iter(blocks)
    current = next(iterator, None)
    while current is not None:
        following = next(iterator, None)
        done += current.steps
        yield done - 1, current, following is None
        current = following


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


def _checked(engine: Engine, feed: Feed, blocks: Iterable[Block]) -> Iterator[Block]:
    """Look at each batch that could not be looked at before."""
    for block in blocks:
        if not isinstance(feed, ArrayFeed):
            engine.check(block.data)
        yield block


def _train_epoch(
    engine: Engine, watch: _Watch, passes: Passes, epoch: int, steps: int | None
) -> None:
    seen = False
    blocks = _checked(engine, passes.feed, passes.epoch(epoch, lambda: watch.room("train")))
    for index, block, last in _numbered(blocks, steps):
        watch.begin("train", block, index)
        engine.train(block)
        stopping = engine.model.stop_training
        watch.end("train", index, block.steps, engine.logs, last=last or stopping)
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
    passes = Passes(feed, steps).epoch(0, lambda: watch.room("test"))
    for index, block, last in _numbered(_checked(engine, feed, passes), total):
        watch.begin("test", block, index)
        engine.test(block)
        watch.end("test", index, block.steps, engine.test_logs, last=last)
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
    waiting: list[Any] = []
    try:
        watch.all.call("on_predict_begin", {})
        total = steps or feed.steps
        passes = Passes(feed, steps).epoch(0, lambda: watch.room("predict"))
        for index, block, last in _numbered(passes, total):
            watch.begin("predict", block, index)
            results = engine.predict(block)
            # The block before is copied out while the device computes this one.
            outputs += [jax.tree.map(np.asarray, result) for result in waiting]
            waiting = results
            told = {"outputs": results[-1]}
            watch.end("predict", index, block.steps, lambda told=told: told, last=last)
        outputs += [jax.tree.map(np.asarray, result) for result in waiting]
        watch.all.call("on_predict_end", {})
    finally:
        watch.bar.close()
    return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)
