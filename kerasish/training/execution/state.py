"""TrainState: everything that training changes, in one value with one owner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.layer import Layer
from kerasish.core.paths import Tree, parent_of
from kerasish.core.tree import variables_with_paths
from kerasish.core.types import Array, PyTree
from kerasish.core.variable import Variable

__all__ = ["StateOwner", "TrainState", "is_key"]


@jax.tree_util.register_dataclass
@dataclass
class TrainState:
    """All that a training step reads and replaces; a pytree.

    Attributes:
        step: how many steps were made, an int32 scalar.
        params: the trainable weights, nested by name.
        state: the other weights, nested by name.
        opt_state: the optimizer's.
        metrics: what is kept of this epoch; see `training/execution/metric_state.py`.
        rng: the key that each step derives its own from.
    """

    step: jax.Array
    params: Tree
    state: Tree
    opt_state: PyTree
    metrics: PyTree
    rng: jax.Array


# Finds what holds a variable's value in a TrainState, under a key.
Finder = Callable[[TrainState], Any]


class StateOwner:
    """Holds the TrainState of a model; the model's variables read and write it here.

    A step takes the state and gives a new one, which takes its place. After an
    exception between two steps, what is here is the state of the last finished one.

    Args:
        train_state: the state.
        gives_away: whether steps give the arrays of the state they start from away, which
            saves memory. What is read while they run is a copy then.

    Attributes:
        train_state: the state.
        running: whether steps are being made.
        borrowed: whether somebody outside may hold arrays of the state.
        robbed: whether another owner has taken a variable, so that what is here may be old.
        lock: held while one state takes the place of another.
    """

    def __init__(self, train_state: TrainState, gives_away: bool) -> None:
        self.train_state = train_state
        self.gives_away = gives_away
        self.lock = threading.RLock()
        self.running = False
        self.borrowed = False
        self.robbed = False
        self._places: dict[int, tuple[Finder, Any]] = {}

    def take(self, variable: Variable, finder: Finder, name: Any) -> None:
        """Become the place where a variable's value lives."""
        self._places[id(variable)] = (finder, name)
        if variable.store is not None and variable.store is not self:
            variable.store.release(variable)
        variable.store = self

    def release(self, variable: Variable) -> None:
        """Be told that a variable's value lives elsewhere from now on."""
        self.robbed = True

    def take_weights(self, layer: Layer) -> None:
        """Become the place where the values of all weights of a model live."""
        for field, trainable in (("params", True), ("state", False)):
            for path, variable in variables_with_paths(layer, trainable):
                find = lambda ts, path=(field, *path): parent_of(ts, path)
                self.take(variable, find, path[-1])

    def read(self, variable: Variable) -> jax.Array:
        """Return the current value."""
        finder, name = self._places[id(variable)]
        with self.lock:
            value: jax.Array = finder(self.train_state)[name]
            if self.running and self.gives_away:
                return jnp.copy(value)
        self.borrowed = True
        return value

    def kept(self) -> TrainState:
        """Return the state as it is now, in arrays that no step will give away.

        Where steps give them away, memory is tight; the copies are on the host then.
        """
        with self.lock:
            if self.running and self.gives_away:
                return jax.tree.map(_on_host, self.train_state)  # type: ignore[no-any-return]
        self.borrowed = True
        return self.train_state

    def write(self, variable: Variable, value: jax.Array) -> None:
        """Replace the current value."""
        finder, name = self._places[id(variable)]
        finder(self.train_state)[name] = value
        self.borrowed = True

    def own(self) -> None:
        """Make sure that no one else holds the arrays, so that a step may give them away."""
        if self.borrowed and self.gives_away:
            self.train_state = jax.tree.map(jnp.copy, self.train_state)
            self.borrowed = False


def _on_host(array: jax.Array) -> PyTree:
    return jnp.copy(array) if is_key(array) else np.array(array)


def is_key(array: Array) -> bool:
    """Return whether an array holds keys of random numbers, which are no numbers themselves."""
    return jnp.issubdtype(array.dtype, jax.dtypes.prng_key)
