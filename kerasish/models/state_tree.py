"""All variables of a model as nested dicts, by kind and by name, in Keras's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerasish.core.errors import ArgumentError, UnknownNameError
from kerasish.core.names import unique_name
from kerasish.core.paths import Tree
from kerasish.core.variable import Variable

__all__ = ["assign_state_tree", "state_tree"]

_FORMATS = ("backend_tensor", "numpy_array")


def state_tree(model: Any, value_format: str) -> dict[str, Tree]:
    """Return the values of the variables of a model; see `Model.get_state_tree`."""
    if value_format not in _FORMATS:
        raise ArgumentError(f"value_format must be one of {_FORMATS}; got {value_format!r}.")

    def read(variable: Variable) -> Any:
        return variable.value if value_format == "backend_tensor" else variable.numpy()

    def values(node: Any) -> Any:
        if isinstance(node, Variable):
            return read(node)
        return {name: values(node[name]) for name in sorted(node)}

    return {kind: values(tree) for kind, tree in _declared(model).items()}


def assign_state_tree(model: Any, given: Mapping[str, Any]) -> None:
    """Assign values to the variables of a model; see `Model.set_state_tree`."""
    found: list[tuple[Variable, Any]] = []

    def visit(node: Any, value: Any) -> None:
        if isinstance(node, Variable):
            found.append((node, value))
            return
        for name, each in value.items():
            if name not in node:
                raise UnknownNameError("part of the state tree", name, node)
            visit(node[name], each)

    visit(_declared(model), given)
    for variable, value in found:
        variable.assign(value)


def _declared(model: Any) -> dict[str, Tree]:
    """Return the variables themselves, by kind and name."""
    # The layers of a graph are there before the model, and so have names without its own.
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
    return {kind: _nested(pairs) for kind, pairs in found.items()}


def _named_slots(model: Any, prefix: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Variable]]:
    """Yield the variables of the optimizer; what belongs to a weight has the name of that first."""
    optimizer = model.optimizer
    weights = {"_".join(weight.path) for weight in model.trainable_variables}
    for variable in optimizer.variables:
        parts = variable.name.split("_")
        owned = any("_".join(parts[:count]) in weights for count in range(1, len(parts)))
        yield (optimizer.name, "_".join((*prefix * owned, variable.name))), variable


def _named_metrics(model: Any) -> list[tuple[tuple[str, ...], Variable]]:
    """Return the variables of metrics; those of `compile` go by their own names."""
    found: list[tuple[tuple[str, ...], Variable]] = []
    taken: set[str] = set()
    for metric in model.metrics:
        several = getattr(metric, "entries", None)
        parts = [(metric.name, metric)] if several is None else [entry[:2] for entry in several]
        for name, part in parts:
            own = unique_name(name, taken)
            taken.add(own)
            found += [((own, v.name), v) for v in part.variables]
    return found


def _nested(pairs: list[tuple[tuple[str, ...], Variable]]) -> Tree:
    tree: Tree = {}
    for path, variable in pairs:
        node = tree
        for name in path[:-1]:
            node = node.setdefault(name, {})
        node[unique_name(path[-1], set(node))] = variable
    return tree
