"""SwapEMAWeights: evaluates a model with the moving averages of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish.callbacks.callback import Callback, Logs, TrainedModel
from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array
from kerasish.core.variable import Variable

__all__ = ["SwapEMAWeights"]


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the moving averages of the weights.

    An optimizer with `use_ema=True` keeps them. They replace the weights during evaluation, and
    the weights are restored afterwards; training continues from the weights.

    Args:
        swap_on_epoch: whether they also replace the weights from the end of each epoch until the
            next one begins, so that callbacks after this one, such as `ModelCheckpoint`, use them.

    Raises:
        ArgumentError: if the optimizer does not keep averages.

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
        self._weights: list[tuple[Variable, Array]] = []
        self._is_temporary = False

    def set_model(self, model: TrainedModel) -> None:
        """Set the model, before any hook is called."""
        super().set_model(model)
        if not model.optimizer._kerasish_keeps_averages:
            raise ArgumentError(
                "SwapEMAWeights needs an optimizer that keeps moving averages of the weights; "
                f"{model.optimizer.name!r} was made without `use_ema=True`."
            )

    def _swap_in(self) -> bool:
        """Replace the weights by the averages, unless they are already; return whether it did."""
        optimizer = self.model.optimizer
        # Before the first step there are no averages yet.
        if self._weights or int(optimizer.iterations) == 0:
            return False
        for weight, average in optimizer._kerasish_averages(self.model.trainable_weights):
            self._weights.append((weight, weight.value))
            weight.assign(average.value)
        return True

    def get_state(self) -> dict[str, Any]:
        """Return the weights that are replaced by the averages."""
        return {"weights": [value for _, value in self._weights]}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Set them, in the order of the trainable weights."""
        self._weights = list(zip(self.model.trainable_weights, state["weights"], strict=False))

    def _restore(self) -> None:
        for weight, value in self._weights:
            weight.assign(value)
        self._weights = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Restore the weights, if an earlier run was interrupted."""
        self._restore()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Restore the weights."""
        self._restore()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Swap in the averages, with `swap_on_epoch`."""
        if self.swap_on_epoch:
            self._swap_in()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Leave the averages in the model: with `use_ema` training ends with them."""
        self._weights = []

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Swap in the averages."""
        self._is_temporary = self._swap_in()

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Restore the weights."""
        if self._is_temporary:
            self._restore()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Swap in the averages."""
        self.on_test_begin(logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Restore the weights."""
        self.on_test_end(logs)
