"""Scope: the state of one pure application of a model.

While a scope is open, variables are read and written in it, layers get their random keys and their
training flag from it, and it collects what does not fit into return values: extra losses, and
metadata of arrays such as masks and logits. The open scope is a context variable; it never outlives
the call that opened it. `docs/architecture.md` lists all other ambient state.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import get_opaque_trace_state

from kerasish.core.errors import ArgumentError, PurityError
from kerasish.core.names import path_hash
from kerasish.core.paths import to_name
from kerasish.core.types import Array, ArrayLike, PyTree

__all__ = [
    "Metadata",
    "Scope",
    "ScopedVariable",
    "copy_metadata",
    "current_scope",
    "get_metadata",
    "propagate_metadata",
    "seeded_key",
    "set_metadata",
]

Metadata: TypeAlias = dict[str, Any]
"""Values that belong to an array, by kind: `mask`, `softmax_logits`, `losses`."""

_current: ContextVar[Scope | None] = ContextVar("kerasish_scope", default=None)


def current_scope() -> Scope | None:
    """Return the open scope, or None."""
    return _current.get()


class ScopedVariable(Protocol):
    """What a scope needs of a `Variable`."""

    name: str
    path: tuple[str, ...]

    def assign(self, value: Array) -> None:
        """Replace the value."""
        ...


class Scope:
    """The state of one application of a model.

    Args:
        training: the training flag of layers that are called without one.
        rng: the key that layers derive theirs from, or a function that makes it when one is
            needed; None if the application has none.
        building: whether weights are only being declared (under `jax.eval_shape`), so that
            variables without a value read as zeros.
        compute_dtype: the dtype that weights are cast to when read; None leaves them.
        position: the number of applications with these seeds before this one; in training, the
            number of the step. Keys of layers with a seed are derived from both. None if they are
            derived from the key of the caller.
        direct: whether a layer is called with the weights that it holds: seed generators count
            their draws, and arrays keep their masks after the call.
    """

    def __init__(
        self,
        *,
        training: bool = False,
        rng: Array | Callable[[], Array] | None = None,
        building: bool = False,
        compute_dtype: str | None = None,
        position: Array | int | None = None,
        direct: bool = False,
    ) -> None:
        self.training = training
        self.rng = rng
        self.building = building
        self.compute_dtype = compute_dtype
        self.position = position
        self.direct = direct
        self.path: tuple[str, ...] = ()
        self.losses: list[Array] = []
        self._values: dict[int, Any] = {}
        self._written: dict[int, ScopedVariable] = {}
        # By the path of the layer, or the identity of a generator with a seed.
        self._draws: Counter[tuple[str, ...] | int] = Counter()
        self._folds: tuple[Array | int, ...] = ()
        # The array is kept beside its metadata, so that no other array gets its id.
        self._metadata: dict[int, tuple[object, Metadata]] = {}
        self._outer: Scope | None = None
        self._trace = get_opaque_trace_state(convention="nnx")

    def __enter__(self) -> Scope:
        self._outer = current_scope()
        self._token = _current.set(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _current.reset(self._token)

    @contextmanager
    def layer_context(self, name: str, *, training: bool, compute_dtype: str) -> Iterator[None]:
        """Enter the layer called `name` for the duration of its call."""
        outer = self.path, self.training, self.compute_dtype
        self.path = (*self.path, name)
        self.training, self.compute_dtype = training, compute_dtype
        try:
            with jax.named_scope(name):  # profiles and exports show the layer
                yield
        finally:
            self.path, self.training, self.compute_dtype = outer

    def child(self) -> Scope:
        """Return a scope with the present state of this one, for a transformation within it.

        The caller carries its writes, losses and metadata back; see `rematerialized`.
        """
        if callable(self.rng):
            self.rng = self.rng()
        scope = Scope(
            training=self.training,
            rng=self.rng,
            building=self.building,
            compute_dtype=self.compute_dtype,
            position=self.position,
            direct=self.direct,
        )
        scope.path, scope._folds = self.path, self._folds
        scope._values = dict(self._values)
        scope._draws = self._draws  # shared: a draw in the child is followed by another key here
        return scope

    # Variables and losses.

    def bind(self, variable: ScopedVariable, value: Array | np.ndarray) -> None:
        """Set the value that `variable` has in this application."""
        self._values[id(variable)] = value

    def read(self, variable: ScopedVariable) -> Any:
        """Return the value of `variable` in this scope, or None if it is not bound."""
        return self._values.get(id(variable))

    def write(self, variable: ScopedVariable, value: Array) -> None:
        """Change the value of `variable` for the rest of this application.

        Raises:
            PurityError: inside a nested `jax.jit`, `scan`, `vmap`, `grad` or
                `checkpoint`, where the write would be lost.
        """
        self._check_trace(
            f"assigned to {variable.name!r}",
            "the write would be lost. Return the new value from the transformed function and "
            "assign it",
        )
        self._values[id(variable)] = value
        self._written[id(variable)] = variable

    def add_loss(self, loss: PyTree) -> None:
        """Add scalars to the losses of this application.

        Args:
            loss: a scalar, or a structure of them.

        Raises:
            PurityError: inside a nested `jax.jit`, `scan`, `vmap`, `grad` or
                `checkpoint`, which the value cannot leave by itself.
        """
        self._check_trace(
            "added a loss (`add_loss` or `activity_regularizer`)",
            "the loss would be lost. Return its value from the transformed function (from a cell, "
            "as one of the states) and add it",
        )
        self.losses += [jnp.sum(jnp.asarray(value)) for value in jax.tree.leaves(loss)]

    def _check_trace(self, action: str, advice: str) -> None:
        if get_opaque_trace_state(convention="nnx") != self._trace:
            raise PurityError(
                f"{to_name(self.path) or 'A layer'} {action} inside a JAX transformation "
                "(jit, scan, vmap, grad or checkpoint) that was entered within `call`; "
                f"{advice} after the transformation."
            )

    @property
    def updates(self) -> list[tuple[Any, Array]]:
        """The variables written in this scope, with their last values."""
        return [(v, self._values[key]) for key, v in self._written.items()]

    # Random keys.

    def next_key(self) -> Array:
        """Return a random key that depends on the layer's path and nothing else.

        A layer that draws twice, or is called twice, gets a new key each time.

        Raises:
            ArgumentError: if this application has no `rng`.
        """
        path = self.path[1:]  # the root's own name is not part of a path
        count = self._draws[path]
        self._draws[path] += 1
        return jax.random.fold_in(self._key(), path_hash(*path, str(count)))

    def next_seeded_key(self, seed: int, owner: object) -> Array:
        """Return a random key that depends on a seed, and not on the layer's path.

        Args:
            seed: the seed.
            owner: the object that draws; it gets a new key at each draw.

        Raises:
            ArgumentError: if this application has no `rng`.
        """
        rng, count = self._key(), self._draws[id(owner)]
        self._draws[id(owner)] += 1
        if self.position is None:
            key = jax.random.fold_in(rng, seed % 2**32)
        else:
            key = seeded_key(seed, self.position)
        for number in (*self._folds, *([count] if count else [])):
            key = jax.random.fold_in(key, number)
        return key

    def _key(self) -> Array:
        if self.rng is None:
            raise ArgumentError(
                f"The layer at {to_name(self.path)!r} draws random numbers; give `apply` a key: "
                "`model.apply(params, state, x, training=True, rng=jax.random.key(0))`."
            )
        if callable(self.rng):
            self.rng = self.rng()
        return self.rng

    @contextmanager
    def timestep_context(self, key: Array | None, timestep: Array | int) -> Iterator[None]:
        """Derive other keys for the duration of one step of a sequence.

        Args:
            key: a key for the whole sequence; None if there is none.
            timestep: the number of the step.
        """
        outer = self.rng, self._folds, self.direct
        self.rng = None if key is None else jax.random.fold_in(key, timestep)
        self._folds = (*self._folds, timestep)
        # A count would be the same in each step of a loop, which is traced once.
        self.direct = False
        try:
            yield
        finally:
            self.rng, self._folds, self.direct = outer

    @property
    def has_drawn(self) -> bool:
        """Whether a key was drawn."""
        return bool(self._draws)

    # Metadata of arrays.

    def set_metadata(self, array: object, **metadata: Any) -> None:
        """Set metadata of `array`, such as `mask=` or `softmax_logits=`."""
        entry = self._metadata.setdefault(id(array), (array, {}))
        entry[1].update(metadata)
        if "mask" in metadata and self.direct:
            _set_keras_mask(array, metadata["mask"])

    def get_metadata(self, array: object, kind: str) -> Any:
        """Return the metadata of one kind of `array`, or None."""
        return self.all_metadata(array).get(kind)

    def all_metadata(self, array: object) -> Metadata:
        """Return all metadata of `array`, by kind, also from the scopes around this one.

        An array without any has the mask with which a directly called layer returned it.
        """
        if id(array) in self._metadata:
            return self._metadata[id(array)][1]
        if self._outer is not None:
            return self._outer.all_metadata(array)
        mask = _keras_mask(array)
        return {} if mask is None else {"mask": mask}


# The masks of tracers, by id: tracers take no attributes.
_traced_masks: dict[int, Any] = {}


def _set_keras_mask(array: object, mask: Any) -> None:
    """Set the mask of an array for use outside of any scope, as Keras does."""
    if isinstance(array, jax.core.Tracer):
        if id(array) not in _traced_masks:
            weakref.finalize(array, _traced_masks.pop, id(array), None)
        _traced_masks[id(array)] = mask
    elif isinstance(array, jax.Array) and not isinstance(mask, jax.core.Tracer):
        # An array outside of a transformation must not keep a tracer.
        with suppress(AttributeError):
            array._keras_mask = mask  # type: ignore[attr-defined]


def _keras_mask(array: object) -> Any:
    if isinstance(array, jax.core.Tracer):
        return _traced_masks.get(id(array))
    return getattr(array, "_keras_mask", None)


def seeded_key(seed: ArrayLike, count: ArrayLike) -> Array:
    """Return the key that Keras on JAX draws with for a seed, after `count` draws."""
    seed = np.uint32(seed % 2**32) if isinstance(seed, int) else seed
    count = np.uint32(count % 2**32) if isinstance(count, int) else count
    numbers = [jnp.asarray(n).astype("uint32") for n in (seed, count)]
    key: Array = jax.random.wrap_key_data(jnp.stack(numbers), impl="threefry2x32")
    return key


# Metadata in the open scope.


def set_metadata(array: object, **metadata: Any) -> None:
    """Set metadata of `array` in the open scope; without a scope, do nothing."""
    scope = current_scope()
    if scope is not None:
        scope.set_metadata(array, **metadata)


def get_metadata(array: object, kind: str) -> Any:
    """Return the metadata of one kind of `array` in the open scope, or None."""
    scope = current_scope()
    return None if scope is None else scope.get_metadata(array, kind)


def copy_metadata(old: object, new: object) -> None:
    """Give `new` the metadata of `old`, in the open scope."""
    scope = current_scope()
    if scope is not None and new is not old:
        scope.set_metadata(new, **scope.all_metadata(old))


def propagate_metadata(scope: Scope, outputs: PyTree, **metadata: Any) -> None:
    """Copy the metadata of outputs from a closed scope to the one around it."""
    for output in jax.tree.leaves(outputs):
        set_metadata(output, **scope.all_metadata(output), **metadata)
