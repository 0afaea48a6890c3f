"""The state of an optimizer in a weights file, in Keras's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from kerasish.saving.hdf5 import descend, read_dataset

__all__ = ["optimizer_entries", "read_optimizer"]


def optimizer_entries(model: Any) -> list[tuple[str, str, list[Any]]]:
    """Return the optimizer's variables, to be kept below `optimizer/vars`, if there are any."""
    optimizer = model.optimizer
    if model.engine is None or model.engine.owner is None:
        return []
    return [("optimizer/vars", optimizer.name, [v.value for v in optimizer.variables])]


def read_optimizer(model: Any, h5: Any) -> Callable[[], None] | None:
    """Read what `optimizer_entries` told; return what puts it in place, or None if it is not there.

    Raises:
        ShapeError: if it does not fit the model.
    """
    group = None if model.engine is None else descend(h5, "optimizer/vars")
    if group is None:
        return None
    model.engine.take_over()
    optimizer, owner = model.optimizer, model.engine.owner
    variables = optimizer.variables
    if len(group) != len(variables):
        return None  # saved before the first step: there is nothing to go on from
    found = [read_dataset(group, str(i), v.shape, optimizer.name) for i, v in enumerate(variables)]

    def put() -> None:
        for variable, value in zip(variables, found, strict=True):
            variable.assign(value)
        # Dropout goes on from there, too.
        owner.train_state.step = jnp.asarray(optimizer.counter.value)

    return put
