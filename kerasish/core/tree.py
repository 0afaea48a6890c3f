"""The sublayers and variables of a layer, read from its attributes.

A layer owns the layers and variables that its attributes hold, also inside lists, tuples and
dicts. Nothing is registered: each function here reads the attributes when it is called, so what it
returns is never stale. Sublayers have names that are unique among siblings; the names from the
root down to a variable are its path, see `kerasish.core.paths`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from kerasish.core.errors import ArgumentError
from kerasish.core.names import next_name, unique_name
from kerasish.core.paths import Path, Tree, from_name, nest, to_name
from kerasish.core.variable import Variable

__all__ = [
    "TreeNode",
    "all_layers",
    "check_names",
    "collect_attributes",
    "own_variables",
    "rename",
    "sublayers",
    "variable_tree",
    "variables_with_paths",
]


class TreeNode(Protocol):
    """What this module needs of a layer."""

    _kerasish_name: str | None
    _kerasish_given: bool
    _kerasish_path: str | None

    @property
    def name(self) -> str:
        """The name, unique among siblings."""
        ...

    @property
    def trainable(self) -> bool:
        """Whether optimizers change the weights."""
        ...

    @property
    def _kerasish_default_name(self) -> str: ...

    def _kerasish_sublayers(self) -> list[Any]: ...


# Most attributes are settings, which hold no layers.
_PLAIN = frozenset((str, int, float, bool, type(None)))


def collect_attributes(holder: object, kind: type) -> list[Any]:
    """Return the instances of `kind` in the attributes of `holder`, each once.

    Lists, tuples and dicts are searched at any depth; other objects are not.
    """
    found: dict[int, Any] = {}
    _collect(vars(holder).values(), kind, found)
    return list(found.values())


def _collect(values: Iterable[object], kind: type, found: dict[int, Any]) -> None:
    for value in values:
        cls = type(value)
        if cls in _PLAIN:
            continue
        # A runtime-checkable protocol caches the answer for a class, not for an object.
        if issubclass(cls, kind):
            found.setdefault(id(value), value)
        elif isinstance(value, (list, tuple)):
            _collect(value, kind, found)
        elif isinstance(value, dict):
            _collect(value.values(), kind, found)


def all_layers(layer: TreeNode) -> list[Any]:
    """Return a layer and all layers within it at any depth, each once, parents first."""
    found: dict[int, Any] = {}

    def visit(layer: TreeNode) -> None:
        if id(layer) not in found:
            found[id(layer)] = layer
            for child in layer._kerasish_sublayers():
                visit(child)

    visit(layer)
    return list(found.values())


def sublayers(layer: TreeNode, held: list[Variable] | None = None) -> dict[str, Any]:
    """Return the direct sublayers by name, in the order of the attributes.

    A sublayer without a name from the user is renamed here if a sibling has its name: `dense`,
    `dense_1`. Numbers only grow, so that a layer with several parents settles on a name that is
    unique in all of them.

    Args:
        layer: the parent.
        held: its own variables, if they are known.
    """
    taken = {v.name for v in (_own_variables(layer) if held is None else held) if v.saved}
    found = layer._kerasish_sublayers()
    given = {child._kerasish_name for child in found if child._kerasish_given}
    named: dict[str, Any] = {}
    for child in found:
        if child._kerasish_given:
            key = unique_name(child._kerasish_name, taken)
        else:
            key = next_name(child.name, child._kerasish_default_name, taken | given)
            if key != child._kerasish_name:
                rename(child, key)
        taken.add(key)
        named[key] = child
    return named


def check_names(layers: Iterable[TreeNode]) -> None:
    """Raise ArgumentError if the user gave two layers of one parent the same name."""
    taken: set[str] = set()
    for layer in layers:
        if layer._kerasish_given and layer.name in taken:
            raise ArgumentError(
                f"Two layers are called {layer.name!r}; names must be unique in a model. Give "
                "one of them another: `layer.name = ...`."
            )
        if layer._kerasish_given:
            taken.add(layer.name)


def rename(layer: Any, name: str) -> None:
    """Rename a layer, and change the paths of all layers and variables within it."""
    old: str | None = layer._kerasish_path
    for node in layer._kerasish_nodes:
        if not node.inputs and node.outputs.name == layer.name:  # the tensor of an input layer
            node.outputs.name = name
    layer._kerasish_name = name
    if old is None:
        return
    new = to_name((*from_name(old)[:-1], name))
    for each in all_layers(layer):
        path = each._kerasish_path or ""
        if path == old or path.startswith(f"{old}/"):
            each._kerasish_path = new + path[len(old) :]
    # The name of the root is part of the paths of layers, and not of those of variables.
    before, after = (from_name(path)[1:] for path in (old, new))
    for _, variable in variables_with_paths(layer):
        if before and variable.path[: len(before)] == before:
            variable.path = after + variable.path[len(before) :]


def own_variables(holder: object) -> list[Variable]:
    """Return the weights of a layer or metric itself, trainable ones first, as Keras does."""
    return [v for v in _own_variables(holder) if v.saved]


def _own_variables(holder: object) -> list[Variable]:
    """Return its own variables, with those that exist only while a model runs."""
    return sorted(collect_attributes(holder, Variable), key=lambda v: not v.declared_trainable)


def variables_with_paths(
    layer: TreeNode, trainable: bool | None = None, visited: list[Any] | None = None
) -> Iterator[tuple[Path, Variable]]:
    """Yield `(path, variable)` in Keras's order, through all sublayers, a shared variable once.

    Args:
        layer: the root; its own name is not part of the paths.
        trainable: which kind to yield; None yields both. A variable trains
            if it and every layer above it are trainable.
        visited: a list to append the visited layers to, each once.
    """
    seen: set[int] = set()

    def walk(layer: TreeNode, path: Path, live: bool) -> Iterator[tuple[Path, Variable]]:
        live = live and layer.trainable
        if visited is not None:
            visited.append(layer)
        taken: set[str] = set()
        held = _own_variables(layer)
        for variable in held:
            name = unique_name(variable.name, taken)
            taken.add(name)
            if id(variable) in seen:
                continue
            seen.add(id(variable))
            if trainable is None or trainable == (live and variable.trainable):
                yield (*path, *(variable.keys or (name,))), variable
        for name, child in sublayers(layer, held).items():
            if id(child) not in seen:
                seen.add(id(child))
                yield from walk(child, (*path, name), live)

    return walk(layer, (), True)


def variable_tree(layer: TreeNode, trainable: bool | None = None) -> Tree:
    """Return the variables as nested dicts; layers without any are left out."""
    return nest(variables_with_paths(layer, trainable))
