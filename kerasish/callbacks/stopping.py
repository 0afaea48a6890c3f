"""Callbacks that end training."""

from __future__ import annotations

import math
from typing import Any

from kerasish.callbacks.base import Callback, Logs
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.core.errors import NonFiniteLossError

__all__ = ["EarlyStopping", "TerminateOnNaN"]


class EarlyStopping(MonitorCallback):
    """Stops when a number has not got better for some epochs.

    Args:
        monitor: which number of the logs to watch; epochs without it do not count.
        min_delta: how much better it must get to count.
        patience: how many epochs without that are allowed.
        verbose: whether to say why training ended.
        mode: `"min"`, `"max"` or `"auto"` (by the name).
        baseline: a value that must be beaten; training ends after `patience` epochs that were
            not better than it, however much they improve on each other.
        restore_best_weights: whether the model ends with the weights of its
            best epoch instead of its last.
        start_from_epoch: epochs before this one do not count.

    Raises:
        ArgumentError: if `mode` is unknown; in `fit`, if no epoch can log `monitor`.

    Examples:
        >>> stop = EarlyStopping("val_accuracy", patience=3)
        >>> stop.is_better(0.9, than=0.8)
        True
    """

    remembers = ("wait", "stopped_epoch", "best", "best_epoch", "best_weights")

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
        self.forget_best()
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget earlier runs."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare, and stop if patience is over."""
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            # If nothing ever gets better than this, this is what to go back to.
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

    def on_train_end(self, logs: Logs = None) -> None:
        """Go back to the best weights, if asked to."""
        if self.verbose and self.stopped_epoch:
            print(
                f"Epoch {self.stopped_epoch + 1}: early stopping, {self.monitor} was best "
                f"({self.best:.5g}) in epoch {self.best_epoch + 1}"
            )
        if self.restore_best_weights and self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class TerminateOnNaN(Callback):
    """Stops at the step whose loss is NaN or infinite.

    The device looks at the loss itself, so steps do not wait for the host.

    With `explain=True` the failing step is made again, operation by operation, and it is told
    what began it: a sample, a layer, the loss, a gradient, the update of a weight. The model then
    has the weights from before that step; otherwise it has those of the last step that was made.
    As long as the loss is finite this costs nothing but references to three states and the
    data that followed. Only where memory is so tight that steps give their state away (less than
    eight times its size is free) is it copied to the host at each dispatch, which takes time.

    Args:
        raise_error: whether to raise an error instead of ending the training.
        explain: whether to find out why.

    Raises:
        NonFiniteLossError: in `fit`, with `raise_error`.

    Attributes:
        explanation: the cause, a `kerasish.training.diagnosis.explanation.Explanation` with `kind`,
            `epoch`, `batch`, `step`, `layer`, `weight`, `samples`, `indices`, `operation`
            and `message`; None if the loss stayed finite.

    Examples:
        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> import kerasish
        >>> model = kerasish.Sequential([kerasish.Input((2,)), kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> model.optimizer.learning_rate = 1e30
        >>> history = model.fit(x, x[:, :1], epochs=9, callbacks=[TerminateOnNaN()], verbose=0)
        Batch 0: the loss is ...; training ends here
        >>> len(history.epoch) < 9
        True
        >>> logarithm = kerasish.layers.Lambda(jnp.log, name="logarithm")
        >>> model = kerasish.Sequential([kerasish.Input((2,)), logarithm, kerasish.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x[5, 1] = 0
        >>> stop = TerminateOnNaN(explain=True)
        >>> history = model.fit(x, x[:, :1], shuffle=False, callbacks=[stop], verbose=0)
        Epoch 1, batch 0: the loss became inf.
          It began in layer `logarithm` (Lambda): 1 of 16 values is inf in its output.
          `log` got 0; its inputs go from 0 to 1.
          That is in samples [5] of the batch, which are [5] of the data.
          What to do: a logarithm needs numbers above 0: keep them away from it, ...
          The model has the weights from before that step.
        >>> stop.explanation.layer, stop.explanation.samples, stop.explanation.operation
        ('logarithm', [5], 'log')
    """

    every = None
    stops_at_nan = True

    def __init__(self, raise_error: bool = False, explain: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self.explain = explain
        self.explanation: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget earlier runs, and have the last steps of this one remembered."""
        self.explanation = None
        if self.explain:
            self.run.remember()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        message = f"Batch {batch}: the loss is {loss}; training ends here"
        if self.explain:
            self.explanation = self.run.explain()
            message = self.explanation.message
        if self.raise_error:
            raise NonFiniteLossError(message)
        print(message)
        self.model.stop_training = True
