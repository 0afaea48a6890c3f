"""BackupAndRestore: saves a whole run, and resumes it after an interruption."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Any

from kerasish.callbacks.background_writer import BackgroundWriter
from kerasish.callbacks.callback import Callback, Logs
from kerasish.callbacks.run import CallbackRun, SavedRun
from kerasish.callbacks.save_frequency import parse_save_freq
from kerasish.checkpoints import Checkpoints
from kerasish.core.errors import FileFormatError

__all__ = ["BackupAndRestore"]

# The newest checkpoint, and the one before in case the newest is damaged.
_KEPT = 2

# Exit code of a process that a signal ended, minus the number of the signal.
_SIGNALLED = 128


class BackupAndRestore(Callback):
    """Saves the whole run, and resumes it after an interruption.

    A resumed run ends with the same bits as one that was never interrupted: weights, metrics,
    history, and the decisions of callbacks. A checkpoint has the state of training, the states of
    callbacks, and the position in the data. Data other than arrays are read again from their
    beginning, and the batches that were used are skipped: they must be the same ones.

    A thread writes the checkpoints with Orbax; each appears whole or not at all. On SIGTERM, the
    signal of preemption, the run is saved and ends with exit code 143. If a checkpoint cannot be
    written, for example because the disk is full, a warning says so and training continues.

    Args:
        backup_dir: a folder, for this run alone.
        save_freq: `"epoch"`, after how many batches to save, or after how much time (a
            `datetime.timedelta`); False for SIGTERM only.
        double_checkpoint: has no effect: the last two checkpoints are always kept, in case the
            newest is damaged.
        delete_checkpoint: whether to delete the folder when training has ended.

    Raises:
        ArgumentError: if `save_freq` has another value; in `fit`, if the folder cannot be written
            or another run has it.
        FileFormatError: in `fit`, if all checkpoints there are damaged.
        ShapeError: in `fit`, if they are of another model.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> from kerasish import Input, Sequential, layers
        >>> model = Sequential([Input((2,)), layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     keep = BackupAndRestore(f"{folder}/run", delete_checkpoint=False)
        ...     _ = model.fit(x, x[:, :1], epochs=2, callbacks=[keep], verbose=0)
        ...     history = model.fit(x, x[:, :1], epochs=3, callbacks=[keep], verbose=0)
        >>> history.epoch
        [0, 1, 2]
    """

    run_last = True

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int | timedelta = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        self._checkpoints = Checkpoints(backup_dir, _KEPT)
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.batch_interval = parse_save_freq(save_freq, "BackupAndRestore")
        self.preempted = False
        self._writer = BackgroundWriter()
        self._previous_handler: Any = None
        self._saved_run: SavedRun | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Read the newest checkpoint, if there is one."""
        self._checkpoints.claim()
        self._install_handler()
        like = {"state": self._fit_run.state}
        found = self._checkpoints.newest(lambda step: self._checkpoints.read(step, like))
        if found is None:
            self._save()  # a run with random seeds has the same ones when it is resumed
        else:
            self._saved_run = SavedRun(*found)

    @property
    def _fit_run(self) -> CallbackRun:
        assert self.run is not None, "set before any hook is called"
        return self.run

    def saved_run(self) -> SavedRun | None:
        """Return the newest checkpoint, which the run is to resume from."""
        saved, self._saved_run = self._saved_run, None
        if saved is not None and self.params["verbose"]:
            step = saved.trees["state"]["step"]
            print(f"Going on after step {step}, from {self.backup_dir!r}", flush=True)
        return saved

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save: the number of batches, or the time, of `save_freq` has passed."""
        self._save()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if `save_freq` says so."""
        if self.save_freq == "epoch":
            self._save()

    def _save(self) -> None:
        run = self._fit_run
        self._writer.submit(partial(self._write, run.step, run.state_dict()))

    def _write(self, step: int, saved: SavedRun) -> None:
        try:
            self._checkpoints.save(step, saved.record, saved.trees)
        except FileFormatError as error:
            warnings.warn(f"{error} Training goes on.", stacklevel=1)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Delete the folder, with `delete_checkpoint`."""
        self._writer.flush()
        if self.delete_checkpoint:
            self._checkpoints.remove()

    def close(self) -> None:
        """Release the folder, once nothing is being written."""
        self._writer.wait()
        self._checkpoints.close()
        if self._previous_handler is not None:
            signal.signal(signal.SIGTERM, self._previous_handler)
            self._previous_handler = None
            if self.preempted:  # too late: the run has ended
                signal.raise_signal(signal.SIGTERM)

    # Preemption.

    def _install_handler(self) -> None:
        self.preempted = False
        if threading.current_thread() is threading.main_thread():
            self._previous_handler = signal.getsignal(signal.SIGTERM)
        if self._previous_handler is not None:  # None for one that is not Python's
            signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.preempted = True

    def on_preemption(self) -> None:
        """Save the run, then do what SIGTERM would have done without this callback.

        Raises:
            SystemExit: if there was no other handler for SIGTERM.
        """
        self.preempted = False
        self._writer.flush()
        step, previous = self._fit_run.step, self._previous_handler
        message = (
            f"The run is saved after step {step} in {self.backup_dir!r}; start it again to go on "
            "from there."
        )
        try:
            self._checkpoints.save(step, *self._fit_run.state_dict())
        except FileFormatError as error:
            message = str(error)
        print(f"SIGTERM: {message}", file=sys.stderr, flush=True)
        if not callable(previous):
            raise SystemExit(_SIGNALLED + signal.SIGTERM)
        previous(signal.SIGTERM, None)
