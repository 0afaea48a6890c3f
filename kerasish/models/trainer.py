"""Trainer: fit, evaluate, predict."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from typing import Any

import jax

from kerasish.callbacks import BackupAndRestore, History
from kerasish.core.surface.old_names import checked
from kerasish.core.surface.reserved import Shadowable
from kerasish.core.types import Logs, PyTree
from kerasish.models.batch_utils import as_result
from kerasish.models.compiled import Compiled
from kerasish.models.profile import tell
from kerasish.training.data.adapters import (
    Data,
    make_adapter,
    read_batch,
    read_data,
    read_split,
    unpack_validation_data,
)
from kerasish.training.data.batch import num_samples
from kerasish.training.data.block import Block
from kerasish.training.loops import loop
from kerasish.training.profiling.profile import Profile, profile

__all__ = ["Trainer"]


class Trainer(Compiled):
    """A layer that can be trained, evaluated and used for predictions.

    Attributes:
        history: what the last `fit` returned.
        stop_training: set it in a callback, and training ends.
    """

    _kerasish_history: History | None = None
    history = Shadowable(lambda self: self._kerasish_history)
    stop_training: bool = False

    @checked
    def fit(
        self,
        x: Any = None,
        y: PyTree | None = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: object | None = None,
        validation_split: float = 0.0,
        validation_data: object | None = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: PyTree | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        validation_every: int | timedelta | None = None,
        resume: str | os.PathLike[str] | None = None,
    ) -> History:
        """Train the model.

        Args:
            x: inputs: an array, a list or dict of arrays for several inputs,
                or an iterable of batches `(x, y)` or `(x, y, sample_weight)`.
            y: targets; not with an iterable.
            batch_size: samples in a batch, 32 by default. The last batch may
                have fewer, and counts by its size.
            epochs: up to which epoch to train.
            verbose: 0 for silence, 1 for a bar, 2 for a line an epoch.
            callbacks: a callback or a list of them.
            validation_split: the share of the samples, taken from the end
                before shuffling, that is not trained on but evaluated after
                each epoch.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to evaluate
                after each epoch, or an iterable of batches.
            shuffle: whether to take the samples in another order each epoch.
            class_weight: for each class number how much its samples, steps or pixels count; 1
                for classes that it does not name. Labels are class numbers or one-hot, as the
                loss and the shape of the output say. Validation does not use it.
            sample_weight: for each sample how much it counts.
            initial_epoch: the epoch to begin with, counted from 0.
            steps_per_epoch: batches in an epoch; the next one goes on from there.
            validation_steps: batches in a validation.
            validation_batch_size: samples in a batch of validation.
            validation_freq: after how many epochs to validate, or a list of
                epochs, counted from 1.
            validation_every: within epochs, after how many batches of training to validate, or
                after how much time (a `datetime.timedelta`). Callbacks find the values in the
                logs of that batch; `history.validations` has them all.
            resume: a folder to keep checkpoints of this run in, after each epoch and every ten
                minutes. A run that is started again goes on from the newest whole one, with the
                same bits; see `kerasish.callbacks.BackupAndRestore`.

        Returns:
            The `History`: its `history` has for each name in the logs the
            values, epoch by epoch.

        Raises:
            NotCompiledError: if `compile` was not called.
            DataError: if the data cannot be trained on.
            ShapeError: if the model cannot take it, or checkpoints are of another one.
            FileFormatError: if all checkpoints are damaged.
        """
        engine = self._kerasish_require_engine("fit")
        if resume is not None:
            given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
            callbacks = [*given, _keeping(resume)]
        data: Data
        held_out: Data | None = None
        if validation_data is not None:
            held_out = read_data(*unpack_validation_data(validation_data))
        if validation_split and validation_data is None:
            data, held_out = read_split(x, y, sample_weight, validation_split)
        else:
            data = read_data(x, y, sample_weight)
        make = partial(
            make_adapter,
            default_batch_size=self._kerasish_usual_size(),
            seed=engine.seed,
            multiple_passes=True,
        )
        weight_fn = engine.class_weights(class_weight)
        adapter = make(data, batch_size=batch_size, shuffle=shuffle, weight_fn=weight_fn)
        validation = None
        if held_out is not None:
            validation = make(held_out, batch_size=validation_batch_size or batch_size)
        return loop.fit(
            engine,
            adapter,
            epochs=epochs,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation=validation,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            validation_every=validation_every,
            callbacks=callbacks,
            verbose=verbose,
        )

    @checked
    def evaluate(
        self,
        x: Any = None,
        y: PyTree | None = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: PyTree | None = None,
        steps: int | None = None,
        callbacks: object | None = None,
        return_dict: bool = False,
    ) -> float | list[float] | Logs:
        """Return the loss and the metrics over some data.

        Args:
            x: inputs, as in `fit`.
            y: targets, as in `fit`.
            batch_size: samples in a batch, 32 by default.
            verbose: 0 for silence, 1 for a bar, 2 for a line.
            sample_weight: for each sample how much it counts.
            steps: how many batches to take; all by default.
            callbacks: a callback or a list of them.
            return_dict: whether to return a dict by name.

        Returns:
            The loss, or a list of the loss and the metrics, or a dict.

        Raises:
            NotCompiledError: if `compile` was not called.
            DataError: if the data cannot be evaluated.
        """
        engine = self._kerasish_require_engine("evaluate")
        adapter = make_adapter(
            read_data(x, y, sample_weight),
            batch_size=batch_size,
            default_batch_size=self._kerasish_usual_size(),
        )
        logs = loop.evaluate(engine, adapter, steps=steps, callbacks=callbacks, verbose=verbose)
        return as_result(logs, engine.log_order(), return_dict)

    @checked
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: object | None = None,
        out: PyTree | None = None,
    ) -> PyTree:
        """Return the outputs for some inputs, as NumPy arrays.

        Outputs are copied from the device as they come, so it holds few of them at a time.

        Args:
            x: inputs, as in `fit`.
            batch_size: samples in a batch, 32 by default.
            verbose: 0 for silence, 1 for a bar, 2 for a line.
            steps: how many batches to take; all by default.
            callbacks: a callback or a list of them.
            out: an array to write the outputs to, a `numpy.memmap` for one, or the structure
                of them that the model returns. It is what is returned.

        Returns:
            An array `(samples, ...)`, or the structure of them that the model returns.

        Raises:
            DataError: if the data cannot be used.
            ShapeError: if the model cannot take it, or `out` does not fit.
        """
        adapter = make_adapter(
            read_data(x), batch_size=batch_size, default_batch_size=self._kerasish_usual_size()
        )
        engine = self._kerasish_require_engine("predict", compiled=False)
        return loop.predict(
            engine, adapter, steps=steps, callbacks=callbacks, verbose=verbose, out=out
        )

    @checked
    def train_on_batch(
        self,
        x: Any,
        y: PyTree | None = None,
        sample_weight: PyTree | None = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> float | list[float] | Logs:
        """Make one training step and return the loss and metrics of that batch."""
        engine = self._kerasish_require_engine("train_on_batch")
        batch = read_batch(x, y, sample_weight)
        weigh = engine.class_weights(class_weight)
        batch = batch if weigh is None else weigh(batch, batch)
        engine.prepare(batch)
        engine.reset_metrics()
        engine.train(Block(batch, size=num_samples(batch)))
        engine.block_until_ready()
        return as_result(dict(engine.logs()), engine.log_order(), return_dict)

    @checked
    def test_on_batch(
        self,
        x: Any,
        y: PyTree | None = None,
        sample_weight: PyTree | None = None,
        return_dict: bool = False,
    ) -> float | list[float] | Logs:
        """Return the loss and metrics of one batch."""
        engine = self._kerasish_require_engine("test_on_batch")
        batch = read_batch(x, y, sample_weight)
        engine.prepare(batch)
        engine.reset_test_metrics()
        engine.test(Block(batch, size=num_samples(batch)))
        engine.block_until_ready()
        return as_result(dict(engine.logs()), engine.log_order(), return_dict)

    def predict_on_batch(self, x: Any) -> PyTree:
        """Return the outputs for one batch, as NumPy arrays."""
        engine = self._kerasish_require_engine("predict_on_batch", compiled=False)
        batch = read_batch(x)
        engine.prepare(batch, needs_loss=False)
        return jax.device_get(engine.predict(Block(batch, size=num_samples(batch)))[0][0])

    def profile(
        self,
        x: Any,
        batch_size: int | None = None,
        *,
        y: PyTree | None = None,
        sample_weight: PyTree | None = None,
        verbose: int = 1,
    ) -> Profile:
        """Tell what training on some data will take, before a long run.

        One step is compiled, also for larger batches, and some are run on copies, so the model
        is as before. Without a loss it is prediction that is looked at.

        Args:
            x: inputs: an array, or a list or dict of arrays for several inputs.
            batch_size: samples in a batch, 32 by default.
            y: targets; without them some are made up.
            sample_weight: for each sample how much it counts.
            verbose: whether to print a table.

        Returns:
            The numbers: operations, bytes, memory, the largest batch that fits, seconds.

        Raises:
            NotCompiledError: if `compile` was not called.
            ArgumentError: if `batch_size` is no positive whole number.
            DataError: if x is no array, or the targets do not fit.
            ShapeError: if the model cannot take x.

        Examples:
            >>> import numpy as np
            >>> from kerasish import Input, Sequential, layers
            >>> model = Sequential([Input((4,)), layers.Dense(2)])
            >>> model.compile("adam", "mse")
            >>> found = model.profile(np.ones((100, 4)), batch_size=50, verbose=0)
            >>> found.trainable, found.steps, found.fits
            (10, 2, True)
        """
        found = profile(self._kerasish_require_engine("profile"), x, y, sample_weight, batch_size)
        if verbose:
            print(tell(found, self.name))
        return found


def _keeping(folder: str | os.PathLike[str]) -> BackupAndRestore:
    """Return what `fit` keeps checkpoints with: an epoch may last for days."""
    keeping = BackupAndRestore(folder, delete_checkpoint=False)
    keeping.batch_interval = timedelta(minutes=10)
    return keeping
