"""What a callback sees of the run of `fit` that it is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

from kerasish.core.types import Config, Params

__all__ = ["CallbackRun", "HandlesPreemption", "NonFiniteExplanation", "SavedRun"]


class SavedRun(NamedTuple):
    """The state of a run: what it needs to continue from there with the same bits.

    Attributes:
        record: the position in the data and the states of callbacks, in a form that JSON can hold.
        trees: by name, nested dicts of arrays: the training state (`"state"`) and the arrays of
            callbacks (`"callbacks"`).
    """

    record: Config
    trees: Mapping[str, Params]


class NonFiniteExplanation(Protocol):
    """Why a loss is not finite; see `kerasish.training.diagnosis.explanation.Explanation`."""

    @property
    def message(self) -> str:
        """The explanation in words."""
        ...


class CallbackRun(Protocol):
    """A run of `fit`, as callbacks see it."""

    @property
    def step(self) -> int:
        """The number of training steps that the model has made."""
        ...

    @property
    def state(self) -> Params:
        """The training state as nested dicts of arrays."""
        ...

    def state_dict(self) -> SavedRun:
        """Return the state of the run, in arrays that stay as they are."""
        ...

    def log_names(self, within_epochs: bool = False) -> list[str]:
        """Return the names that the logs of epochs, or of batches, will have."""
        ...

    def may_gain_logs(self, callback: object) -> bool:
        """Return whether another callback might add names of its own to the logs."""
        ...

    def record_history(self) -> None:
        """Keep the last steps from now on, for `explain`."""
        ...

    def explain(self) -> NonFiniteExplanation:
        """Find out why the loss is not finite, and restore the state from before that."""
        ...


@runtime_checkable
class HandlesPreemption(Protocol):
    """A callback that saves the run when the machine is taken away."""

    preempted: bool

    def on_preemption(self) -> None:
        """Save the run and end it."""
        ...
