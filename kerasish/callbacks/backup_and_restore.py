"""Callbacks that save a whole run, to go on from there."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from datetime import timedelta
from functools import partial
from typing import Any

from kerasish.callbacks.background_writer import BackgroundWriter
from kerasish.callbacks.callback import Callback, Logs
from kerasish.callbacks.save_frequency import parse_save_freq
from kerasish.checkpoints import Checkpoints
from kerasish.core.errors import FileFormatError

__all__ = ["BackupAndRestore"]

# The newest one, and the one before in case that is damaged.
_KEPT = 2

# What a shell calls a process that was ended by a signal.
_SIGNALLED = 128


class BackupAndRestore(Callback):
    """Saves the whole run, and goes on from there if it was interrupted.

    The run that goes on ends with the same bits as one that was never interrupted: weights,
    metrics, history, and what callbacks decide. A checkpoint has the state of training, what
    callbacks remember, and the position in the data. Data that is no array is read again from its
    beginning, and the batches that were used are left out: let it give the same ones.

    A thread writes the checkpoints, through Orbax; each appears whole or not at all. SIGTERM,
    by which machines are taken away, has the run saved and ended with exit code 143. When a
    checkpoint cannot be written, as the disk is full, a warning tells so and training goes on.

    Args:
        backup_dir: a folder, for this run alone.
        save_freq: `"epoch"`, after how many batches to save, or after how much time (a
            `datetime.timedelta`); False for SIGTERM only.
        double_checkpoint: for Keras's sake. The last two are kept always, so that the one before
            is there if the newest is damaged.
        delete_checkpoint: whether to delete the folder when training has ended.

    Raises:
        ArgumentError: if `save_freq` cannot be; in `fit`, if the folder cannot be written or
            another run has it.
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
        self._before: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Go on from the newest checkpoint, if there is one."""
        self._checkpoints.claim()
        self._listen()
        like = {"state": self.run.state}
        found = self._checkpoints.newest(lambda step: self._checkpoints.read(step, like))
        if found is None:
            self._save()  # so that a run with random seeds has these when it goes on
        else:
            self.run.resume(*found)
            if self.params["verbose"]:
                step = found[1]["state"]["step"]
                print(f"Going on after step {step}, from {self.backup_dir!r}", flush=True)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Save, as so many batches are made, or so much time is over."""
        self._save()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Save, if that is when."""
        if self.save_freq == "epoch":
            self._save()

    def _save(self) -> None:
        record, trees = self.run.state_dict()
        self._writer.write(partial(self._write, self.run.step, record, trees))

    def _write(self, step: int, record: Any, trees: Any) -> None:
        try:
            self._checkpoints.save(step, record, trees)
        except FileFormatError as error:
            warnings.warn(f"{error} Training goes on.", stacklevel=1)

    def on_train_end(self, logs: Logs = None) -> None:
        """Delete the folder, if asked to."""
        self._writer.finish()
        if self.delete_checkpoint:
            self._checkpoints.remove()

    def close(self) -> None:
        """Let go of the folder, once nothing is written any more."""
        self._writer.rest()
        self._checkpoints.close()
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
            self._before = None
            if self.preempted:  # too late to be heeded: the run has ended
                signal.raise_signal(signal.SIGTERM)

    # When the machine is taken away.

    def _listen(self) -> None:
        self.preempted = False
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGTERM)
        if self._before is not None:  # a handler that is not Python's could not be put back
            signal.signal(signal.SIGTERM, self._note)

    def _note(self, number: int, frame: Any) -> None:
        self.preempted = True

    def on_preemption(self) -> None:
        """Save the run, then do what SIGTERM would have done without this callback.

        Raises:
            SystemExit: if nobody else had a handler for SIGTERM.
        """
        self.preempted = False
        self._writer.finish()
        step, before = self.run.step, self._before
        told = (
            f"The run is saved after step {step} in {self.backup_dir!r}; start it again to go on "
            "from there."
        )
        try:
            self._checkpoints.save(step, *self.run.state_dict())
        except FileFormatError as error:
            told = str(error)
        print(f"SIGTERM: {told}", file=sys.stderr, flush=True)
        if not callable(before):
            raise SystemExit(_SIGNALLED + signal.SIGTERM)
        before(signal.SIGTERM, None)
