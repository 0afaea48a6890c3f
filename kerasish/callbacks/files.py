"""Callbacks that write files."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from kerasish.callbacks.base import Callback, Logs, Monitor
from kerasish.core.errors import ArgumentError

__all__ = ["CSVLogger", "ModelCheckpoint"]


# Files that wait to be written; each holds a state of the model.
_WAITING = 2


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file.

    Args:
        filename: the file.
        separator: what stands between the values.
        append: whether to go on with a file that is there already.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = model.fit(x, x[:, :1], callbacks=[CSVLogger(f"{folder}/log.csv")], verbose=0)
        ...     Path(f"{folder}/log.csv").read_text().splitlines()[0]
        'epoch,loss'
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self._file: IO[str] | None = None
        self._writer: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the file, so that a folder that cannot be written is known now."""
        there = self.append and self.filename.exists() and self.filename.stat().st_size > 0
        self._needs_header = not there
        mode = "a" if self.append else "w"
        self._file = self.filename.open(mode, newline="", encoding="utf-8")
        self._writer = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write a line."""
        logs = logs or {}
        if self._writer is None:
            names = ["epoch", *sorted(logs)]
            self._writer = csv.DictWriter(
                self._file,  # type: ignore[arg-type]
                names,
                restval="NA",
                extrasaction="ignore",
                delimiter=self.separator,
                lineterminator="\n",
            )
            if self._needs_header:
                self._writer.writeheader()
        self._writer.writerow({"epoch": epoch, **logs})
        # What is written stays, also when the run is killed.
        self._file.flush()  # type: ignore[union-attr]

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class ModelCheckpoint(Callback):
    """Saves the model, or its weights, as training goes on.

    A thread writes the file, so that training does not wait for the disk. What
    it meets with is raised at the next save, or when training ends.

    Args:
        filepath: where to; names in braces are filled in from the logs:
            `"m-{epoch:02d}-{val_loss:.3f}.keras"`, epochs counted from 1. It
            ends in `.keras`, or in `.weights.h5` with `save_weights_only`.
        monitor: which number of the logs tells what is best.
        verbose: whether to say what was saved.
        save_best_only: whether to save only when that number got better.
        save_weights_only: whether to leave out everything but the weights.
        mode: `"min"`, `"max"` or `"auto"` (by the name).
        save_freq: `"epoch"`, or after how many batches to save.
        initial_value_threshold: a value that the first one must be better than.

    Raises:
        ArgumentError: if the ending does not fit, `save_freq` cannot be, or
            the logs lack `monitor`.

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

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__()
        self.filepath = os.fspath(filepath)
        self.monitor = Monitor(monitor, mode, 0, "ModelCheckpoint")
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        ending = ".weights.h5" if save_weights_only else ".keras"
        if not self.filepath.endswith(ending):
            raise ArgumentError(
                f"ModelCheckpoint saves {'weights' if save_weights_only else 'models'} to files "
                f"that end in {ending!r}; got {self.filepath!r}."
            )
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq < 1):
            raise ArgumentError(
                f"save_freq must be 'epoch' or a number of batches; got {save_freq!r}."
            )
        threshold = initial_value_threshold
        self.best = self.monitor.worst if threshold is None else threshold
        self.every = save_freq if isinstance(save_freq, int) else None
        self._epoch = 0
        self._writer: ThreadPoolExecutor | None = None
        self._writing: list[Future[None]] = []

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the epoch."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Save, if that is when."""
        if self.save_freq == "epoch":
            self._save(logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Save, if that is when."""
        self._save(logs)

    def _save(self, logs: Logs) -> None:
        if self.save_best_only:
            value = self.monitor.value(logs)
            if not self.monitor.better(value, self.best):
                return
            self.best = value
        path = self._path(logs)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._write(self.model.snapshot(path, self.save_weights_only))
        if self.verbose:
            print(f"Epoch {self._epoch + 1}: saving to {path}")

    def _write(self, write: Callable[[], None]) -> None:
        """Have a file written; wait if there are more waiting already than memory is good for."""
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, "kerasish-checkpoint")
        while len(self._writing) >= _WAITING or (self._writing and self._writing[0].done()):
            self._writing.pop(0).result()
        self._writing.append(self._writer.submit(write))

    def on_train_end(self, logs: Logs = None) -> None:
        """Wait until everything is written."""
        writing, self._writing = self._writing, []
        for each in writing:
            each.result()
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None

    def _path(self, logs: Logs) -> str:
        names = dict(logs or {})
        try:
            return self.filepath.format(epoch=self._epoch + 1, **names)
        except KeyError as error:
            raise ArgumentError(
                f"ModelCheckpoint: {self.filepath!r} asks for {error.args[0]!r}, which is "
                f"not among the logs: {', '.join(sorted(names))}."
            ) from error
