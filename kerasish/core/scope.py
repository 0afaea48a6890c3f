"""A Scope is one pure application of a model.

While it is open, it is where Variables are read and written, where layers get
their random keys and their training flag, and where they leave what travels
beside the arrays: extra losses, masks, logits. It is the only ambient thing in
the library, and it never outlives the call that it serves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jax.extend.core import get_opaque_trace_state

from kerasish.core.errors import ArgumentError, PurityError
from kerasish.core.names import path_hash

if TYPE_CHECKING:
    from kerasish.core.variable import Variable

__all__ = [
    "Scope",
    "annotate",
    "annotation",
    "carry_annotations",
    "current_scope",
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
    """

    def __init__(
        self,
        *,
        training: bool = False,
        rng: jax.Array | Callable[[], jax.Array] | None = None,
        building: bool = False,
        compute_dtype: str | None = None,
    ) -> None:
        self.training = training
        self.rng = rng
        self.building = building
        self.compute_dtype = compute_dtype
        self.path: tuple[str, ...] = ()
        self.losses: list[jax.Array] = []
        self._values: dict[int, jax.Array] = {}
        self._written: dict[int, Variable] = {}
        self._draws: Counter[tuple[str, ...]] = Counter()
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
        )
        scope.path = self.path
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
                f"{'/'.join(self.path) or 'A layer'} assigned to {variable.name!r} inside a JAX "
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
        if self.rng is None:
            raise ArgumentError(
                f"The layer at {'/'.join(self.path)!r} draws random numbers; give `apply` a key: "
                "`model.apply(params, state, x, training=True, rng=jax.random.key(0))`."
            )
        if callable(self.rng):
            self.rng = self.rng()
        path = self.path[1:]  # the root's own name is not part of a path
        count = self._draws[path]
        self._draws[path] += 1
        return jax.random.fold_in(self.rng, path_hash(*path, str(count)))

    @property
    def has_drawn(self) -> bool:
        """Whether a key was asked for."""
        return bool(self._draws)

    def annotate(self, array: Any, **notes: Any) -> None:
        """Attach notes (`mask=`, `softmax_logits=`) that travel beside `array`."""
        kept = self._notes.setdefault(id(array), (array, {}))
        kept[1].update(notes)

    def annotation(self, array: Any, kind: str) -> Any:
        """Return the note of that kind beside `array`, or None."""
        return self.annotations(array).get(kind)

    def annotations(self, array: Any) -> dict[str, Any]:
        """Return all notes beside `array`, also those of the scopes around this one."""
        if id(array) in self._notes:
            return self._notes[id(array)][1]
        return {} if self._outer is None else self._outer.annotations(array)


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
