"""The state of an optimizer in a weights file, in Keras's order."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.names import snake_case, unique_name
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.untrusted import guarded
from kerasish.optimizers import LossScaleOptimizer, MultiOptimizer
from kerasish.saving.hdf5.reader import descend, read_dataset
from kerasish.saving.stores import StoreReader, stored

__all__ = ["optimizer_entries", "read_optimizer", "restore_optimizer"]


def optimizer_entries(model: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the optimizer's variables, to be kept below `optimizer/vars`.

    Keras has those of optimizers within once more, below what holds them. Before the first step
    there are few; Keras wants to see these.
    """
    if not model.compiled:
        return []
    found = _with_inner("optimizer", model.optimizer)
    return [
        (f"{path}/vars", each.name, stored(each, [v.value for v in each.variables]))
        for path, each in found
    ]


def _with_inner(path: str, optimizer: Any) -> Iterator[tuple[str, Any]]:
    """Yield an optimizer and those within it, by their places."""
    yield path, optimizer
    taken: set[str] = set()
    for key, child in optimizer._kerasish_inner_optimizers.items():
        if isinstance(optimizer, MultiOptimizer):
            name = unique_name(snake_case(type(child).__name__), taken)
            taken.add(name)
            key = f"optimizers/{name}"
        yield from _with_inner(f"{path}/{key}", child)


def _steps_of(optimizer: Any) -> Any:
    """Return how many gradients were given, which one with a loss scale does not count itself."""
    while isinstance(optimizer, LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    return optimizer._kerasish_iteration.value


def read_optimizer(model: Any, h5: Any, *, build: bool) -> Callable[[], None] | None:
    """Read what `optimizer_entries` returned; return what puts it in place, None if nothing will.

    As in Keras, an optimizer with another number of variables is left as it is, with a warning.

    Args:
        model: the model; nothing is read if it is not compiled.
        h5: the file.
        build: whether to build an optimizer that is not built yet.

    Raises:
        ShapeError: if a variable has another shape in the file.
    """
    group = descend(h5, "optimizer/vars") if model.compiled else None
    if group is None:
        return None
    name = model.optimizer.name
    hooks = _read_hooks(model, h5)
    restore: Callable[[], None] | None = None
    if not has_hook(model.optimizer, "load_own_variables"):
        read = lambda i, shape: read_dataset(group, str(i), shape, name)
        restore = restore_optimizer(model, len(group), read, build=build)
    elif build or model.optimizer.built:
        model._kerasish_engine.take_over()
    if not hooks:
        return restore

    def put() -> None:
        if restore is not None:
            restore()
        for optimizer, store in hooks:
            with guarded(f"`load_own_variables` of {optimizer.name!r} failed"):
                optimizer.load_own_variables(store)
        _set_step(model)

    return put


def _read_hooks(model: Any, h5: Any) -> list[tuple[Any, dict[str, np.ndarray]]]:
    """Return the optimizers whose classes load their variables themselves, and what from."""
    reader = StoreReader(h5)
    return [
        (each, reader.store(f"{path}/vars", each.name))
        for path, each in _with_inner("optimizer", model.optimizer)
        if has_hook(each, "load_own_variables")
    ]


def restore_optimizer(
    model: Any, count: int, read: Callable[[int, tuple[int, ...]], Any], *, build: bool
) -> Callable[[], None] | None:
    """Read the variables of an optimizer; return what puts them in place, None if nothing will.

    Args:
        model: a compiled model.
        count: how many variables there are in the file.
        read: returns the variable of a number, which must have a shape.
        build: whether to build an optimizer that is not built yet.

    Raises:
        ShapeError: if a variable has another shape in the file.
    """
    optimizer = model.optimizer
    few = len(optimizer.variables)
    built = build or optimizer.built
    if built:
        model._kerasish_engine.take_over()
    variables = optimizer.variables
    if count != len(variables):
        if count > few or not build:  # otherwise a model that was saved before its first step
            _warn(optimizer, count, built)
        return None
    found = [read(i, v.shape) for i, v in enumerate(variables)]

    def put() -> None:
        for variable, value in zip(variables, found, strict=True):
            variable.assign(value)
        _set_step(model)

    return put


def _set_step(model: Any) -> None:
    """Let dropout continue from where the optimizer is."""
    owner = model._kerasish_engine.owner
    if owner is not None and not owner.running:
        owner.train_state.step = jnp.asarray(_steps_of(model.optimizer))


def _warn(optimizer: Any, count: int, built: bool) -> None:
    reason = (
        "A file of Keras's from training in mixed_float16 has more than its optimizer: set that "
        "dtype policy before loading."
        if built
        else "It is not built: call `model.optimizer.build(model.trainable_variables)` first."
    )
    warnings.warn(
        f"The state of optimizer {optimizer.name!r} was not loaded: it has "
        f"{len(optimizer.variables)} variables, and there are {count} in the file. {reason}",
        stacklevel=_level_of_the_user(),
    )


def _level_of_the_user() -> int:
    """Return the `stacklevel` of the line outside of the library, as the caller would give it."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("kerasish."):
        frame, level = frame.f_back, level + 1
    return level
