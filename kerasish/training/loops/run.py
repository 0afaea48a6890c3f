"""Run: the position of a run of `fit`, and the state that it needs to continue from there."""

from __future__ import annotations

import warnings
from collections import defaultdict

import numpy as np

from kerasish.callbacks.run import SavedRun
from kerasish.core.errors import ArgumentError
from kerasish.core.serialization.untrusted import guarded
from kerasish.core.types import Params
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.diagnosis.explain import explain
from kerasish.training.diagnosis.explanation import Explanation
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.step_history import StepHistory
from kerasish.training.loops.callback_runner import CallbackRunner
from kerasish.training.loops.run_record import nested_arrays, pack, restore_train_state, unpack
from kerasish.training.loops.validation import Validation

__all__ = ["Run"]

_NO_POSITION = "The record of the checkpoint does not tell where a run was"


class Run:
    """A run of `fit`; callbacks have it as their `run`.

    Args:
        engine: the engine of the model.
        runner: the callbacks.
        iterator: the batches.
        epoch: the epoch to begin with.
        validation: evaluates the model during training.

    Attributes:
        epoch: the epoch that is under way, or comes next.
        batch: how many of its batches were dispatched.
    """

    def __init__(
        self,
        engine: Engine,
        runner: CallbackRunner,
        iterator: EpochIterator,
        epoch: int,
        validation: Validation,
    ) -> None:
        self.engine = engine
        self.runner = runner
        self.iterator = iterator
        self.validation = validation
        self.epoch = epoch
        self.batch = 0
        self._explanation: Explanation | None = None

    @property
    def step(self) -> int:
        """The number of training steps that the model has made."""
        return self.engine.steps_made()

    @property
    def state(self) -> Params:
        """The `TrainState` as nested dicts of arrays."""
        assert self.engine.owner is not None
        return nested_arrays(self.engine.owner.train_state)

    def log_names(self, within_epochs: bool = False) -> list[str]:
        """Return the names that the logs have, including those of validation.

        Args:
            within_epochs: whether those of batches, which have `validation_every` only.
        """
        names, validation = self.engine.log_names("train"), self.validation
        if validation.adapter is None or (within_epochs and validation.batch_interval is None):
            return names
        return names + [f"val_{name}" for name in self.engine.log_names("test")]

    def may_gain_logs(self, callback: object) -> bool:
        """Return whether another callback might add names of its own to the logs."""
        return any(each is not callback for each in self.runner.users_callbacks)

    def record_history(self) -> None:
        """Keep the last steps from now on, for `explain`."""
        self.engine.past = StepHistory(self)

    def explain(self) -> Explanation:
        """Find out why the loss is not finite, and restore the state from before that."""
        self._explanation = self._explanation or explain(self)  # the first call restores
        return self._explanation

    def state_dict(self) -> SavedRun:
        """Return all that this run needs to continue from here, in arrays that stay as they are.

        Raises:
            ArgumentError: if a callback has a state that no file can hold.
        """
        engine, arrays = self.engine, list[np.ndarray]()
        assert engine.owner is not None
        engine.block_until_ready()
        record = {
            "epoch": self.epoch,
            "batch": self.batch,
            "steps": self.runner.params["steps"],
            "seed": engine.seed,
            "inferences": engine.inferences,
            "passes": self.iterator.state_dict(),
            "watched": self.runner.batches,
            "stop_training": engine.model.stop_training,
            "logs": pack(dict(engine.logs()), arrays, "the logs") if self.batch else {},
            "callbacks": [
                [type(each).__name__, pack(each.get_state(), arrays, type(each).__name__)]
                for each in self.runner.stateful_callbacks()
            ],
        }
        kept = {str(number): array for number, array in enumerate(arrays)}
        trees = {"state": nested_arrays(engine.owner.snapshot()), "callbacks": kept}
        return SavedRun(record, trees)

    # Resuming.

    def find_resume(self) -> SavedRun | None:
        """Ask each callback once for a state to resume from, and go to its epoch.

        Raises:
            ArgumentError: if it is in the middle of an epoch of another length.
            FileFormatError: if it has no position.
        """
        found = [each.saved_run() for each in self.runner.stateful_callbacks()]
        saved = next((each for each in reversed(found) if each is not None), None)
        if saved is None:
            return None
        now = self.runner.params["steps"]
        with guarded(_NO_POSITION):
            batch, steps = saved.record["batch"], saved.record["steps"]
            self.epoch = saved.record["epoch"]
            if batch and steps != now:
                raise ArgumentError(
                    f"The checkpoint was made after {batch} of {steps} batches of an epoch, and an "
                    f"epoch has {now} batches now. Go on with the same data, `batch_size` and "
                    "`steps_per_epoch`."
                )
        return saved

    def apply_resume(self, saved: SavedRun) -> None:
        """Restore the state of the run and of its callbacks.

        Raises:
            FileFormatError: if the record is incomplete.
        """
        with guarded(_NO_POSITION):
            self._restore(saved)

    def _restore(self, saved: SavedRun) -> None:
        record, engine, arrays = saved.record, self.engine, saved.trees.get("callbacks", {})
        assert engine.owner is not None
        engine.seed = record["seed"]
        engine.inferences = record.get("inferences", 0)
        engine.model.stop_training = record["stop_training"]
        engine.owner.train_state = restore_train_state(
            engine.owner.train_state, saved.trees["state"]
        )
        engine.restore_logs(unpack(record["logs"], arrays))
        self.batch = record["batch"]
        epochs_left = self.runner.epochs - self.epoch
        self.iterator.load_state_dict(record["passes"], record["seed"], self.batch, epochs_left)
        self.runner.batches = record["watched"]
        by_name = defaultdict(list)
        for each in self.runner.stateful_callbacks():
            by_name[type(each).__name__].append(each)
        for name, state in record["callbacks"]:
            if by_name[name]:
                by_name[name].pop(0).set_state(unpack(state, arrays))
            elif state:
                warnings.warn(
                    f"The checkpoint has what a callback {name} remembered, and there is none now.",
                    stacklevel=2,
                )
