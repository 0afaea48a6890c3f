"""What optimizers are to a Keras user: variables, and methods that work on lists of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from copy import copy
from typing import Any

import jax
import numpy as np
import optax

from kerasish.core.errors import ArgumentError, NotBuiltError, ShapeError
from kerasish.core.names import unique_name
from kerasish.core.paths import Path, Tree, get_in, move_path, nest, parent_of
from kerasish.core.variable import Fixed, Variable
from kerasish.optimizers.attributes import Attributes
from kerasish.optimizers.state import OptimizerState

__all__ = ["Shell", "containers"]


class Shell(Attributes):
    """The variables of an optimizer, each an array at some address of its state.

    Outside of `fit` they hold their values themselves; within, the model's state does. Every
    method here puts a state together, calls the pure `update`, and takes it apart again.
    """

    name: str
    _kerasish_schedule: Callable[[Any], Any] | None
    gradient_accumulation_steps: int | None
    init: Callable[[Tree], OptimizerState]
    update: Callable[[Tree, OptimizerState, Tree], tuple[Tree, OptimizerState]]
    _kerasish_first_state: Callable[[Tree], OptimizerState]

    def __init__(self) -> None:
        self._kerasish_counter = Variable(0, dtype="int32", name="iteration", trainable=False)
        self._kerasish_children: dict[str, Any] = {}
        self.built = False
        self._kerasish_weights: dict[Path, Variable] = {}
        self._kerasish_slots: dict[Path, Variable] = {}
        self._kerasish_declared: dict[Path, Variable] = {}
        self._kerasish_asked: dict[Path, Variable] | None = None
        self._kerasish_unbuilt: dict[str, Any] | None = None
        self._kerasish_compiled: Any = None
        self._kerasish_compiled_for: tuple[Any, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_compiled": None}

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        steps = self.gradient_accumulation_steps
        return self._kerasish_counter.value // steps if steps else self._kerasish_counter

    @property
    def variables(self) -> list[Variable]:
        """The state in Keras's order: iteration, learning rate, then slots."""
        own = [self._kerasish_counter, *self._kerasish_rates(), *self._kerasish_slots.values()]
        return own + [v for child in self._kerasish_children.values() for v in child.variables]

    def _kerasish_rates(self) -> list[Variable]:
        return [] if self._kerasish_schedule is not None else [self.numbers["learning_rate"]]

    def _kerasish_places(self, weights: Iterable[Path] | None = None) -> dict[Path, Variable]:
        """Return the variables by where in the state they are.

        Args:
            weights: if given, only slots of these weights count.
        """
        known = None if weights is None else set(weights)
        found: dict[Path, Variable] = {("step",): self._kerasish_counter}
        found |= {("hyperparams", name): number for name, number in self.numbers.items()}
        for address, slot in self._kerasish_slots.items():
            if known is None or address[2:] in known or not address[2:]:
                found[address] = slot
        for key, child in self._kerasish_children.items():
            for address, variable in child._kerasish_places(known).items():
                found[("inner", key, *address)] = variable
        return found

    def _kerasish_bind(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        """Make variables for the slots of some weights.

        Args:
            weights: the weights by their paths, in Keras's order.
            state: a state for them.
            fill: whether the variables begin with the values that are in it.
        """
        self._kerasish_make_slots(weights, state, fill=fill)

    def _kerasish_make_slots(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        before, self._kerasish_weights, self._kerasish_slots = (
            self._kerasish_slots,
            dict(weights),
            dict(self._kerasish_declared),
        )
        for address in self._kerasish_order(list(weights), state):
            leaf = get_in(state, address)
            old = before.get(address)
            if old is None or (old.shape, old.dtype) != (leaf.shape, leaf.dtype):
                name = "_".join((*address[2:], address[1])).replace("/", "_")
                first = Fixed(np.asarray(leaf)) if fill else np.zeros
                old = Variable(first, leaf.shape, leaf.dtype, trainable=False, name=name)
                old.path = (self.name, name)
            self._kerasish_slots[address] = old
        for key, child in self._kerasish_children.items():
            child._kerasish_bind(weights, state.inner[key], fill=fill)
        self.built = True

    def _kerasish_rename_weights(self, weights: dict[Path, Variable]) -> dict[Path, Path]:
        """Go by other paths for the weights that the optimizer was built for.

        `build` takes the paths of the variables themselves, which may be those in another model.

        Args:
            weights: the weights by their new paths.

        Returns:
            The new path of each weight that has another, by its old one.
        """
        paths = {id(variable): path for path, variable in weights.items()}
        new = {
            old: paths.get(id(variable), old) for old, variable in self._kerasish_weights.items()
        }
        moves = {old: path for old, path in new.items() if old != path}
        if moves:
            self._kerasish_weights = {
                new[old]: variable for old, variable in self._kerasish_weights.items()
            }
            self._kerasish_slots = {
                move_path(address, moves): slot for address, slot in self._kerasish_slots.items()
            }
            for address, slot in self._kerasish_slots.items():
                slot.name = "_".join((*address[2:], address[1]))
                slot.path = (self.name, slot.name)
        for child in self._kerasish_children.values():
            moves |= child._kerasish_rename_weights(weights)
        return moves

    def _kerasish_now(self) -> OptimizerState | None:
        """Return the state that the variables hold, if there are any for slots yet."""
        if not self.built:
            return None
        return self._kerasish_assemble(
            nest({address: v.value for address, v in self._kerasish_places().items()})
        )

    @property
    def _kerasish_has_own_step(self) -> bool:
        """Whether a subclass has a `build` or `update_step` of its own, as in Keras."""
        raise NotImplementedError

    def _kerasish_order(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        """Yield the addresses of the slots in the order in which Keras keeps them."""
        raise NotImplementedError

    # For training loops of one's own.

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for some weights; `apply` does so for those that it is given first.

        Args:
            variables: the weights.
        """
        if self.built:
            return
        if self._kerasish_unbuilt is None:
            self._kerasish_unbuilt = containers(self)
        weights = self._kerasish_asked or _by_path(variables)
        first = self._kerasish_first_state if self._kerasish_has_own_step else self.init
        state = first(nest({path: v.value for path, v in weights.items()}))
        self._kerasish_make_slots(weights, state, fill=True)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """Update weights; see `apply`.

        Args:
            grads_and_vars: pairs of a gradient and its weight.

        Returns:
            How many updates were made.
        """
        grads, weights = zip(*grads_and_vars, strict=True)
        self.apply(grads, weights)
        return self.iterations

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Update weights, here and now.

        Args:
            grads: a gradient for each of them; None leaves a weight alone.
            trainable_variables: the weights; those that the optimizer was built for by default.

        Raises:
            ArgumentError: if there are not as many gradients as weights, no gradient at all, or a
                weight that the optimizer was not built for.

        Examples:
            >>> from kerasish import Variable, optimizers
            >>> weight = Variable([1.0, 2.0])
            >>> optimizers.SGD(0.5).apply([[1.0, 1.0]], [weight])
            >>> weight.numpy()
            array([0.5, 1.5], dtype=float32)
        """
        if trainable_variables is not None:
            self.build(trainable_variables)
        given = self._kerasish_grads_by_path(grads, trainable_variables)
        weights = {path: self._kerasish_weights[path] for path in given}
        places = self._kerasish_places(weights)
        if (
            self._kerasish_compiled is None
            or self._kerasish_compiled_for != self._kerasish_settings()
        ):
            # A function of its own, so that JAX does not take up what it traced before.
            self._kerasish_compiled = jax.jit(lambda *args: self._kerasish_stepped(*args))
            self._kerasish_compiled_for = self._kerasish_settings()
        values = {address: v.value for address, v in places.items()}
        state = self._kerasish_assemble(nest(values))
        params, state = self._kerasish_compiled(
            nest(given), state, nest({path: v.value for path, v in weights.items()})
        )
        for path, weight in weights.items():
            weight.assign(get_in(params, path))
        for address, variable in places.items():
            variable.assign(get_in(state, address))

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Any],
        grads: Sequence[Any],
        trainable_variables: Sequence[Any],
    ) -> tuple[list[Any], list[Any]]:
        """Return new weights and a new state, as a pure function of lists in Keras's order.

        Args:
            optimizer_variables: the values of `variables`.
            grads: a gradient for each weight that the optimizer was built for.
            trainable_variables: the values of the weights.

        Returns:
            The new values of the weights, and those of `variables`.

        Raises:
            NotBuiltError: if `build` was not called.
            ArgumentError: if a list is not of the right length.
        """
        if not self.built:
            raise NotBuiltError("Call `optimizer.build(variables)` before `stateless_apply`.")
        ours = self.variables
        _check_length("optimizer_variables", optimizer_variables, "variables", ours)
        _check_length("trainable_variables", trainable_variables, "weights", self._kerasish_weights)
        given = self._kerasish_grads_by_path(grads, None)
        now = {id(v): value for v, value in zip(ours, optimizer_variables, strict=True)}
        places = self._kerasish_places(given)
        state = self._kerasish_assemble(
            nest({a: now.get(id(v), v.value) for a, v in places.items()})
        )
        weights = dict(zip(self._kerasish_weights, trainable_variables, strict=True))
        params, state = self._kerasish_stepped(
            nest(given), state, nest({path: weights[path] for path in given})
        )
        weights |= {path: get_in(params, path) for path in given}
        now |= {id(v): get_in(state, address) for address, v in places.items()}
        return list(weights.values()), [now[id(v)] for v in ours]

    def _kerasish_assemble(self, parts: Tree) -> OptimizerState:
        """Return the state that nested dicts of all of its arrays make."""
        inner = dict(parts.get("inner", {}))
        inner |= {
            key: child._kerasish_assemble(inner[key])
            for key, child in self._kerasish_children.items()
        }
        return OptimizerState(parts["step"], parts.get("hyperparams", {}), inner)

    def _kerasish_grads_by_path(
        self, grads: Sequence[Any], variables: Sequence[Variable] | None
    ) -> dict[Path, Any]:
        """Return the gradients that there are, by the path of the weight."""
        paths = {id(weight): path for path, weight in self._kerasish_weights.items()}
        weights = list(self._kerasish_weights.values()) if variables is None else variables
        _check_length("grads", grads, "weights", weights)
        unknown = next((v for v in weights if id(v) not in paths), None)
        if unknown is not None:
            raise ArgumentError(
                f"The optimizer was built for other weights than {unknown!r}; make one for each "
                "set of weights, or build it for all of them."
            )
        pairs = zip(weights, grads, strict=True)
        given = {paths[id(w)]: np.asarray(g) if isinstance(g, list) else g for w, g in pairs}
        given = {path: g for path, g in given.items() if g is not None}
        if not given:
            raise ArgumentError("There are no gradients: all of them are None.")
        return given

    def _kerasish_stepped(self, grads: Tree, state: OptimizerState, params: Tree) -> Any:
        """Return weights and state after a step, constraints included."""
        updates, state = self.update(grads, state, params)
        params = optax.apply_updates(params, updates)
        for path, weight in self._kerasish_weights.items():
            value = get_in(params, path)
            if weight.constraint is not None and value is not None:
                parent_of(params, path)[path[-1]] = weight.constraint(value)
        return params, state

    # For files.

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Give `variables` other values.

        Args:
            weights: an array for each.

        Raises:
            ArgumentError: if there are not as many.
            ShapeError: if one has another shape.
        """
        _check_length("weights", weights, "variables", self.variables)
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the values of `variables` into a mapping, under "0", "1", and so on."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Take the values of `variables` from what `save_own_variables` filled.

        If there are not as many, nothing is taken and a warning is given.

        Raises:
            ShapeError: if one has another shape.
        """
        ours = self.variables
        if len(store) != len(ours):
            warnings.warn(
                f"The state of optimizer {self.name!r} was not loaded: it has {len(ours)} "
                f"variables, and there are {len(store)} values.",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(ours):
            if np.shape(store[str(i)]) != variable.shape:
                raise ShapeError(
                    f"{variable.name!r} of optimizer {self.name!r} has shape {variable.shape}; "
                    f"there is a value of shape {np.shape(store[str(i)])} for it."
                )
        self.set_weights([store[str(i)] for i in range(len(ours))])


def _by_path(variables: Iterable[Variable]) -> dict[Path, Variable]:
    weights: dict[Path, Variable] = {}
    for variable in variables:
        *above, last = variable.path
        taken = {path[-1] for path in weights if path[:-1] == tuple(above)}
        weights[(*above, unique_name(last, taken))] = variable
    return weights


def containers(optimizer: Shell) -> dict[str, Any]:
    """Return copies of the lists and dicts in the attributes of an optimizer."""
    kept = {
        k: v
        for k, v in vars(optimizer).items()
        if k not in ("_kerasish_asked", "_kerasish_unbuilt")
    }
    return {k: copy(v) for k, v in kept.items() if isinstance(v, (dict, list, set))}


def _check_length(what: str, found: Any, of_what: str, wanted: Any) -> None:
    if len(found) != len(wanted):
        raise ArgumentError(
            f"`{what}` must have an entry for each of the {len(wanted)} {of_what}; there are "
            f"{len(found)}."
        )
