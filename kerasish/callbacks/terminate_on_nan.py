"""TerminateOnNaN: ends training when the loss is NaN or infinite."""

from __future__ import annotations

import math

from kerasish.callbacks.callback import Callback, Logs
from kerasish.callbacks.run import NonFiniteExplanation
from kerasish.core.errors import NonFiniteLossError

__all__ = ["TerminateOnNaN"]


class TerminateOnNaN(Callback):
    """Stops at the step whose loss is NaN or infinite.

    The device checks the loss itself, so steps do not wait for the host.

    With `explain=True` the failing step is repeated, operation by operation, to find the cause: a
    sample, a layer, the loss, a gradient, the update of a weight. The model then has the weights
    from before that step; otherwise it has those of the last step. As long as the loss is finite
    this costs only references to three states and the data that followed. If the state is donated
    to the steps, since less than eight times its size is free, it is copied to the host at each
    dispatch, which takes time.

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

    batch_interval = None
    guard_nan = True

    def __init__(self, raise_error: bool = False, explain: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self.explain = explain
        self.explanation: NonFiniteExplanation | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Reset the explanation, and keep the last steps from now on."""
        self.explanation = None
        if self.explain and self.run is not None:
            self.run.record_history()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Check the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        message = f"Batch {batch}: the loss is {loss}; training ends here"
        if self.explain and self.run is not None:
            self.explanation = self.run.explain()
            message = self.explanation.message
        if self.raise_error:
            raise NonFiniteLossError(message)
        print(message)
        self.model.stop_training = True
