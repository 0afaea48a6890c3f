"""Callbacks that look at a model by the moving averages of its weights."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.callback import Callback, Logs, TrainedModel
from kerasish.core.errors import ArgumentError

__all__ = ["SwapEMAWeights"]


class SwapEMAWeights(Callback):
    """Has a model evaluated, and predict, with the moving averages of its weights.

    The optimizer keeps them with `use_ema=True`. They take the place of the weights before, and
    the weights come back afterwards; training itself goes on from these.

    Args:
        swap_on_epoch: whether they do so from the end of each epoch until the next one begins,
            too, so that callbacks after this one, `ModelCheckpoint` for one, see the averages.

    Raises:
        ArgumentError: if the optimizer keeps no averages.

    Examples:
        >>> import numpy as np
        >>> from kerasish import Input, Sequential, layers, optimizers
        >>> model = Sequential([Input((4,)), layers.Dense(1)])
        >>> model.compile(optimizers.SGD(0.1, use_ema=True), "mse")
        >>> x, y = np.ones((8, 4)), np.ones((8, 1))
        >>> swap = SwapEMAWeights()
        >>> history = model.fit(x, y, validation_data=(x, y), callbacks=[swap], verbose=0)
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._weights: list[tuple[Any, Any]] = []
        self._for_now = False

    def set_model(self, model: TrainedModel) -> None:
        """Be told the model, before anything else."""
        super().set_model(model)
        if not model.optimizer._kerasish_keeps_averages:
            raise ArgumentError(
                "SwapEMAWeights needs an optimizer that keeps moving averages of the weights; "
                f"{model.optimizer.name!r} was made without `use_ema=True`."
            )

    def _show(self) -> bool:
        """Put the averages in the place of the weights; return whether they were not there yet."""
        optimizer = self.model.optimizer
        # Before the first step there are no averages yet.
        if self._weights or int(optimizer.iterations) == 0:
            return False
        for weight, average in optimizer._kerasish_averages(self.model.trainable_weights):
            self._weights.append((weight, weight.value))
            weight.assign(average.value)
        return True

    def get_state(self) -> dict[str, Any]:
        """Return the weights that the averages stand in the place of."""
        return {"weights": [value for _, value in self._weights]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take them back, in the order of the trainable weights."""
        self._weights = list(zip(self.model.trainable_weights, state["weights"], strict=False))

    def _go_back(self) -> None:
        for weight, value in self._weights:
            weight.assign(value)
        self._weights = []

    def on_train_begin(self, logs: Logs = None) -> None:
        """Go back to the weights, if an earlier run was interrupted."""
        self._go_back()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Go back to the weights."""
        self._go_back()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Show the averages to the callbacks after this one, if asked to."""
        if self.swap_on_epoch:
            self._show()

    def on_train_end(self, logs: Logs = None) -> None:
        """Leave the averages in the model: with `use_ema` training ends with them."""
        self._weights = []

    def on_test_begin(self, logs: Logs = None) -> None:
        """Show the averages."""
        self._for_now = self._show()

    def on_test_end(self, logs: Logs = None) -> None:
        """Go back to the weights."""
        if self._for_now:
            self._go_back()

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Show the averages."""
        self.on_test_begin(logs)

    def on_predict_end(self, logs: Logs = None) -> None:
        """Go back to the weights."""
        self.on_test_end(logs)
