"""The loops of fit, evaluate and predict: epochs, validation, callbacks, the progress bar."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial

import jax

from kerasish.callbacks import History
from kerasish.callbacks.history import attach_history
from kerasish.core.errors import ArgumentError, DataError, ShapeError
from kerasish.core.settings.process_settings import max_epochs, max_steps_per_epoch
from kerasish.core.types import Logs, PyTree
from kerasish.training.checks.ending_checks import check_finite
from kerasish.training.data.batch import Batch, is_integer
from kerasish.training.data.block import Block, nbytes
from kerasish.training.data.data_adapter import DataAdapter
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.data.iterable_adapter import IterableAdapter, explain_single_samples
from kerasish.training.data.lazy_rows import has_lazy
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.logs import PendingLogs
from kerasish.training.loops.callback_runner import CallbackRunner
from kerasish.training.loops.output_buffer import OutputBuffer
from kerasish.training.loops.run import Run
from kerasish.training.loops.steps import run_steps
from kerasish.training.loops.validation import Validation, evaluate_batches

__all__ = ["evaluate", "fit", "predict"]


def fit(
    engine: Engine,
    adapter: DataAdapter,
    *,
    epochs: int,
    initial_epoch: int,
    steps_per_epoch: int | None,
    validation: DataAdapter | None,
    validation_steps: int | None,
    validation_freq: int | Sequence[int],
    validation_every: int | timedelta | None,
    callbacks: object,
    verbose: object,
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
    _check_interval(validation_every, validation)
    epochs = min(epochs, max_epochs() or epochs)
    steps_per_epoch = _limit_steps(steps_per_epoch, adapter, "steps_per_epoch")
    _prepare(engine, adapter)
    if validation is not None:
        validation_steps = _limit_steps(validation_steps, validation, "validation_steps")
        _prepare(engine, validation)
    validating = Validation(
        engine, validation, validation_steps, validation_freq, validation_every, engine.check
    )
    steps = steps_per_epoch or adapter.num_batches
    runner = CallbackRunner(engine, callbacks, verbose, steps, epochs, [validating], [history])
    iterator = EpochIterator(adapter, steps_per_epoch, epochs - initial_epoch, check=engine.check)
    run = Run(engine, runner, iterator, initial_epoch, validating)
    runner.attach_run(run)
    model.stop_training = False
    engine.begin_training()
    engine.precompile("train", adapter)
    if validation is not None:
        engine.precompile("test", validation)
    try:
        _train(run, epochs)
    finally:
        engine.end_training()
        iterator.close()
        runner.close()
    return history


def _train(run: Run, epochs: int) -> None:
    """Train from the epoch of the run up to another one."""
    engine, runner, model = run.engine, run.runner, run.engine.model
    logs: Logs = {}
    was_unstable = False
    runner.callbacks.call("on_train_begin", {})
    resume = run.find_resume()
    if resume is not None and not resume.record["batch"]:
        run.apply_resume(resume)
        resume = None
    while run.epoch < epochs and not model.stop_training:
        epoch = run.epoch
        engine.reset_metrics()
        runner.callbacks.call("on_epoch_begin", epoch, {})
        if resume is not None:
            # Within an epoch: what callbacks do when it begins is part of what was saved.
            run.apply_resume(resume)
            resume = None
        if not _train_epoch(run):
            break
        logs = dict(engine.logs())
        was_unstable = was_unstable or _is_unstable(runner, epoch, logs)
        logs |= run.validation.at_epoch_end(epoch, runner, logs)
        run.epoch, run.batch = epoch + 1, 0
        runner.callbacks.call("on_epoch_end", epoch, logs)
    engine.finalize_weights()
    runner.callbacks.call("on_train_end", logs)


def _train_epoch(run: Run) -> bool:
    """Train until the epoch ends, from the batch of the run; return whether there were data."""
    engine, runner = run.engine, run.runner
    if run.batch and engine.model.stop_training:
        return True  # it was so before a resume

    def step(block: Block) -> PendingLogs:
        engine.train(block, runner.guards_nan)
        run.batch += block.steps
        return engine.pending_logs()

    run.iterator.begin_epoch(run.epoch)
    for _ in run_steps("train", run.iterator, runner, step, run.batch):
        runner.handle_preemption()
        if engine.model.stop_training:
            break
    runner.end_pass("train")
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


def _is_unstable(runner: CallbackRunner, epoch: int, logs: Logs) -> bool:
    """Warn of a loss that is not finite and that no callback handles; return whether it is so."""
    handled = runner.guards_nan or runner.engine.model.stop_training
    return not handled and check_finite(logs.get("loss"), epoch)


def evaluate(
    engine: Engine,
    adapter: DataAdapter,
    *,
    steps: int | None,
    callbacks: object,
    verbose: object,
) -> Logs:
    """Return the loss and metrics over some data; see `Model.evaluate`."""
    _check_count("steps", steps, 1, optional=True)
    steps = _limit_steps(steps, adapter, "steps")
    _prepare(engine, adapter)
    runner = CallbackRunner(engine, callbacks, verbose, steps or adapter.num_batches)
    try:
        return evaluate_batches(engine, runner, adapter, steps, check=engine.check)
    finally:
        engine.drain()
        runner.progress_bar.close()


def predict(
    engine: Engine,
    adapter: DataAdapter,
    *,
    steps: int | None,
    callbacks: object,
    verbose: object,
    out: PyTree,
) -> PyTree:
    """Return the outputs for some inputs as NumPy arrays; see `Model.predict`."""
    _check_count("steps", steps, 1, optional=True)
    steps = _limit_steps(steps, adapter, "steps")
    outputs = _prepare(engine, adapter, needs_loss=False)
    known = adapter.num_samples is not None and steps is None and engine.has_batch_axis
    buffer = OutputBuffer(outputs, adapter.num_samples if known else None, out)
    runner = CallbackRunner(engine, callbacks, verbose, steps or adapter.num_batches)
    waiting: list[tuple[PyTree, int | None]] = []

    def copy_waiting() -> None:
        for each, rows in waiting:
            buffer.add(each, rows)

    def step(block: Block) -> PendingLogs:
        nonlocal waiting
        found = engine.predict(block)
        copy_waiting()  # of the block before, while the device computes this one
        waiting = found
        logs = {"outputs": _rows(*found[-1])} if runner.has_batch_hooks("predict") else {}
        return PendingLogs.of(logs)

    iterator = EpochIterator(
        adapter,
        steps,
        check=partial(engine.check, needs_loss=False),
        extra_bytes_per_batch=nbytes(outputs),
    )
    try:
        runner.callbacks.call("on_predict_begin", {})
        with closing(iterator):
            iterator.begin_epoch(0)
            for _ in run_steps("predict", iterator, runner, step):
                pass
        runner.end_pass("predict")
        copy_waiting()
        runner.callbacks.call("on_predict_end", {})
    finally:
        engine.drain()
        runner.progress_bar.close()
    return buffer.result()


def _rows(outputs: PyTree, count: int | None) -> PyTree:
    return jax.tree.map(lambda array: array[:count], outputs)


# Before the first step.


def _prepare(engine: Engine, adapter: DataAdapter, *, needs_loss: bool = True) -> PyTree:
    """Check what is known of the data beforehand: all of the arrays, or a first batch.

    Returns:
        The abstract outputs of the model for a batch.
    """
    try:
        outputs = _prepare_batches(engine, adapter, needs_loss=needs_loss)
    except ShapeError as error:
        if isinstance(adapter, IterableAdapter) and engine.takes_samples(adapter.first_batch()[0]):
            raise DataError(explain_single_samples(adapter.source)) from error
        raise
    if adapter.arrays is not None:
        # Values that are not in memory are checked when they are read.
        x, y, weight = (None if has_lazy(part) else part for part in adapter.arrays)
        engine.check((x, y, weight), needs_loss=needs_loss, is_whole=True)
    return outputs


def _prepare_batches(engine: Engine, adapter: DataAdapter, *, needs_loss: bool = True) -> PyTree:
    """Prepare for the batches of an adapter, and return the abstract outputs for the first."""

    def prepare(batch: Batch) -> PyTree:
        return engine.prepare(batch, needs_loss=needs_loss, is_part=adapter.arrays is not None)

    outputs = prepare(adapter.first_batch())
    last = adapter.last_partial_batch()
    if last is not None and engine.model._kerasish_is_stateful():
        prepare(last)  # refuses it before the first step
        outputs = prepare(adapter.first_batch())
    return outputs


def _check_count(name: str, count: object, least: int, *, optional: bool = False) -> None:
    if count is None and optional:
        return
    if not is_integer(count) or count < least:  # type: ignore[operator]
        raise ArgumentError(f"{name} must be a whole number of at least {least}; got {count!r}.")


def _check_interval(interval: object, validation: DataAdapter | None) -> None:
    if interval is None:
        return
    if validation is None:
        raise ArgumentError("validation_every needs data to evaluate: give `validation_data`.")
    if not isinstance(interval, timedelta) or interval <= timedelta(0):
        _check_count("validation_every, if it is no datetime.timedelta,", interval, 1)


def _limit_steps(steps: int | None, adapter: DataAdapter, name: str) -> int | None:
    """Return the number of steps for an adapter, at most what an epoch may have; None for all.

    Raises:
        ArgumentError: if the data have no end, and no number of steps was passed.
    """
    most = max_steps_per_epoch()
    if adapter.is_infinite and steps is None and most is None:
        raise ArgumentError(f"The data repeat themselves without an end; say how many: `{name}=`.")
    known = steps or adapter.num_batches
    return steps if most is None or (known is not None and known <= most) else most
