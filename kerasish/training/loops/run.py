"""Where a run of `fit` is, and everything it would need to go on from there."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Tree
from kerasish.core.serialization.untrusted import guarded
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.diagnosis.explain import explain
from kerasish.training.diagnosis.explanation import Explanation
from kerasish.training.diagnosis.step_history import Past
from kerasish.training.execution.engine import Engine
from kerasish.training.execution.state import TrainState, is_key
from kerasish.training.loops.callback_runner import CallbackRunner
from kerasish.training.loops.validation import Validation

__all__ = ["Run"]

# What stands in a record for an array, which lies in a tree beside it.
_ARRAY = "__array__"

_NOWHERE = "The record of the checkpoint does not tell where a run was"

# What JSON can tell of a run: where it is, and what its callbacks remember.
Record = dict[str, Any]


class Run:
    """Where a run of `fit` is. Callbacks find it as their `run`.

    Args:
        engine: the engine.
        watch: who watches.
        passes: where batches come from.
        epoch: the epoch to begin with.
        validation: what evaluates the model as it trains.

    Attributes:
        epoch: the epoch that is under way, or comes next.
        batch: how many batches of it are made, or under way.
    """

    def __init__(
        self,
        engine: Engine,
        watch: CallbackRunner,
        passes: EpochIterator,
        epoch: int,
        validation: Validation,
    ) -> None:
        self.engine = engine
        self.watch = watch
        self.passes = passes
        self.validation = validation
        self.epoch = epoch
        self.batch = 0
        self._explanation: Explanation | None = None
        self._awaited: tuple[Record, Mapping[str, Tree]] | None = None

    @property
    def step(self) -> int:
        """How many steps the model has made."""
        return self.engine.steps_made()

    @property
    def state(self) -> Tree:
        """The TrainState as nested dicts by name."""
        assert self.engine.owner is not None
        return _named(self.engine.owner.train_state)

    def log_names(self, within_epochs: bool = False) -> list[str]:
        """Return the names that the logs have, with those of a validation that is yet to come.

        Args:
            within_epochs: whether for batches, which have those of `validation_every` only.
        """
        names, validation = self.engine.log_names("train"), self.validation
        if validation.feed is None or (within_epochs and validation.batch_interval is None):
            return names
        return names + [f"val_{name}" for name in self.engine.log_names("test")]

    def may_gain_logs(self, callback: Any) -> bool:
        """Return whether another callback than this might add names of its own to the logs."""
        return any(each is not callback for each in self.watch.users_callbacks)

    def record_history(self) -> None:
        """Remember the last steps from here on, for `explain`."""
        self.engine.past = Past(self)

    def explain(self) -> Explanation:
        """Find out why the loss is not finite, and go back to before that; see `explain`."""
        self._explanation = self._explanation or explain(self)  # of the first who asks
        return self._explanation

    def state_dict(self) -> tuple[Record, dict[str, Tree]]:
        """Return all that this run needs to go on from here, in arrays that stay as they are.

        Returns:
            The record, and the TrainState (`"state"`) and the arrays of callbacks
            (`"callbacks"`) as nested dicts.

        Raises:
            ArgumentError: if a callback remembers what no file can hold.
        """
        engine, arrays = self.engine, list[Any]()
        assert engine.owner is not None
        engine.settle()
        record = {
            "epoch": self.epoch,
            "batch": self.batch,
            "steps": self.watch.params["steps"],
            "seed": engine.seed,
            "inferences": engine.inferences,
            "passes": self.passes.get_state(),
            "watched": self.watch.batches,
            "stop_training": engine.model.stop_training,
            "logs": _packed(dict(engine.logs()), arrays, "the logs") if self.batch else {},
            "callbacks": [
                [type(each).__name__, _packed(each.get_state(), arrays, type(each).__name__)]
                for each in self.watch.stateful_callbacks()
            ],
        }
        kept = {str(number): array for number, array in enumerate(arrays)}
        return record, {"state": _named(engine.owner.kept()), "callbacks": kept}

    def resume(self, record: Record, trees: Mapping[str, Tree]) -> None:
        """Go on from somewhere else, as soon as all callbacks have begun.

        Raises:
            ArgumentError: if that was in the middle of an epoch of other batches.
            FileFormatError: if it was nowhere.
        """
        now = self.watch.params["steps"]
        with guarded(_NOWHERE):
            batch, steps, self.epoch = record["batch"], record["steps"], record["epoch"]
            if batch and steps != now:
                raise ArgumentError(
                    f"The checkpoint was made after {batch} of {steps} batches of an epoch, and an "
                    f"epoch has {now} batches now. Go on with the same data, `batch_size` and "
                    "`steps_per_epoch`."
                )
        self._awaited = record, trees

    def apply_resume(self, begun: bool) -> None:
        """Be where `resume` said.

        Args:
            begun: whether callbacks know already that an epoch began. What they do then is part
                of what was saved in the middle of one.
        """
        if self._awaited is None or (self._awaited[0]["batch"] and not begun):
            return
        record, trees = self._awaited
        self._awaited = None
        with guarded(_NOWHERE):
            self._apply(record, trees)

    def _apply(self, record: Record, trees: Mapping[str, Tree]) -> None:
        engine, arrays = self.engine, trees.get("callbacks", {})
        assert engine.owner is not None
        engine.seed = self.passes.feed.seed = record["seed"]
        engine.inferences = record.get("inferences", 0)
        engine.model.stop_training = record["stop_training"]
        engine.owner.train_state = _like(engine.owner.train_state, trees["state"])
        engine.recall(_unpacked(record["logs"], arrays))
        self.batch = record["batch"]
        epochs_left = self.watch.epochs - self.epoch
        self.passes.set_state(record["passes"], self.batch, epochs_left)
        self.watch.batches = record["watched"]
        known = defaultdict(list)
        for each in self.watch.stateful_callbacks():
            known[type(each).__name__].append(each)
        for name, state in record["callbacks"]:
            if known[name]:
                known[name].pop(0).set_state(_unpacked(state, arrays))
            elif state:
                warnings.warn(
                    f"The checkpoint has what a callback {name} remembered, and there is none now.",
                    stacklevel=2,
                )


def _leaves(train_state: TrainState) -> Iterator[tuple[list[str], Any]]:
    """Yield each array with its names; those without elements have nothing to be saved."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(train_state):
        if jnp.size(leaf):
            yield [jax.tree_util.keystr((key,), simple=True) for key in path], leaf


def _named(train_state: TrainState) -> Tree:
    """Return a TrainState as nested dicts of plain arrays."""
    tree: Tree = {}
    for names, leaf in _leaves(train_state):
        node = tree
        for name in names[:-1]:
            node = node.setdefault(name, {})
        node[names[-1]] = jax.random.key_data(leaf) if is_key(leaf) else jnp.asarray(leaf)
    return tree


def _like(train_state: TrainState, tree: Tree) -> TrainState:
    """Return a TrainState of the structure of another one, with the arrays of nested dicts."""
    found: list[Any] = []
    for names, leaf in _leaves(train_state):
        node: Any = tree
        for name in names:
            node = node[name]
        keyed = is_key(leaf)
        found.append(jax.random.wrap_key_data(node, impl=leaf.dtype._impl) if keyed else node)
    given = iter(found)
    fill = lambda leaf: next(given) if jnp.size(leaf) else leaf
    filled: TrainState = jax.tree.map(fill, train_state)
    return filled


def _packed(value: Any, arrays: list[Any], owner: str) -> Any:
    """Return a value as JSON can tell it; arrays are put aside, and a number in their place."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, jax.Array)) and value.ndim and value.size:
        arrays.append(np.array(value))
        return {_ARRAY: str(len(arrays) - 1)}
    if isinstance(value, (np.generic, np.ndarray, jax.Array)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_packed(each, arrays, owner) for each in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _packed(each, arrays, owner) for key, each in value.items()}
    raise ArgumentError(
        f"{owner} remembers a {type(value).__name__}, which a checkpoint cannot hold; let "
        "`get_state` return numbers, strings, arrays, and lists and dicts (by string) of them."
    )


def _unpacked(value: Any, arrays: Tree) -> Any:
    if isinstance(value, list):
        return [_unpacked(each, arrays) for each in value]
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {key: _unpacked(each, arrays) for key, each in value.items()}
    return value
