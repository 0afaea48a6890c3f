"""Optimizers in Keras's form: `build` declares variables, and `update_step` assigns to them.

What such methods do is made pure as the `call` of a layer is: in a scope, the variables are bound
to arrays, and afterwards what was assigned is collected. This happens while a step is traced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from types import SimpleNamespace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from kerasish import initializers
from kerasish.core.errors import ArgumentError, PurityError
from kerasish.core.names import unique_name
from kerasish.core.paths import Path, Tree, get_in, set_in
from kerasish.core.scope import Scope
from kerasish.core.variable import Variable
from kerasish.optimizers.keras_api import Shell, containers
from kerasish.optimizers.state import OptimizerState
from kerasish.optimizers.wrappers import cast

__all__ = ["KerasForm"]


class KerasForm(Shell):
    """The methods that an optimizer written for Keras calls, and how one is applied."""

    slot_groups: ClassVar[tuple[tuple[str, ...], ...]]
    shared_slots: ClassVar[tuple[str, ...]]
    change: Callable[..., Any]
    ahead: Callable[..., Any]

    @property
    def _kerasish_has_own_step(self) -> bool:
        """Whether a subclass has a `build` or `update_step` of its own, as in Keras."""
        own, here = type(self), KerasForm
        return own.build is not here.build or own.update_step is not here.update_step

    # What is declared in `build`.

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str | None = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Declare a variable that is not of one weight.

        Args:
            shape: its shape.
            initializer: what it begins with.
            dtype: its dtype; `kerasish.config.floatx()` unless told otherwise.
            aggregation: accepted for Keras's sake.
            layout: accepted for Keras's sake.
            name: its name.
        """
        return self._kerasish_declare((), name or "variable", shape, dtype, initializer)

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Declare a variable of the shape and dtype of a weight.

        Args:
            reference_variable: the weight.
            name: what is kept, `"momentum"` for one.
            initializer: what it begins with.
        """
        like = reference_variable
        path = next(
            (path for path, w in self._kerasish_weights.items() if w is like), tuple(like.path)
        )
        return self._kerasish_declare(path, name or "var", like.shape, like.dtype, initializer)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """Declare a variable for each weight, or several.

        Args:
            trainable_variables: the weights.
            name: what is kept, or a list of such names.
            initializer: what they begin with, or a list with an entry for each name.

        Returns:
            A list of them; a tuple of lists if there is a list of names. A weight that is
            overwritten by its gradient has None.

        Raises:
            ArgumentError: if there is not an initializer for each name.
        """
        names = [name] if isinstance(name, str) else list(name)
        several = isinstance(initializer, (list, tuple))
        firsts = list(initializer) if several else [initializer] * len(names)
        if len(firsts) != len(names):
            raise ArgumentError(
                f"There are {len(names)} names of variables, {names}, and {len(firsts)} "
                "initializers; give one for each name, or one for all."
            )
        rows = [
            [
                None if w.overwrite_with_gradient else self.add_variable_from_reference(w, *each)
                for each in zip(names, firsts, strict=True)
            ]
            for w in trainable_variables
        ]
        columns = tuple([row[i] for row in rows] for i in range(len(names)))
        return columns[0] if isinstance(name, str) else columns

    def _kerasish_declare(
        self, path: Path, key: str, shape: Any, dtype: Any, initializer: Any
    ) -> Variable:
        # A key holds either one array, or one for each of some weights.
        taken = {a[1] for a in self._kerasish_slots if a[2:] == path or not a[2:] or not path}
        key = unique_name(key, taken)
        name = "_".join((*path, key))
        first = initializers.get(initializer)
        variable = Variable(first, shape, dtype, trainable=False, name=name)
        variable.path = (self.name, name)
        self._kerasish_declared[("inner", key, *path)] = self._kerasish_slots[
            ("inner", key, *path)
        ] = variable
        return variable

    # What is done in a step.

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one weight: assign to it, and to what is kept for it. May be overridden.

        Args:
            gradient: its gradient, clipped.
            variable: the weight, decayed.
            learning_rate: the learning rate of this step.

        Examples:
            >>> from kerasish import Variable, optimizers
            >>> class Half(optimizers.SGD):
            ...     def update_step(self, gradient, variable, learning_rate):
            ...         super().update_step(0.5 * gradient, variable, learning_rate)
            >>> Half(1.0).apply([[1.0]], [weight := Variable([1.0])])
            >>> weight.numpy()
            array([0.5], dtype=float32)
        """
        path = self._kerasish_path_of(variable)
        places = {name: ("inner", name, *path) for group in self.slot_groups for name in group}
        slots = {
            name: self._kerasish_slots[a] for name, a in places.items() if a in self._kerasish_slots
        }
        n, _ = self._kerasish_ahead(learning_rate)
        kept = {name: slot.value for name, slot in slots.items()}
        update, new = self.change(gradient, variable.value, kept, cast(n, variable.dtype))
        variable.assign_add(update)
        for name, slot in slots.items():
            slot.assign(new[name])

    def assign(self, variable: Variable, value: Any) -> None:
        """Replace the value of a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a variable."""
        variable.assign_sub(value)

    def _get_variable_index(self, variable: Variable) -> int:
        """Return which of the weights it is; the optimizers of many people call this."""
        return list(self._kerasish_weights).index(self._kerasish_path_of(variable))

    def _kerasish_path_of(self, variable: Variable) -> Path:
        path = next((path for path, w in self._kerasish_weights.items() if w is variable), None)
        if path is None:
            raise ArgumentError(f"Optimizer {self.name!r} was not built for {variable!r}.")
        return path

    def _kerasish_ahead(self, learning_rate: Any) -> Any:
        """Return the numbers and the shared slots of this update."""
        numbers = {name: v.value for name, v in self.numbers.items()}
        t = (jnp.asarray(self.iterations) + 1).astype("float32")
        n = SimpleNamespace(**numbers | {"learning_rate": learning_rate, "t": t})
        return self.ahead(
            n, {k: self._kerasish_slots[("inner", k)].value for k in self.shared_slots}
        )

    # The pure view.

    def _kerasish_own_first(self, params: Tree) -> OptimizerState:
        """Return the state before the first step, with what `build` declares."""
        state = self._kerasish_first_state(params)
        with self._kerasish_applied(params) as (twin, _):
            for address, slot in twin._kerasish_slots.items():
                if get_in(state, address) is None:
                    set_in(state.inner, address[1:], slot.value)
        return state

    def _kerasish_own_step(
        self, grads: Tree, inner: Tree, params: Tree, numbers: dict[str, Any], count: Any
    ) -> tuple[Tree, Tree]:
        """Return what `update_step` adds to the weights, and the inner state after it."""
        inner = jax.tree.map(lambda x: x, inner)
        with self._kerasish_applied(params) as (twin, scope):
            places = {
                a: v for a, v in twin._kerasish_slots.items() if get_in(inner, a[1:]) is not None
            }
            for address, slot in places.items():
                scope.bind(slot, get_in(inner, address[1:]))
            for name, number in twin.numbers.items():
                scope.bind(number, numbers[name])
            scope.bind(twin._kerasish_counter, count * (self.gradient_accumulation_steps or 1))
            n, shared = twin._kerasish_ahead(numbers["learning_rate"])
            for path, weight in twin._kerasish_weights.items():
                shift = twin._kerasish_shift("/".join(path), weight.value, cast(n, weight.dtype))
                if shift is not None:
                    weight.assign_add(shift)
                twin.update_step(get_in(grads, path), weight, n.learning_rate)
            known = {id(v) for v in (*places.values(), *twin._kerasish_weights.values())}
            _check(twin, (v for v, _ in scope.updates if id(v) not in known))
            for address, slot in places.items():
                set_in(inner, address[1:], scope.read(slot))
            new = {path: scope.read(weight) for path, weight in twin._kerasish_weights.items()}
        added = lambda keys, w: new[_path(keys)] - w
        return jax.tree_util.tree_map_with_path(added, params), inner | shared

    @contextmanager
    def _kerasish_applied(self, params: Tree) -> Iterator[tuple[Any, Scope]]:
        """Open a scope with an equal optimizer in it that is built for weights of some values."""
        twin = copy(self)
        twin._kerasish_renew()
        weights = {}
        with Scope() as scope:
            for path, w in self._kerasish_in_order(params):
                weight = self._kerasish_weights.get(path)
                if weight is None or (weight.shape, weight.dtype) != (w.shape, w.dtype):
                    weight = Variable(np.zeros, w.shape, w.dtype, name=path[-1])
                    weight.path = path
                scope.bind(weight, w)
                weights[path] = weight
            twin._kerasish_build_for(weights)
            yield twin, scope

    def _kerasish_in_order(self, params: Tree) -> list[tuple[Path, Any]]:
        """Return weights with their paths in the order of `build`, or in that of the dicts."""
        found = list(_leaves(params))
        order = {path: i for i, path in enumerate(self._kerasish_weights)}
        return sorted(found, key=lambda each: order.get(each[0], -1))

    def _kerasish_renew(self) -> None:
        """Become as before `build`, so that `build` can be called once more."""
        kept = containers(self) if self._kerasish_unbuilt is None else self._kerasish_unbuilt
        vars(self).update({name: copy(value) for name, value in kept.items()}, built=False)

    def _kerasish_build_for(self, weights: dict[Path, Variable]) -> None:
        """Have `build` called, a subclass's own too, for weights by their paths."""
        self._kerasish_asked = weights
        self.build(list(weights.values()))
        self._kerasish_asked = None

    def _kerasish_bind(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        if not self._kerasish_has_own_step:
            super()._kerasish_bind(weights, state, fill=fill)
            return
        if not self.built or list(weights.items()) != list(self._kerasish_weights.items()):
            self._kerasish_renew()
            self._kerasish_build_for(weights)
        kept = {address: get_in(state, address) for address in self._kerasish_slots}
        self._kerasish_slots = {
            a: v for a, v in self._kerasish_slots.items() if kept[a] is not None
        }
        for address, slot in self._kerasish_slots.items():
            if fill:
                slot.assign(kept[address])


def _leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the leaves of nested dicts; JAX itself would sort them."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from _leaves(branch, (*path, key))
    elif tree is not None:
        yield path, tree


def _path(keys: Any) -> Path:
    return tuple(key.key for key in keys)


def _check(optimizer: Any, strays: Iterable[Variable]) -> None:
    for variable in strays:
        raise PurityError(
            f"`update_step` of optimizer {optimizer.name!r} assigned to {variable.name!r}, which "
            "is neither its weight nor declared by `add_variable` or such in `build`; the value "
            "would be lost. Declare it there."
        )
