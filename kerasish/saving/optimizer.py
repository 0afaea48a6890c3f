"""The state of an optimizer in a weights file, in the order of Keras."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.names import snake_case, unique_name
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.serialization.untrusted import guarded
from kerasish.core.types import Array
from kerasish.optimizers import LossScaleOptimizer, MultiOptimizer, Optimizer
from kerasish.saving.hdf5.reader import find_group, read_dataset
from kerasish.saving.model_protocol import SaveableModel
from kerasish.saving.stores import BoundedReader, stored_arrays

if TYPE_CHECKING:
    import h5py

__all__ = ["collect_optimizer", "read_optimizer", "restore_optimizer"]


def collect_optimizer(model: SaveableModel) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the optimizer's variables as entries for `optimizer/vars`.

    As in Keras, the variables of inner optimizers are also stored below the outer optimizer. Before
    the first step there are few variables; Keras expects these.
    """
    if not model.compiled:
        return []
    found = _with_inner("optimizer", model.optimizer)
    return [
        (f"{path}/vars", each.name, stored_arrays(each, [v.value for v in each.variables]))
        for path, each in found
    ]


def _with_inner(path: str, optimizer: Optimizer) -> Iterator[tuple[str, Any]]:
    """Yield an optimizer and its inner optimizers with their paths in the file."""
    yield path, optimizer
    taken: set[str] = set()
    for key, child in optimizer._kerasish_inner_optimizers.items():
        if isinstance(optimizer, MultiOptimizer):
            name = unique_name(snake_case(type(child).__name__), taken)
            taken.add(name)
            key = f"optimizers/{name}"
        yield from _with_inner(f"{path}/{key}", child)


def _step_count(optimizer: Optimizer) -> Array:
    """Return the step count; a `LossScaleOptimizer` delegates it to its inner optimizer."""
    while isinstance(optimizer, LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    return optimizer._kerasish_iteration.value


def read_optimizer(
    model: SaveableModel, h5: h5py.Group, *, build: bool
) -> Callable[[], None] | None:
    """Read the variables of an optimizer; return a function that assigns them, or None.

    As in Keras, an optimizer with another number of variables is left unchanged, with a warning.

    Args:
        model: the model; nothing is read if it is not compiled.
        h5: the file.
        build: whether to build an unbuilt optimizer.

    Raises:
        ShapeError: if a variable has another shape in the file.
    """
    group = find_group(h5, "optimizer/vars") if model.compiled else None
    if group is None:
        return None
    name = model.optimizer.name
    hooks = _read_hooks(model, h5)
    restore: Callable[[], None] | None = None
    if not has_hook(model.optimizer, "load_own_variables"):
        read_variable = lambda i, shape: read_dataset(group, str(i), shape, name)
        restore = restore_optimizer(model, len(group), read_variable, build=build)
    elif build or model.optimizer.built:
        model._kerasish_engine.adopt_weights()
    if not hooks:
        return restore

    def assign() -> None:
        if restore is not None:
            restore()
        for optimizer, store in hooks:
            with guarded(f"`load_own_variables` of {optimizer.name!r} failed"):
                optimizer.load_own_variables(store)
        _set_step(model)

    return assign


def _read_hooks(model: SaveableModel, h5: h5py.Group) -> list[tuple[Any, dict[str, np.ndarray]]]:
    """Return the optimizers with `load_own_variables`, and their arrays in the file."""
    reader = BoundedReader(h5)
    return [
        (each, reader.arrays(f"{path}/vars", each.name))
        for path, each in _with_inner("optimizer", model.optimizer)
        if has_hook(each, "load_own_variables")
    ]


def restore_optimizer(
    model: SaveableModel,
    count: int,
    read_variable: Callable[[int, tuple[int, ...]], Any],
    *,
    build: bool,
) -> Callable[[], None] | None:
    """Read the variables of an optimizer; return a function that assigns them, or None.

    Args:
        model: a compiled model.
        count: the number of variables in the file.
        read_variable: `(index, shape) -> array`, reads one variable of the given shape.
        build: whether to build an unbuilt optimizer.

    Raises:
        ShapeError: if a variable has another shape in the file.
    """
    optimizer = model.optimizer
    few = len(optimizer.variables)
    built = build or optimizer.built
    if built:
        model._kerasish_engine.adopt_weights()
    variables = optimizer.variables
    if count != len(variables):
        if count > few or not build:  # otherwise the model was saved before its first step
            _warn(optimizer, count, built)
        return None
    found = [read_variable(i, v.shape) for i, v in enumerate(variables)]

    def assign() -> None:
        for variable, value in zip(variables, found, strict=True):
            variable.assign(value)
        _set_step(model)

    return assign


def _set_step(model: SaveableModel) -> None:
    """Set the training step, from which random keys are derived, to that of the optimizer."""
    owner = model._kerasish_engine.owner
    if owner is not None and not owner.running:
        owner.train_state.step = jnp.asarray(_step_count(model.optimizer))


def _warn(optimizer: Optimizer, count: int, built: bool) -> None:
    reason = (
        "A file that Keras wrote in mixed_float16 has additional variables: set that dtype policy "
        "before loading."
        if built
        else "It is not built: call `model.optimizer.build(model.trainable_variables)` first."
    )
    warnings.warn(
        f"The state of optimizer {optimizer.name!r} was not loaded: it has "
        f"{len(optimizer.variables)} variables, and the file has {count}. {reason}",
        stacklevel=_user_stacklevel(),
    )


def _user_stacklevel() -> int:
    """Return the `stacklevel` of the first frame outside of the library, for the caller."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("kerasish."):
        frame, level = frame.f_back, level + 1
    return level
