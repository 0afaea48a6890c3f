"""The weights of a layer as nested dicts, keyed by the names of its parts.

A layer's parts are whatever layers and variables its attributes hold, also
inside lists, tuples and dicts. Nothing is registered anywhere: the tree is
read off the object when it is asked for, so it cannot go stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.names import next_name, unique_name
from kerasish.core.variable import Variable

if TYPE_CHECKING:
    from kerasish.core.scope import Scope
    from kerasish.core.weights import Weighted

__all__ = [
    "Tree",
    "all_layers",
    "bind",
    "changed",
    "check_names",
    "children",
    "map_tree",
    "merged",
    "names_of",
    "own_variables",
    "pairs",
    "part_of",
    "parts",
    "rename",
    "variable_tree",
    "variables",
]

# A nested dict whose leaves are variables, arrays, or whatever was made of them.
Tree: TypeAlias = dict[str, Any]


# Most attributes are settings, which hold no parts.
_PLAIN = frozenset((str, int, float, bool, type(None)))


def parts(holder: object, kind: type) -> list[Any]:
    """Return the instances of `kind` that the attributes of `holder` hold, each once."""
    found: dict[int, Any] = {}
    _collect(vars(holder).values(), kind, found)
    return list(found.values())


def _collect(values: Iterable[Any], kind: type, found: dict[int, Any]) -> None:
    for value in values:
        cls = type(value)
        if cls in _PLAIN:
            continue
        # Of the class, which a protocol remembers; an object would be looked at every time.
        if issubclass(cls, kind):
            found.setdefault(id(value), value)
        elif isinstance(value, (list, tuple)):
            _collect(value, kind, found)
        elif isinstance(value, dict):
            _collect(value.values(), kind, found)


def all_layers(layer: Weighted) -> list[Any]:
    """Return a layer and all layers within it, at any depth, each once."""
    found: dict[int, Any] = {}

    def visit(layer: Any) -> None:
        if id(layer) not in found:
            found[id(layer)] = layer
            for child in layer._kerasish_sublayers():
                visit(child)

    visit(layer)
    return list(found.values())


def children(layer: Weighted, held: list[Variable] | None = None) -> dict[str, Any]:
    """Return the direct sublayers by name, in the order of the attributes.

    A sublayer whose name the user did not give is renamed here if a sibling has that name:
    `dense`, `dense_1`. Numbers only grow, so that a layer with several parents comes to rest at a
    name that is unique in all of them.

    Args:
        layer: their parent.
        held: its own variables, if they are known.
    """
    taken = {v.name for v in (_held(layer) if held is None else held) if v.saved}
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


def check_names(layers: Iterable[Any]) -> None:
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
    """Give a layer another name, and all that is within it the paths that follow from that."""
    old: str | None = layer._kerasish_path
    for node in layer._kerasish_nodes:
        if not node.inputs and node.outputs.name == layer.name:  # the tensor of an input layer
            node.outputs.name = name
    layer._kerasish_name = name
    if old is None:
        return
    *above, _ = old.split("/")
    new = "/".join((*above, name))
    for each in all_layers(layer):
        path = each._kerasish_path or ""
        if path == old or path.startswith(f"{old}/"):
            each._kerasish_path = new + path[len(old) :]
    # The name of the root is part of the paths of layers, and not of those of variables.
    before, after = (tuple(path.split("/")[1:]) for path in (old, new))
    for _, variable in variables(layer):
        if before and variable.path[: len(before)] == before:
            variable.path = after + variable.path[len(before) :]


def own_variables(holder: object) -> list[Variable]:
    """Return the weights of a layer or metric itself, trainable ones first, as Keras does."""
    return [v for v in _held(holder) if v.saved]


def _held(holder: object) -> list[Variable]:
    """Return all its variables, also those that live only while a model runs."""
    return sorted(parts(holder, Variable), key=lambda v: not v.declared_trainable)


def variables(
    layer: Weighted, trainable: bool | None = None, visited: list[Any] | None = None
) -> Iterator[tuple[tuple[str, ...], Variable]]:
    """Yield `(path, variable)` through all sublayers, a shared variable once.

    Args:
        layer: the root; its own name is not part of the paths.
        trainable: which kind to yield; None yields both. A variable trains
            if it and every layer above it are trainable.
        visited: a list that gets the layers on the way, each once.
    """
    seen: set[int] = set()

    def walk(
        layer: Weighted, path: tuple[str, ...], live: bool
    ) -> Iterator[tuple[tuple[str, ...], Variable]]:
        live = live and layer.trainable
        if visited is not None:
            visited.append(layer)
        taken: set[str] = set()
        held = _held(layer)
        for variable in held:
            name = unique_name(variable.name, taken)
            taken.add(name)
            if id(variable) in seen:
                continue
            seen.add(id(variable))
            if trainable is None or trainable == (live and variable.trainable):
                yield (*path, *(variable.keys or (name,))), variable
        for name, child in children(layer, held).items():
            if id(child) not in seen:
                seen.add(id(child))
                yield from walk(child, (*path, name), live)

    return walk(layer, (), True)


def variable_tree(layer: Weighted, trainable: bool | None = None) -> Tree:
    """Return the variables as a nested dict; parts without any are left out."""
    tree: Tree = {}
    for path, variable in variables(layer, trainable):
        node = tree
        for name in path[:-1]:
            node = node.setdefault(name, {})
        node[path[-1]] = variable
    return tree


def map_tree(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Tree:
    """Apply `function` leaf by leaf to nested dicts of the same structure."""
    return {
        name: map_tree(function, node, *(other[name] for other in rest))
        if isinstance(node, dict)
        else function(node, *(other[name] for other in rest))
        for name, node in tree.items()
    }


def changed(before: Tree, after: Tree) -> Tree:
    """Return the part of a tree whose leaves are other objects than before."""
    found: Tree = {}
    for name, node in after.items():
        if not isinstance(node, dict):
            if node is not before[name]:
                found[name] = node
        elif part := changed(before[name], node):
            found[name] = part
    return found


def part_of(tree: Tree, like: Tree) -> Tree:
    """Return the leaves of a tree that are also in another one, which has fewer."""
    return {
        name: part_of(tree[name], node) if isinstance(node, dict) else tree[name]
        for name, node in like.items()
    }


def names_of(tree: Tree) -> Tree:
    """Return a tree of the same structure without values."""
    return map_tree(lambda leaf: None, tree)


def merged(tree: Tree, part: Tree) -> Tree:
    """Return a tree with other values for a part of its leaves."""
    new = {
        name: merged(tree[name], node) if isinstance(node, dict) else node
        for name, node in part.items()
    }
    return {**tree, **new}


def bind(scope: Scope, declared: Tree, given: Tree, what: str) -> None:
    """Bind the values in `given` to the variables in `declared`, name by name.

    Raises:
        ShapeError: if the two trees differ in structure or in a shape.
    """
    for variable, value in pairs(declared, given, what):
        scope.bind(variable, value)


def pairs(
    declared: Tree, given: Mapping[str, Any], what: str, path: str = ""
) -> list[tuple[Variable, Any]]:
    """Return the variables in `declared`, each with its value in `given`, name by name.

    Args:
        declared: a tree of variables.
        given: a tree of values.
        what: what such a tree is called in messages.
        path: where in the model both are.

    Raises:
        ShapeError: if the two trees differ in structure or in a shape.
    """
    found: list[tuple[Variable, Any]] = []
    if not isinstance(given, Mapping) or set(declared) != set(given):
        given = given if isinstance(given, Mapping) else {}
        missing, extra = sorted(set(declared) - set(given)), sorted(set(given) - set(declared))
        raise ShapeError(
            f"The {what} do not fit the model at {path or 'the top'!r}: "
            f"missing {missing}, not known {extra}. Start from `model.{what}`."
        )
    for name, node in declared.items():
        value, where = given[name], f"{path}/{name}" if path else name
        if isinstance(node, dict):
            found += pairs(node, value, what, where)
        elif isinstance(value, Mapping) or getattr(value, "shape", node.shape) != node.shape:
            raise ShapeError(
                f"The weight {where!r} has shape {node.shape}; the {what} hold one of shape "
                f"{getattr(value, 'shape', 'another kind')}."
            )
        else:
            found.append((node, value))
    return found
