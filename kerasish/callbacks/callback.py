"""Callback: the base of callbacks, and what they see of the model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol, cast

import numpy as np

from kerasish.callbacks.run import CallbackRun, SavedRun
from kerasish.checkpoints import Checkpoints
from kerasish.core.layer import Layer
from kerasish.core.surface.representation import representation
from kerasish.core.types import Logs
from kerasish.core.variable import Variable

__all__ = ["Callback", "Logs", "TrainedModel", "TrainedOptimizer"]


class TrainedOptimizer(Protocol):
    """The optimizer of a model in training, as callbacks see it."""

    name: str
    learning_rate: Any  # set to a number, read as a `Variable`

    @property
    def _kerasish_keeps_averages(self) -> bool:
        """Whether it keeps moving averages of weights."""
        ...

    @property
    def iterations(self) -> Variable:
        """The number of steps that the optimizer has made."""
        ...

    def _kerasish_averages(
        self, var_list: Sequence[Variable]
    ) -> Iterable[tuple[Variable, Variable]]:
        """Yield weights with their moving averages."""
        ...


class TrainedModel(Protocol):
    """The model in training, as callbacks see it."""

    stop_training: bool
    optimizer: TrainedOptimizer

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model."""
        ...

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        ...

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of all weights."""
        ...

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Assign all weights."""
        ...

    def to_json(self) -> str:
        """Return the config of the model."""
        ...

    def _kerasish_snapshot(
        self, filepath: str | os.PathLike[str], weights_only: bool = False
    ) -> Callable[[], None]:
        """Return a function that writes the model as it is now to a file, in any thread."""
        ...

    def _kerasish_checkpoint(
        self, checkpoints: Checkpoints, step: int, weights_only: bool
    ) -> Callable[[], None]:
        """Return a function that writes the model as it is now to a checkpoint, in any thread."""
        ...


class Callback:
    """The base of callbacks: hooks that `fit`, `evaluate` and `predict` call.

    Override the hooks that you need. Batch hooks have a cost only where they are overridden:
    without any, the host never waits for the device within an epoch. `logs` is a dict of Python
    floats, fetched from the device when a hook that gets it is called.

    Attributes:
        model: the model in training; None before.
        params: a dict with `"epochs"`, `"steps"` (None if unknown) and `"verbose"`; None before
            training.
        run: the run of `fit`, a `kerasish.callbacks.run.CallbackRun`; None before training.
        batch_interval: after how many batches, or how much time, `on_train_batch_end` is called;
            None for never.
        guard_nan: whether no further step is made once the loss is not finite. The device checks
            that itself, and `on_train_batch_end` is called then.
        run_last: whether the callback is called after all others.
        checkpointed_attributes: the names of the attributes that checkpoints save and a resumed
            run restores: numbers, strings, arrays, and lists and dicts of them.

    Examples:
        >>> class Stop(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         if logs["accuracy"] > 0.99:
        ...             self.model.stop_training = True
    """

    model: TrainedModel = cast(TrainedModel, None)  # set before any hook is called
    params: dict[str, Any] = cast("dict[str, Any]", None)
    run: CallbackRun | None = None
    batch_interval: int | timedelta | None = 1
    guard_nan = False
    run_last = False
    checkpointed_attributes: tuple[str, ...] = ()
    _kerasish_run: CallbackRun | None = None

    def __init__(self) -> None:
        """Take no arguments; a subclass may have any."""

    def __repr__(self) -> str:
        return representation(self)

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes of a copy: all but the model and the run."""
        left_out = ("model", "run", "_kerasish_run")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def set_model(self, model: TrainedModel) -> None:
        """Set the model, before any hook is called."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Set epochs, steps and verbosity, before any hook is called."""
        self.params = params

    def set_run(self, run: CallbackRun) -> None:
        """Set the run of `fit`, before any hook is called."""
        if self.run is self._kerasish_run:  # else a subclass has an attribute of that name
            self.run = self._kerasish_run = run

    def get_state(self) -> dict[str, Any]:
        """Return the state that a checkpoint saves; see `checkpointed_attributes`."""
        return {name: getattr(self, name) for name in self.checkpointed_attributes}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore what `get_state` returned; called after `on_train_begin` of a resumed run."""
        for name in self.checkpointed_attributes:
            setattr(self, name, state[name])

    def saved_run(self) -> SavedRun | None:
        """Return a state that the run is to resume from; called once, after `on_train_begin`."""
        return None

    def close(self) -> None:
        """Release resources; called when `fit` ends, normally or with an error."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called when `fit` begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called when `fit` ends, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch begins; they are counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch ends, validation included."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each training step."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each training step, with the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called when an evaluation or validation begins."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called when an evaluation or validation ends."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of an evaluation, with the means so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called when `predict` begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called when `predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after each batch of a prediction, with `{"outputs": ...}`."""
