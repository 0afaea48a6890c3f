"""The state of an optimizer in a weights file, in Keras's order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import jax.numpy as jnp

from kerasish.core.names import snake_case, unique_name
from kerasish.optimizers import LossScaleOptimizer, MultiOptimizer
from kerasish.saving.hdf5 import descend, read_dataset

__all__ = ["optimizer_entries", "read_optimizer"]


def optimizer_entries(model: Any) -> list[tuple[str, str, list[Any]]]:
    """Return the optimizer's variables, to be kept below `optimizer/vars`.

    Keras has those of optimizers within once more, below what holds them. Before the first step
    there are few; Keras wants to see these.
    """
    if model.engine is None:
        return []
    found = _with_inner("optimizer", model.optimizer)
    return [(f"{path}/vars", each.name, [v.value for v in each.variables]) for path, each in found]


def _with_inner(path: str, optimizer: Any) -> Iterator[tuple[str, Any]]:
    """Yield an optimizer and those within it, by their places."""
    yield path, optimizer
    taken: set[str] = set()
    for key, child in optimizer.children.items():
        if isinstance(optimizer, MultiOptimizer):
            name = unique_name(snake_case(type(child).__name__), taken)
            taken.add(name)
            key = f"optimizers/{name}"
        yield from _with_inner(f"{path}/{key}", child)


def _steps_of(optimizer: Any) -> Any:
    """Return how many gradients were given, which one with a loss scale does not count itself."""
    while isinstance(optimizer, LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    return optimizer.places()[("step",)].value


def read_optimizer(model: Any, h5: Any) -> Callable[[], None] | None:
    """Read what `optimizer_entries` told; return what puts it in place, or None if it is not there.

    Raises:
        ShapeError: if it does not fit the model.
    """
    group = None if model.engine is None else descend(h5, "optimizer/vars")
    if group is None:
        return None
    few = len(model.optimizer.variables)
    model.engine.take_over()
    optimizer, owner = model.optimizer, model.engine.owner
    variables = optimizer.variables
    if len(group) != len(variables):
        if len(group) > few:  # not saved before the first step
            warnings.warn(
                f"The state of optimizer {optimizer.name!r} was not loaded: it has "
                f"{len(variables)} variables, and there are {len(group)} in the file. A file of "
                "Keras's from training in mixed_float16 has more than its optimizer: set that "
                "dtype policy before loading.",
                stacklevel=4,
            )
        return None
    found = [read_dataset(group, str(i), v.shape, optimizer.name) for i, v in enumerate(variables)]

    def put() -> None:
        for variable, value in zip(variables, found, strict=True):
            variable.assign(value)
        # Dropout goes on from there, too.
        owner.train_state.step = jnp.asarray(_steps_of(optimizer))

    return put
