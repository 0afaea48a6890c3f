"""CSVLogger: writes the logs of epochs to a CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from kerasish.callbacks.callback import Callback, Logs

__all__ = ["CSVLogger"]


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file.

    The columns are the names in the logs of the first epoch and those that validation will add; or
    those of the file, if it is appended to. Missing values are written as `NA`.

    Args:
        filename: the file.
        separator: the text between two values.
        append: whether to append to a file that exists. A resumed run appends from where its
            checkpoint was.

    Attributes:
        size: the bytes of the file that this run has written or appends to.

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

    checkpointed_attributes = ("size",)

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self.size = 0
        self._file: IO[str] | None = None
        self._writer: csv.DictWriter[str] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file, so that errors in it are raised before training."""
        self._file = self.filename.open("a", newline="", encoding="utf-8")
        self.size = self.filename.stat().st_size if self.append else 0
        self._writer = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a line."""
        logs, file = logs or {}, self._file
        assert file is not None
        if self._writer is None:
            # Only now is it known whether this run was resumed, and so appends.
            file.truncate(self.size)
            self._writer = csv.DictWriter(
                file,
                self._columns(logs),
                restval="NA",
                extrasaction="ignore",
                delimiter=self.separator,
                lineterminator="\n",
            )
            if not self.size:
                self._writer.writeheader()
        self._writer.writerow({"epoch": epoch, **logs})
        # So that it stays if the run is killed.
        file.flush()
        self.size = self.filename.stat().st_size

    def _columns(self, logs: Mapping[str, float]) -> list[str]:
        if self.size:
            with self.filename.open(newline="", encoding="utf-8") as file:
                return next(csv.reader(file, delimiter=self.separator))
        to_come = [] if self.run is None else self.run.log_names()
        return ["epoch", *sorted(logs), *sorted(set(to_come) - set(logs))]

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
