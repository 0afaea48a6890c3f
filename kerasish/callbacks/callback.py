"""Callback: what happens beside training."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol, cast

from kerasish.core.surface.representation import representation

__all__ = ["Callback", "TrainedModel"]

Logs = dict[str, float] | None


class TrainedModel(Protocol):
    """What a callback may ask of the model in training."""

    stop_training: bool
    optimizer: Any

    @property
    def layers(self) -> list[Any]:
        """The layers that the model is made of."""
        ...

    @property
    def trainable_weights(self) -> list[Any]:
        """The weights that training changes."""
        ...

    def get_weights(self) -> list[Any]:
        """Return copies of all weights."""
        ...

    def set_weights(self, weights: list[Any]) -> None:
        """Assign all weights."""
        ...

    def to_json(self) -> str:
        """Return what the model is made of."""
        ...

    def _kerasish_snapshot(self, filepath: Any, weights_only: bool = False) -> Callable[[], None]:
        """Return what writes the model as it is now to a file, in any thread."""
        ...

    def _kerasish_checkpoint(
        self, checkpoints: Any, step: int, weights_only: bool
    ) -> Callable[[], None]:
        """Return what writes the model as it is now to an Orbax checkpoint, in any thread."""
        ...


class Callback:
    """The base of callbacks: hooks that `fit`, `evaluate` and `predict` call.

    Override what you need. Batch hooks cost something only where they are
    overridden: without any, the device is never waited for within an epoch.
    `logs` is a dict of Python floats, fetched from the device when a hook that gets it is called.

    Attributes:
        model: the model in training; None before.
        params: a dict with `"epochs"`, `"steps"` (None if not known) and `"verbose"`; None before
            training.
        run: where the run of `fit` is, and what it would need to go on from there; see
            `kerasish.training.loops.run.Run`.
        batch_interval: after how many batches, or how much time, `on_train_batch_end` wants to be
            called; None for never.
        guard_nan: whether no step is to be made once the loss is not finite. The device
            itself sees to that, and `on_train_batch_end` is called then.
        run_last: whether its turn is after that of all others.
        checkpointed_attributes: the names of the attributes that checkpoints save and a resumed
            run restores: numbers, strings, arrays, and lists and dicts of them.

    Examples:
        >>> class Stop(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         if logs["accuracy"] > 0.99:
        ...             self.model.stop_training = True
    """

    model: TrainedModel = cast(TrainedModel, None)  # each hook finds one
    params: dict[str, Any] = cast("dict[str, Any]", None)
    run: Any = None
    batch_interval: int | timedelta | None = 1
    guard_nan = False
    run_last = False
    checkpointed_attributes: tuple[str, ...] = ()

    def __init__(self) -> None:
        """Take no arguments; a class of your own may have any."""

    def __repr__(self) -> str:
        return representation(self)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of: everything but the model and the run that it was in."""
        return {name: value for name, value in vars(self).items() if name not in ("model", "run")}

    def set_model(self, model: TrainedModel) -> None:
        """Be told the model, before anything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Be told epochs, steps and verbosity, before anything else."""
        self.params = params

    def get_state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps; see `checkpointed_attributes`."""
        return {name: getattr(self, name) for name in self.checkpointed_attributes}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take back what `get_state` returned, after `on_train_begin`: a run goes on."""
        for name in self.checkpointed_attributes:
            setattr(self, name, state[name])

    def close(self) -> None:
        """Let go of what it holds; called when `fit` ends, in peace or not."""

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called when `fit` begins."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called when `fit` ends, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called when an epoch begins; they are counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called when an epoch ends, validation included."""

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Another name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each training step."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each training step, with the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        """Called when an evaluation or validation begins."""

    def on_test_end(self, logs: Logs = None) -> None:
        """Called when an evaluation or validation ends."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch of an evaluation, with the means so far."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Called when `predict` begins."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """Called when `predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after each batch of a prediction, with `{"outputs": ...}`."""
