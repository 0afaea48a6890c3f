"""EarlyStopping: ends training when a metric stops improving."""

from __future__ import annotations

import numpy as np

from kerasish.callbacks.callback import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback

__all__ = ["EarlyStopping"]


class EarlyStopping(MonitorCallback):
    """Stops when a metric has not improved for some epochs.

    Args:
        monitor: the value in the logs; epochs without it do not count.
        min_delta: the least improvement that counts.
        patience: the number of epochs without improvement to wait for.
        verbose: whether to print why training ended.
        mode: `"min"`, `"max"` or `"auto"` (by the name).
        baseline: a value that must be beaten; training ends after `patience` epochs that were
            not better than it, however much they improve on each other.
        restore_best_weights: whether the model ends with the weights of its best epoch instead of
            its last.
        start_from_epoch: epochs before this one do not count.

    Raises:
        ArgumentError: if `mode` is unknown; in `fit`, if no epoch can log `monitor`.

    Examples:
        >>> stop = EarlyStopping("val_accuracy", patience=3)
        >>> stop.is_better(0.9, than=0.8)
        True
    """

    checkpointed_attributes = ("wait", "stopped_epoch", "best", "best_epoch", "best_weights")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.reset_best()
        self.best_epoch = 0
        self.best_weights: list[np.ndarray] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Reset the state."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop if `patience` has passed."""
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            # Restored if no later epoch is better.
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.is_best(value):
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.is_better(value, self.baseline):
                self.wait = 0
                return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Restore the best weights, with `restore_best_weights`."""
        if self.verbose and self.stopped_epoch:
            print(
                f"Epoch {self.stopped_epoch + 1}: early stopping, {self.monitor} was best "
                f"({self.best:.5g}) in epoch {self.best_epoch + 1}"
            )
        if self.restore_best_weights and self.best_weights is not None:
            self.model.set_weights(self.best_weights)
