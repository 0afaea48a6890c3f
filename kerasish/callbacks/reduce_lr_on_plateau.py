"""ReduceLROnPlateau: lowers the learning rate when a metric stops improving."""

from __future__ import annotations

import inspect

from kerasish.callbacks.callback import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback
from kerasish.core.errors import ArgumentError
from kerasish.core.surface.old_names import check_arguments

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a metric has not improved for some epochs.

    Args:
        monitor: the value in the logs; epochs without it do not count.
        factor: the factor on the rate, below 1.
        patience: the number of epochs without improvement to wait for.
        verbose: whether to print the rate.
        mode: `"min"`, `"max"` or `"auto"` (by the name).
        min_delta: the least improvement that counts.
        cooldown: epochs after a reduction that do not count.
        min_lr: the lowest rate.
        **kwargs: `epsilon` is the old name of `min_delta`.

    Raises:
        ArgumentError: if `factor` is 1 or more, or `mode` is unknown; in `fit`, if no epoch can
            log `monitor`.

    Examples:
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> model.optimizer.learning_rate = 0.25
        >>> slower = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100.0)
        >>> history = model.fit(x, x[:, :1], epochs=3, callbacks=[slower], verbose=0)
        >>> history.history["learning_rate"]
        [0.25, 0.25, 0.125]
    """

    checkpointed_attributes = ("best", "wait", "cooldown_counter")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 0.0001,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: float,
    ) -> None:
        min_delta = kwargs.pop("epsilon", min_delta)
        check_arguments("ReduceLROnPlateau", kwargs, inspect.signature(type(self)).parameters)
        super().__init__(monitor, mode, min_delta)
        if factor >= 1:
            raise ArgumentError(f"ReduceLROnPlateau needs a factor below 1; got {factor}.")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def in_cooldown(self) -> bool:
        """Return whether epochs do not count, since the rate was reduced recently."""
        return self.cooldown_counter > 0

    def _reset(self) -> None:
        self.reset_best()
        self.wait = 0
        self.cooldown_counter = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Reset the state."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and lower the rate if `patience` has passed."""
        rate = float(self.model.optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        value = self.get_monitor_value(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_best(value):
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self._reduce(epoch, max(rate * self.factor, self.min_lr))

    def _reduce(self, epoch: int, rate: float) -> None:
        self.model.optimizer.learning_rate = rate
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is reduced to {rate:.5g}")
        self.cooldown_counter, self.wait = self.cooldown, 0
