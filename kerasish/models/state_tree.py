"""All variables of a model as nested dicts, by kind and by name, in Keras's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.names import unique_name
from kerasish.core.paths import Path, Tree, get_in, map_tree, set_in
from kerasish.core.types import Array
from kerasish.core.variable import Variable
from kerasish.optimizers import Optimizer

__all__ = ["assign_state_tree", "state_tree"]

_FORMATS = ("backend_tensor", "numpy_array")


class ModelLike(Protocol):
    """What this module needs of a model."""

    optimizer: Optimizer

    @property
    def name(self) -> str:
        """The name of the model."""
        ...

    @property
    def compiled(self) -> bool:
        """Whether there is an optimizer."""
        ...

    @property
    def metrics(self) -> list[Any]:
        """All metrics."""
        ...

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that optimizers change."""
        ...

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All other variables."""
        ...

    @property
    def _kerasish_is_functional(self) -> bool: ...


def state_tree(model: ModelLike, value_format: str) -> dict[str, Tree]:
    """Return the values of the variables of a model; see `Model.get_state_tree`."""
    if value_format not in _FORMATS:
        raise ArgumentError(f"value_format must be one of {_FORMATS}; got {value_format!r}.")

    def read(variable: Variable) -> Array | np.ndarray:
        return variable.value if value_format == "backend_tensor" else variable.numpy()

    return {kind: map_tree(read, _sorted(tree)) for kind, tree in _variables(model).items()}


def assign_state_tree(model: ModelLike, values: Mapping[str, Any]) -> None:
    """Assign values to the variables of a model; see `Model.set_state_tree`."""
    found: list[tuple[Variable, Any]] = []

    def match(tree: Tree, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name not in tree:
                raise UnknownNameError("part of the state tree", name, tree)
            if isinstance(tree[name], Variable):
                found.append((tree[name], value))
            else:
                match(tree[name], value)

    match(_variables(model), values)
    for variable, value in found:
        variable.assign(value)


def _variables(model: ModelLike) -> dict[str, Tree]:
    """Return the variables themselves, by kind and name."""
    # The layers of a graph exist before the model, so its name is not part of their paths.
    prefix = () if model._kerasish_is_functional else (model.name,)
    trained = [((*prefix, *v.path), v) for v in model.trainable_variables]
    rest = [
        (v.path if v.name == "seed_generator_state" else (*prefix, *v.path), v)
        for v in model.non_trainable_variables
    ]
    found = {"trainable_variables": trained, "non_trainable_variables": rest}
    if model.compiled:
        found["optimizer_variables"] = list(_named_slots(model, prefix))
        found["metrics_variables"] = _named_metrics(model)
    return {kind: _nest(pairs) for kind, pairs in found.items()}


def _named_slots(model: ModelLike, prefix: tuple[str, ...]) -> Iterator[tuple[Path, Variable]]:
    """Yield the variables of the optimizer; names of slots begin with that of their weight."""
    optimizer = model.optimizer
    weights = {"_".join(weight.path) for weight in model.trainable_variables}
    for variable in optimizer.variables:
        parts = variable.name.split("_")
        owned = any("_".join(parts[:count]) in weights for count in range(1, len(parts)))
        yield (optimizer.name, "_".join((*prefix * owned, variable.name))), variable


def _named_metrics(model: ModelLike) -> list[tuple[Path, Variable]]:
    """Return the variables of metrics, each of those given to `compile` under its own name."""
    found: list[tuple[Path, Variable]] = []
    taken: set[str] = set()
    for metric in model.metrics:
        several = getattr(metric, "entries", None)
        parts = [(metric.name, metric)] if several is None else [entry[:2] for entry in several]
        for name, part in parts:
            own = unique_name(name, taken)
            taken.add(own)
            found += [((own, v.name), v) for v in part.variables]
    return found


def _nest(pairs: list[tuple[Path, Variable]]) -> Tree:
    """Return variables by path as nested dicts; equal names are numbered."""
    tree: Tree = {}
    for path, variable in pairs:
        siblings = get_in(tree, path[:-1]) or {}
        set_in(tree, (*path[:-1], unique_name(path[-1], siblings)), variable)
    return tree


def _sorted(tree: Tree) -> Tree:
    return {
        name: _sorted(node) if isinstance(node, dict) else node
        for name, node in sorted(tree.items())
    }
