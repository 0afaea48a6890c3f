"""The loops around the steps: epochs, validation, callbacks, the progress bar."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import jax

from kerasish.callbacks import History
from kerasish.callbacks.history import attach_history
from kerasish.core.errors import ArgumentError, DataError, ShapeError
from kerasish.core.settings.process_settings import max_epochs, max_steps_per_epoch
from kerasish.training.data.array_adapter import ArrayAdapter, DataAdapter
from kerasish.training.data.batch import is_integer
from kerasish.training.data.block import nbytes
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.data.iterable_adapter import IterableAdapter, single_samples
from kerasish.training.data.lazy_rows import has_lazy
from kerasish.training.diagnosis.ending_checks import check_finite
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.logs import PendingLogs
from kerasish.training.loops.callback_runner import CallbackRunner
from kerasish.training.loops.output_buffer import OutputBuffer
from kerasish.training.loops.run import Run
from kerasish.training.loops.validation import Validation, test

__all__ = ["evaluate", "fit", "predict"]


def fit(
    engine: Engine,
    feed: DataAdapter,
    *,
    epochs: int,
    initial_epoch: int,
    steps_per_epoch: int | None,
    validation: DataAdapter | None,
    validation_steps: int | None,
    validation_freq: int | Sequence[int],
    validation_every: int | timedelta | None,
    callbacks: Any,
    verbose: Any,
) -> History:
    """Train for some epochs; see `Model.fit`."""
    model = engine.model
    history = History()
    attach_history(model, history)
    _check_count("epochs", epochs, 0)
    _check_count("initial_epoch", initial_epoch, 0)
    _check_count("steps_per_epoch", steps_per_epoch, 1, optional=True)
    _check_count("validation_steps", validation_steps, 1, optional=True)
    if not isinstance(validation_freq, Collection):
        _check_count("validation_freq", validation_freq, 1)
    _check_every(validation_every, validation)
    epochs = min(epochs, max_epochs() or epochs)
    _check_endless(feed, steps_per_epoch, "steps_per_epoch")
    steps_per_epoch = _limited(steps_per_epoch, feed)
    _prepare(engine, feed)
    if validation is not None:
        _check_endless(validation, validation_steps, "validation_steps")
        validation_steps = _limited(validation_steps, validation)
        _prepare(engine, validation)
    validating = Validation(engine, validation, validation_steps, validation_freq, validation_every)
    steps = steps_per_epoch or feed.steps
    watch = CallbackRunner(engine, callbacks, verbose, steps, epochs, [validating], [history])
    passes = EpochIterator(feed, steps_per_epoch, epochs - initial_epoch)
    run = Run(engine, watch, passes, initial_epoch, validating)
    watch.attach_run(run)
    model.stop_training = False
    logs: dict[str, float] = {}
    unstable = False
    engine.enter()
    engine.expect("train", feed)
    if validation is not None:
        engine.expect("test", validation)
    try:
        watch.all.call("on_train_begin", {})
        run.apply_resume(begun=False)
        while run.epoch < epochs and not model.stop_training:
            epoch = run.epoch
            engine.reset_metrics()
            watch.all.call("on_epoch_begin", epoch, {})
            run.apply_resume(begun=True)
            if not _train_epoch(run):
                break
            logs = dict(engine.logs())
            unstable = unstable or _is_unstable(watch, epoch, logs)
            logs |= validating.at_end(epoch, watch, logs)
            run.epoch, run.batch = epoch + 1, 0
            watch.all.call("on_epoch_end", epoch, logs)
        engine.finish()
        watch.all.call("on_train_end", logs)
    finally:
        engine.leave()
        passes.close()
        watch.close()
    return history


def _is_unstable(watch: CallbackRunner, epoch: int, logs: dict[str, float]) -> bool:
    """Return whether a loss that no callback stops at is not finite, after a warning."""
    handled = watch.guarded or watch.engine.model.stop_training
    return not handled and check_finite(logs.get("loss"), epoch)


def _check_count(name: str, count: Any, least: int, *, optional: bool = False) -> None:
    if count is None and optional:
        return
    if not is_integer(count) or count < least:
        raise ArgumentError(f"{name} must be a whole number of at least {least}; got {count!r}.")


def _check_endless(feed: DataAdapter, steps: int | None, name: str) -> None:
    if feed.endless and steps is None and max_steps_per_epoch() is None:
        raise ArgumentError(f"The data repeat themselves without an end; say how many: `{name}=`.")


def _check_every(every: Any, validation: DataAdapter | None) -> None:
    if every is None:
        return
    if validation is None:
        raise ArgumentError("validation_every needs data to evaluate: give `validation_data`.")
    if not isinstance(every, timedelta) or every <= timedelta(0):
        _check_count("validation_every, if it is no datetime.timedelta,", every, 1)


def _limited(steps: int | None, feed: DataAdapter) -> int | None:
    """Return how many steps to make of a feed: no more than any epoch may have."""
    most = max_steps_per_epoch()
    known = steps or feed.steps
    return steps if most is None or (known is not None and known <= most) else most


def _prepare(engine: Engine, feed: DataAdapter, *, needs_loss: bool = True) -> Any:
    """Look for mistakes in what is known of the data: all of it, or its first batch.

    Returns:
        The abstract outputs of the model for that batch.
    """
    try:
        outputs = _prepare_batches(engine, feed, needs_loss=needs_loss)
    except ShapeError as error:
        if isinstance(feed, IterableAdapter) and engine.takes_samples(feed.first()[0]):
            raise DataError(single_samples(feed.source)) from error
        raise
    if isinstance(feed, ArrayAdapter):
        # What is not in memory is looked at when it is gathered.
        x, y, weight = (None if has_lazy(part) else part for part in feed.arrays)
        engine.check((x, y, weight), needs_loss=needs_loss, is_whole=True)
    if feed.is_lazy:
        feed.check = partial(engine.check, needs_loss=needs_loss)
    return outputs


def _prepare_batches(engine: Engine, feed: DataAdapter, *, needs_loss: bool = True) -> Any:
    """Prepare for the batches of a feed, and return the abstract outputs for the first."""
    prepare = partial(engine.prepare, needs_loss=needs_loss, is_part=isinstance(feed, ArrayAdapter))
    outputs = prepare(feed.first())
    if (last := feed.partial()) is not None and engine.model._kerasish_is_stateful():
        prepare(last)  # refuses it, before there is a step
        outputs = prepare(feed.first())
    return outputs


def _train_epoch(run: Run) -> bool:
    """Train until the epoch ends, from where the run is in it; return whether there were data."""
    engine, watch = run.engine, run.watch
    if run.batch and engine.model.stop_training:
        return True  # it was so before a resume
    watch.begin_pass(run.batch)
    for block in run.passes.epoch(run.epoch, lambda: watch.room("train")):
        watch.begin("train", block)
        engine.train(block, watch.guarded)
        run.batch += block.steps
        watch.end("train", block, engine.pending_logs())
        watch.handle_preemption()
        if engine.model.stop_training:
            break
    watch.end_pass("train")
    if run.batch:
        return True
    fix = (
        "A generator can be read only once: give one that goes on for ever with `steps_per_epoch`, "
        "or an object with `__len__` and `__getitem__`."
    )
    if not engine.model.history.epoch:
        raise DataError(f"The data had no batches in epoch {run.epoch + 1}. {fix}")
    warnings.warn(
        f"The data ended: there were no batches for epoch {run.epoch + 1}, and training ends "
        f"here. {fix}",
        stacklevel=2,
    )
    return False


def evaluate(
    engine: Engine, feed: DataAdapter, *, steps: int | None, callbacks: Any, verbose: Any
) -> dict[str, float]:
    """Return the loss and metrics over some data; see `Model.evaluate`."""
    _check_count("steps", steps, 1, optional=True)
    _check_endless(feed, steps, "steps")
    steps = _limited(steps, feed)
    _prepare(engine, feed)
    watch = CallbackRunner(engine, callbacks, verbose, steps or feed.steps)
    try:
        return test(engine, watch, feed, steps)
    finally:
        engine.calm()
        watch.bar.close()


def predict(
    engine: Engine, feed: DataAdapter, *, steps: int | None, callbacks: Any, verbose: Any, out: Any
) -> Any:
    """Return the outputs for some inputs as NumPy arrays; see `Model.predict`."""
    _check_count("steps", steps, 1, optional=True)
    _check_endless(feed, steps, "steps")
    steps = _limited(steps, feed)
    outputs = _prepare(engine, feed, needs_loss=False)
    feed.extra_bytes_per_batch = nbytes(outputs)
    known = feed.samples is not None and steps is None and engine.adds_up
    collected = OutputBuffer(outputs, feed.samples if known else None, out)
    watch = CallbackRunner(engine, callbacks, verbose, steps or feed.steps)
    waiting: list[tuple[Any, int | None]] = []
    try:
        watch.all.call("on_predict_begin", {})
        watch.begin_pass()
        with closing(EpochIterator(feed, steps)) as passes:
            blocks = passes.epoch(0, lambda: watch.room("predict"))
            for block in blocks:
                watch.begin("predict", block)
                found = engine.predict(block)
                # The block before is copied out while the device computes this one.
                _collect(collected, waiting)
                waiting = found
                told = {"outputs": _rows(*found[-1])} if watch.has_batch_hooks("predict") else {}
                watch.end("predict", block, PendingLogs.of(told))
        watch.end_pass("predict")
        _collect(collected, waiting)
        watch.all.call("on_predict_end", {})
    finally:
        engine.calm()
        watch.bar.close()
    return collected.result()


def _rows(outputs: Any, count: int | None) -> Any:
    return jax.tree.map(lambda array: array[:count], outputs)


def _collect(collected: OutputBuffer, outputs: list[tuple[Any, int | None]]) -> None:
    for each, rows in outputs:
        collected.add(each, rows)
