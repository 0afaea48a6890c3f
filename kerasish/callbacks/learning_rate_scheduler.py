"""LearningRateScheduler: sets the learning rate at the start of each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from kerasish.callbacks.callback import Callback, Logs
from kerasish.core.errors import ArgumentError

__all__ = ["LearningRateScheduler"]


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of each epoch.

    Args:
        schedule: `(epoch, learning_rate) -> learning_rate`, or `(epoch) -> learning_rate`.
        verbose: whether to print the rate.

    Raises:
        ArgumentError: if `schedule` does not return a number.

    Examples:
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> falling = LearningRateScheduler(lambda epoch: 0.5 ** (epoch + 1))
        >>> history = model.fit(x, x[:, :1], epochs=2, callbacks=[falling], verbose=0)
        >>> history.history["learning_rate"]
        [0.5, 0.25]
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose
        arguments = inspect.signature(schedule).parameters.values()
        self._takes_rate = len([p for p in arguments if p.default is p.empty]) > 1 or any(
            p.kind is p.VAR_POSITIONAL for p in arguments
        )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the rate."""
        now = float(self.model.optimizer.learning_rate)
        rate = self.schedule(epoch, now) if self._takes_rate else self.schedule(epoch)
        try:
            rate = float(rate)
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"LearningRateScheduler: the schedule returned {rate!r}; a number is wanted."
            ) from error
        self.model.optimizer.learning_rate = rate
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is {rate:.5g}")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the rate to the logs."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)
