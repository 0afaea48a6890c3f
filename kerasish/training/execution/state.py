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

__all__ = ["TrainState", "TrainStateStore", "is_key"]


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


class TrainStateStore:
    """Holds the TrainState of a model; the model's variables read and write it here.

    A step takes the state and gives a new one, which takes its place. After an
    exception between two steps, what is here is the state of the last finished one.

    Args:
        train_state: the state.
        donates: whether steps donate the arrays of the state that they start from, which
            saves memory. What is read while they run is a copy then.

    Attributes:
        train_state: the state.
        running: whether steps are being made.
        aliased: whether code outside may hold arrays of the state.
        stale: whether another owner has taken a variable, so that what is here may be old.
        lock: held while one state takes the place of another.
    """

    def __init__(self, train_state: TrainState, donates: bool) -> None:
        self.train_state = train_state
        self.donates = donates
        self.lock = threading.RLock()
        self.running = False
        self.aliased = False
        self.stale = False
        self._places: dict[int, tuple[Finder, Any]] = {}

    def adopt(self, variable: Variable, finder: Finder, name: Any) -> None:
        """Become the place where a variable's value lives."""
        self._places[id(variable)] = (finder, name)
        if variable.store is not None and variable.store is not self:
            variable.store.on_adopted_elsewhere(variable)
        variable.store = self

    def on_adopted_elsewhere(self, variable: Variable) -> None:
        """Be told that a variable's value lives elsewhere from now on."""
        self.stale = True

    def adopt_weights(self, layer: Layer) -> None:
        """Become the place where the values of all weights of a model live."""
        for field, trainable in (("params", True), ("state", False)):
            for path, variable in variables_with_paths(layer, trainable):
                find = lambda ts, path=(field, *path): parent_of(ts, path)
                self.adopt(variable, find, path[-1])

    def read(self, variable: Variable) -> jax.Array:
        """Return the current value."""
        finder, name = self._places[id(variable)]
        with self.lock:
            value: jax.Array = finder(self.train_state)[name]
            if self.running and self.donates:
                return jnp.copy(value)
        self.aliased = True
        return value

    def snapshot(self) -> TrainState:
        """Return the state as it is now, in arrays that no step will give away.

        Where steps give them away, memory is tight; the copies are on the host then.
        """
        with self.lock:
            if self.running and self.donates:
                return jax.tree.map(_on_host, self.train_state)  # type: ignore[no-any-return]
        self.aliased = True
        return self.train_state

    def write(self, variable: Variable, value: jax.Array) -> None:
        """Replace the current value."""
        finder, name = self._places[id(variable)]
        finder(self.train_state)[name] = value
        self.aliased = True

    def ensure_unaliased(self) -> None:
        """Make sure that no one else holds the arrays, so that a step may give them away."""
        if self.aliased and self.donates:
            self.train_state = jax.tree.map(jnp.copy, self.train_state)
            self.aliased = False


def _on_host(array: jax.Array) -> PyTree:
    return jnp.copy(array) if is_key(array) else np.array(array)


def is_key(array: Array) -> bool:
    """Return whether an array holds keys of random numbers, which are no numbers themselves."""
    return jnp.issubdtype(array.dtype, jax.dtypes.prng_key)
