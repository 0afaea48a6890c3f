"""History: the logs of each epoch, which `fit` returns."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.callback import Callback, Logs

__all__ = ["History", "attach_history"]


class History(Callback):
    """Keeps the logs of each epoch. `fit` adds one and returns it.

    Attributes:
        epoch: the numbers of the epochs, counted from 0.
        history: by name, the values of the logs, one per epoch.
        validations: the results within epochs, with `validation_every`: dicts with the number
            of steps that were made (`"step"`) and the values.

    Examples:
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> history = model.fit(x, x[:, :1], epochs=3, verbose=0)
        >>> history.epoch, len(history.history["loss"])
        ([0, 1, 2], 3)
    """

    checkpointed_attributes = ("epoch", "history", "validations")

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}
        self.validations: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the logs of an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


def attach_history(model: Any, history: Callback) -> None:
    """Make a history the value of `model.history`.

    Keras's `History` assigns itself to that attribute; such a value is removed.
    """
    if not hasattr(model, "_kerasish_history"):
        model.history = history
        return
    model._kerasish_history = history
    if type(vars(model).get("history")).__name__ == History.__name__:
        del model.history
