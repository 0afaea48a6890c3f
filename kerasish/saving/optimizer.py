"""The state of an optimizer in a weights file, in Keras's order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.tree import variables
from kerasish.optimizers.slots import find_slots
from kerasish.saving.hdf5 import read_dataset

__all__ = ["optimizer_entries", "read_optimizer"]

# A leaf of the slots: which slot, and the path of its weight.
Address = tuple[str, tuple[str, ...]]


def optimizer_entries(model: Any) -> list[tuple[str, str, list[Any]]]:
    """Return step, learning rate and slots, to be kept below `optimizer/vars`, if there are any."""
    if model.engine is None or model.engine.owner is None:
        return []
    slots = find_slots(model.engine.owner.kept().opt_state.inner)
    if slots is None:
        return []
    values = [model.optimizer.iterations.value]
    if model.optimizer.schedule is None:
        values.append(model.optimizer.learning_rate.value)
    values += [_at(slots.slots[slot], path) for slot, path in _order(model, slots)]
    return [("optimizer/vars", model.optimizer.name, values)]


def read_optimizer(model: Any, h5: Any) -> Callable[[], None] | None:
    """Read what `optimizer_entries` told; return what puts it in place, or None if it is not there.

    Raises:
        ShapeError: if it does not fit the model.
    """
    if model.engine is None or "optimizer" not in h5 or "vars" not in h5["optimizer"]:
        return None
    group = h5["optimizer"]["vars"]
    model.engine.take_over()
    owner = model.engine.owner
    slots = find_slots(owner.train_state.opt_state.inner)
    if slots is None:
        return None
    order = list(_order(model, slots))
    first = 1 if model.optimizer.schedule is not None else 2
    if len(group) != first + len(order):
        return None  # saved before the first step: there is nothing to go on from
    name = model.optimizer.name
    step = read_dataset(group, "0", (), name)
    rate = read_dataset(group, "1", (), name) if first == 2 else None
    values = {
        address: read_dataset(
            group, str(first + i), _at(slots.slots[address[0]], address[1]).shape, name
        )
        for i, address in enumerate(order)
    }

    def put() -> None:
        for (slot, path), value in values.items():
            *above, last = path
            tree = slots.slots[slot]
            for part in above:
                tree = tree[part]
            tree[last] = jnp.asarray(value, tree[last].dtype)
        state = owner.train_state
        state.opt_state = _with_steps(state.opt_state, jnp.asarray(step, "int32"))
        model.optimizer.iterations.assign(step)
        if rate is not None:
            model.optimizer.learning_rate = float(rate)

    return put


def _order(model: Any, slots: Any) -> Iterator[Address]:
    """Yield the addresses of all slots in the order in which Keras keeps them."""
    paths = [path for path, _ in variables(model, trainable=True)]
    for group in model.optimizer.slot_groups:
        present = [slot for slot in group if slot in slots.slots]
        for path in paths:
            for slot in present:
                yield slot, path


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        tree = tree[name]
    return tree


def _with_steps(state: Any, step: jax.Array) -> Any:
    """Return an optimizer state in which every count of steps is this one."""
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        fields = {name: _with_steps(getattr(state, name), step) for name in state._fields}
        if "step" in fields:
            fields["step"] = step
        return type(state)(**fields)
    if isinstance(state, tuple):
        return tuple(_with_steps(part, step) for part in state)
    return state
