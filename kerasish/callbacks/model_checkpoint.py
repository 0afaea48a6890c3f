"""ModelCheckpoint: saves the model, or its weights, during training."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from pathlib import Path

from kerasish.callbacks.background_writer import BackgroundWriter
from kerasish.callbacks.callback import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback
from kerasish.callbacks.save_frequency import parse_save_freq
from kerasish.core.errors import ArgumentError

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, during training.

    A thread writes the file, so that training does not wait for the disk. An error in it is raised
    at the next save, or when training ends.

    Args:
        filepath: the file; names in braces are filled in from the logs:
            `"m-{epoch:02d}-{val_loss:.3f}.keras"`, epochs counted from 1. It
            ends in `.keras` (or `.h5`, legacy), or in `.weights.h5` with `save_weights_only`.
        monitor: the value in the logs that says which model is best.
        verbose: whether to print what was saved.
        save_best_only: whether to save only when that value has improved; logs without it, as in
            epochs without validation, are skipped.
        save_weights_only: whether to leave out everything but the weights and the state of the
            optimizer.
        mode: `"min"`, `"max"` or `"auto"` (by the name).
        save_freq: `"epoch"`, after how many batches to save, or after how much time (a
            `datetime.timedelta`).
        initial_value_threshold: a value that the first one must be better than.
        max_to_keep: how many of the files that it wrote to keep, the last ones; None for all.

    Raises:
        ArgumentError: if the file ending, `save_freq` or `max_to_keep` is not supported; in `fit`,
            if no logs can have `monitor`.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     best = ModelCheckpoint(f"{folder}/best.keras", monitor="loss", save_best_only=True)
        ...     _ = model.fit(x, x[:, :1], epochs=2, callbacks=[best], verbose=0)
        ...     Path(f"{folder}/best.keras").exists()
        True
    """

    checkpointed_attributes = ("best", "paths")

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int | timedelta = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold=initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ArgumentError(
                f"ModelCheckpoint saves {'weights' if save_weights_only else 'models'} to files "
                f"that end in {' or '.join(map(repr, endings))}; got {self.filepath!r}."
            )
        if max_to_keep is not None and (not isinstance(max_to_keep, int) or max_to_keep < 1):
            raise ArgumentError(
                "ModelCheckpoint: max_to_keep must be a positive whole number, or None for all; "
                f"got {max_to_keep!r}."
            )
        self.max_to_keep = max_to_keep
        self.batch_interval = parse_save_freq(save_freq, "ModelCheckpoint")
        self.needs_monitor, self.reads_batch_logs = save_best_only, self.batch_interval is not None
        self.paths: list[str] = []
        self._epoch = 0
        self._writer = BackgroundWriter()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep the number of the epoch, for file names."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if `save_freq` says so."""
        if self.save_freq == "epoch":
            self._save(logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save, if `save_freq` says so."""
        self._save(logs)

    def _save(self, logs: Logs | None) -> None:
        if self.save_best_only:
            value = self.get_monitor_value(logs)
            if value is None or not self.is_best(value):
                return
        path = self._path(logs)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._writer.submit(self.model._kerasish_snapshot(path, self.save_weights_only))
        if self.verbose:
            print(f"Epoch {self._epoch + 1}: saving to {path}")
        self.paths = [each for each in self.paths if each != path] + [path]
        while self.max_to_keep and len(self.paths) > self.max_to_keep:
            old = Path(self.paths.pop(0))
            self._writer.submit(partial(old.unlink, missing_ok=True))

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Wait until everything is written."""
        self._writer.flush()

    def _path(self, logs: Logs | None) -> str:
        names = dict(logs or {})
        try:
            return self.filepath.format(epoch=self._epoch + 1, **names)
        except KeyError as error:
            raise ArgumentError(
                f"ModelCheckpoint: {self.filepath!r} asks for {error.args[0]!r}, which is "
                f"not among the logs: {', '.join(sorted(names))}."
            ) from error
