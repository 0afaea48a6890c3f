"""OrbaxCheckpoint: saves checkpoints that any JAX program can read."""

from __future__ import annotations

import os
from datetime import timedelta

from kerasish.callbacks.background_writer import BackgroundWriter
from kerasish.callbacks.callback import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback
from kerasish.callbacks.save_frequency import parse_save_freq
from kerasish.checkpoints import Checkpoints

__all__ = ["OrbaxCheckpoint"]


class OrbaxCheckpoint(MonitorCallback):
    """Saves weights and the state of the optimizer with Orbax, in Keras's layout.

    Each checkpoint is a folder named by a number: the epoch, from 0, or with another `save_freq`
    the steps that were made. In it are nested dicts by name, which any JAX program reads with
    Orbax, and what `kerasish.saving.load_model(directory)` makes the model of. To go on with a
    run, see `BackupAndRestore`.

    Args:
        directory: the folder, for this run alone.
        monitor: the value in the logs that says which model is best.
        verbose: whether to print what was saved.
        save_best_only: whether to save only when that value has improved; logs without it, as in
            epochs without validation, are skipped.
        mode: `"min"`, `"max"` or `"auto"` (by the name).
        save_freq: `"epoch"`, after how many batches to save, or after how much time (a
            `datetime.timedelta`).
        initial_value_threshold: a value that the first one must be better than.
        max_to_keep: how many checkpoints to keep, the last ones; None for all.
        save_on_background: whether a thread writes them, so that training does not wait.
        save_weights_only: whether to leave out everything but the weights.

    Raises:
        ArgumentError: if `save_freq` or `mode` has another value; in `fit`, if no logs can have
            `monitor`, the folder cannot be written, or another run has it.
        FileFormatError: in `fit`, at the next save or the end, if a checkpoint cannot be written.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> from kerasish import Input, Sequential, layers, saving
        >>> model = Sequential([Input((2,)), layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     keep = OrbaxCheckpoint(folder, monitor="loss", max_to_keep=2)
        ...     _ = model.fit(x, x[:, :1], epochs=3, callbacks=[keep], verbose=0)
        ...     same = saving.load_model(folder)
        >>> bool((same.predict(x, verbose=0) == model.predict(x, verbose=0)).all())
        True
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: str | int | timedelta = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold=initial_value_threshold)
        self._checkpoints = Checkpoints(directory, max_to_keep)
        self.directory = os.fspath(directory)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_freq = save_freq
        self.save_on_background = save_on_background
        self.save_weights_only = save_weights_only
        self.batch_interval = parse_save_freq(save_freq, "OrbaxCheckpoint")
        self.needs_monitor, self.reads_batch_logs = save_best_only, self.batch_interval is not None
        self._writer = BackgroundWriter()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Create the folder, so that errors in it are raised before training."""
        super().on_train_begin(logs)
        self._checkpoints.claim()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save: the number of batches, or the time, of `save_freq` has passed."""
        self._save(int(self.model.optimizer.iterations), logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if `save_freq` says so."""
        if self.save_freq == "epoch":
            self._save(epoch, logs)

    def _save(self, step: int, logs: Logs | None) -> None:
        if self.save_best_only:
            value = self.get_monitor_value(logs)
            if value is None or not self.is_best(value):
                return
        self._writer.submit(
            self.model._kerasish_checkpoint(
                self._checkpoints, step, weights_only=self.save_weights_only
            )
        )
        if not self.save_on_background:
            self._writer.flush()
        if self.verbose:
            print(f"Saving checkpoint {step} to {self.directory}")

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Wait until everything is written."""
        self._writer.flush()

    def close(self) -> None:
        """Release the folder, once nothing is being written."""
        self._writer.wait()
        self._checkpoints.close()
