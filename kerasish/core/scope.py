"""A Scope is one pure application of a model.

While it is open, it is where Variables are read and written, where layers get
their random keys and their training flag, and where they leave what travels
beside the arrays: extra losses, masks, logits. It is the only ambient thing in
the library, and it never outlives the call that it serves.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import get_opaque_trace_state

from kerasish.core.errors import ArgumentError, PurityError
from kerasish.core.names import path_hash
from kerasish.core.paths import to_name

if TYPE_CHECKING:
    from kerasish.core.variable import Variable

__all__ = [
    "Scope",
    "annotate",
    "annotation",
    "carry_annotations",
    "current_scope",
    "seeded_key",
    "tell_outside",
]

_current: ContextVar[Scope | None] = ContextVar("kerasish_scope", default=None)


def current_scope() -> Scope | None:
    """Return the scope that is open here, if there is one."""
    return _current.get()


class Scope:
    """The ambient state of one application of a model.

    Args:
        training: the training flag, for layers that are not told otherwise.
        rng: the key that random layers derive theirs from, or a function that
            makes it if one is needed; None if there is none to be had.
        building: whether weights are only being declared (under
            `jax.eval_shape`), so that reading one gives zeros.
        compute_dtype: what weights are cast to when read; None leaves them.
        position: how many applications with these seeds there were before, in training the
            number of the step; keys of layers with a seed are made of both. None where the key of
            the caller counts instead.
        direct: whether a layer is called with the weights it holds: generators count what they
            draw, and arrays keep their masks when the call is over.
    """

    def __init__(
        self,
        *,
        training: bool = False,
        rng: jax.Array | Callable[[], jax.Array] | None = None,
        building: bool = False,
        compute_dtype: str | None = None,
        position: Any = None,
        direct: bool = False,
    ) -> None:
        self.training = training
        self.rng = rng
        self.building = building
        self.compute_dtype = compute_dtype
        self.position = position
        self.direct = direct
        self.path: tuple[str, ...] = ()
        self.losses: list[jax.Array] = []
        self._values: dict[int, jax.Array] = {}
        self._written: dict[int, Variable] = {}
        # By the path of the layer, or the identity of a generator with a seed.
        self._draws: Counter[tuple[str, ...] | int] = Counter()
        self._folds: tuple[Any, ...] = ()
        # The array is kept beside its notes so that its id stays its own.
        self._notes: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._outer: Scope | None = None
        self._trace = get_opaque_trace_state(convention="nnx")

    def __enter__(self) -> Scope:
        self._outer = current_scope()
        self._token = _current.set(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _current.reset(self._token)

    @contextmanager
    def entered(self, name: str, *, training: bool, compute_dtype: str) -> Iterator[None]:
        """Descend into the layer called `name` for the time of its call."""
        outer = self.path, self.training, self.compute_dtype
        self.path = (*self.path, name)
        self.training, self.compute_dtype = training, compute_dtype
        try:
            with jax.named_scope(name):  # profiles and exports tell the layer
                yield
        finally:
            self.path, self.training, self.compute_dtype = outer

    def nested(self) -> Scope:
        """Return a scope that begins as this one is now, for a transformation within it.

        Whoever opens it brings back what it has changed; see `core/rematerialization.py`.
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
        scope._draws = self._draws  # draws within and after it differ
        return scope

    def bind(self, variable: Variable, value: Any) -> None:
        """Give `variable` the value it has in this application."""
        self._values[id(variable)] = value

    def read(self, variable: Variable) -> Any:
        """Return the value of `variable` here, or None if it is not bound."""
        value = self._values.get(id(variable))
        if value is None and self.building and not variable.has_value:
            value = jnp.zeros(variable.shape, variable.dtype)
        return value

    def write(self, variable: Variable, value: Any) -> None:
        """Change the value of `variable` for the rest of this application.

        Raises:
            PurityError: inside a nested `jax.jit`, `scan`, `vmap`, `grad` or
                `checkpoint`, where the write could not be seen from outside.
        """
        if get_opaque_trace_state(convention="nnx") != self._trace:
            raise PurityError(
                f"{to_name(self.path) or 'A layer'} assigned to {variable.name!r} inside a JAX "
                "transformation (jit, scan, vmap, grad or checkpoint) that was entered within "
                "`call`; the write would be lost. Return the new value from the transformed "
                "function and assign it after the transformation."
            )
        self._values[id(variable)] = value
        self._written[id(variable)] = variable

    @property
    def updates(self) -> list[tuple[Variable, Any]]:
        """The variables written in this scope, with their last values."""
        return [(v, self._values[key]) for key, v in self._written.items()]

    def next_key(self) -> jax.Array:
        """Return a random key that depends on the layer's path and nothing else.

        A layer that draws twice, or is called twice, gets a new key each time.

        Raises:
            ArgumentError: if this application was given no `rng`.
        """
        path = self.path[1:]  # the root's own name is not part of a path
        count = self._draws[path]
        self._draws[path] += 1
        return jax.random.fold_in(self._key(), path_hash(*path, str(count)))

    def next_seeded_key(self, seed: int, owner: object) -> jax.Array:
        """Return a random key that depends on a seed, and not on the layer's path.

        Args:
            seed: the seed.
            owner: what draws; one that draws twice gets a new key each time.

        Raises:
            ArgumentError: if this application was given no `rng`.
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

    def _key(self) -> jax.Array:
        if self.rng is None:
            raise ArgumentError(
                f"The layer at {to_name(self.path)!r} draws random numbers; give `apply` a key: "
                "`model.apply(params, state, x, training=True, rng=jax.random.key(0))`."
            )
        if callable(self.rng):
            self.rng = self.rng()
        return self.rng

    @contextmanager
    def at_moment(self, key: jax.Array | None, moment: Any) -> Iterator[None]:
        """Draw other numbers for the time of one step of a sequence.

        Args:
            key: a key for the whole sequence; None if there is none.
            moment: the number of the step.
        """
        outer = self.rng, self._folds, self.direct
        self.rng = None if key is None else jax.random.fold_in(key, moment)
        self._folds = (*self._folds, moment)
        # A count would be the same in each step of a loop, which is traced once.
        self.direct = False
        try:
            yield
        finally:
            self.rng, self._folds, self.direct = outer

    @property
    def has_drawn(self) -> bool:
        """Whether a key was asked for."""
        return bool(self._draws)

    def annotate(self, array: Any, **notes: Any) -> None:
        """Attach notes (`mask=`, `softmax_logits=`) that travel beside `array`."""
        kept = self._notes.setdefault(id(array), (array, {}))
        kept[1].update(notes)
        if "mask" in notes and self.direct:
            _put_mask(array, notes["mask"])

    def annotation(self, array: Any, kind: str) -> Any:
        """Return the note of that kind beside `array`, or None."""
        return self.annotations(array).get(kind)

    def annotations(self, array: Any) -> dict[str, Any]:
        """Return all notes beside `array`, also those of the scopes around this one.

        Failing these, the mask that it has brought from outside of an application.
        """
        if id(array) in self._notes:
            return self._notes[id(array)][1]
        if self._outer is not None:
            return self._outer.annotations(array)
        mask = _carried_mask(array)
        return {} if mask is None else {"mask": mask}


# The masks of arrays within a transformation, by identity; they take no attributes.
_traced_masks: dict[int, Any] = {}


def _put_mask(array: Any, mask: Any) -> None:
    """Attach a mask to an array outside of any scope, as Keras does: `array._keras_mask`."""
    if isinstance(array, jax.core.Tracer):
        if id(array) not in _traced_masks:
            weakref.finalize(array, _traced_masks.pop, id(array), None)
        _traced_masks[id(array)] = mask
    elif isinstance(array, jax.Array) and not isinstance(mask, jax.core.Tracer):
        # A mask within a transformation must not stay with an array outside of it.
        with suppress(AttributeError):
            array._keras_mask = mask  # type: ignore[attr-defined]


def _carried_mask(array: Any) -> Any:
    if isinstance(array, jax.core.Tracer):
        return _traced_masks.get(id(array))
    return getattr(array, "_keras_mask", None)


def seeded_key(seed: Any, count: Any) -> jax.Array:
    """Return the key that Keras draws with on JAX for a seed, after so many draws before."""
    seed = np.uint32(seed % 2**32) if isinstance(seed, int) else seed
    count = np.uint32(count % 2**32) if isinstance(count, int) else count
    numbers = [jnp.asarray(n).astype("uint32") for n in (seed, count)]
    key: jax.Array = jax.random.wrap_key_data(jnp.stack(numbers), impl="threefry2x32")
    return key


def annotate(array: Any, **notes: Any) -> None:
    """Attach notes to `array` in the open scope; without one, forget them."""
    scope = current_scope()
    if scope is not None:
        scope.annotate(array, **notes)


def annotation(array: Any, kind: str) -> Any:
    """Return the note of that kind beside `array` in the open scope, or None."""
    scope = current_scope()
    return None if scope is None else scope.annotation(array, kind)


def carry_annotations(old: Any, new: Any) -> None:
    """Give `new` the notes of `old`, in the open scope."""
    scope = current_scope()
    if scope is not None and new is not old:
        scope.annotate(new, **scope.annotations(old))


def tell_outside(scope: Scope, outputs: Any, **notes: Any) -> None:
    """Carry what travels beside outputs from a scope that is closed to the one around it."""
    for output in jax.tree.leaves(outputs):
        annotate(output, **scope.annotations(output), **notes)
