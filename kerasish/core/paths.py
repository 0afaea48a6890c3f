"""Paths: the one address of a weight, and its translations.

A path is a tuple of names, `("encoder", "dense", "kernel")`. It leads through nested dicts, and
through the attributes of the dataclasses that training states are made of, to one leaf:

=====================  =====================================================================
one leaf               `get_in`, `set_in`, `parent_of`
all leaves             `nest` makes nested dicts of `{path: leaf}`, `flatten` is its inverse
Keras's order          `paths_by_id` finds the paths of variables in a list
names in files         `to_name` and `from_name`: `"encoder/dense/kernel"`
JAX's key paths        `from_keys`, `keys_to_name`
other paths            `move_path`, when layers were renamed
=====================  =====================================================================

The rest are operations on nested dicts of the same or a smaller structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import jax

__all__ = [
    "Path",
    "Tree",
    "changed_leaves",
    "flatten",
    "from_keys",
    "from_name",
    "get_in",
    "keys_to_name",
    "map_tree",
    "move_path",
    "nest",
    "parent_of",
    "paths_by_id",
    "select_like",
    "set_in",
    "structure_of",
    "to_name",
    "update_tree",
]

Path: TypeAlias = tuple[str, ...]
"""The names that lead to a leaf: of sublayers, then of the weight."""

Tree: TypeAlias = dict[str, Any]
"""Nested dicts whose leaves are variables, arrays, or values made from them."""


# One leaf.


def get_in(tree: object, path: Path) -> Any:
    """Return the leaf at a path, or None.

    Examples:
        >>> get_in({"dense": {"kernel": 1}}, ("dense", "kernel")), get_in({}, ("dense", "kernel"))
        (1, None)
    """
    for name in path:
        tree = None if tree is None else _entries(tree).get(name)
    return tree


def set_in(tree: Tree, path: Path, leaf: object) -> None:
    """Set the leaf at a path; create the dicts that are missing on the way."""
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = leaf


def parent_of(tree: object, path: Path) -> dict[str, Any]:
    """Return the dict that has the leaf at a path, under the last name of that path.

    Raises:
        KeyError: if there is no such dict.
    """
    for name in path[:-1]:
        tree = _entries(tree)[name]
    return _entries(tree)


def _entries(node: object) -> dict[str, Any]:
    return node if isinstance(node, dict) else vars(node)


# All leaves.


def nest(leaves: Mapping[Path, object] | Iterable[tuple[Path, object]]) -> Tree:
    """Return leaves by path as nested dicts.

    Examples:
        >>> nest({("dense", "kernel"): 1, ("dense", "bias"): 2})
        {'dense': {'kernel': 1, 'bias': 2}}
    """
    tree: Tree = {}
    for path, leaf in leaves.items() if isinstance(leaves, Mapping) else leaves:
        set_in(tree, path, leaf)
    return tree


def flatten(tree: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield `(path, leaf)` of nested dicts in the order of the dicts, which JAX would sort.

    Args:
        tree: nested dicts; a node of any other type is a leaf.
        path: the path of `tree` itself.
    """
    if isinstance(tree, dict):
        for name, node in tree.items():
            yield from flatten(node, (*path, name))
    else:
        yield path, tree


# Keras's order.


def paths_by_id(variables: Mapping[Path, object]) -> dict[int, Path]:
    """Return the path of each variable by its identity, to look up those of a list."""
    return {id(variable): path for path, variable in variables.items()}


# Names in files and messages, and JAX's key paths.


def to_name(path: Iterable[str]) -> str:
    """Return a path as one string: `"encoder/dense/kernel"`."""
    return "/".join(path)


def from_name(name: str) -> Path:
    """Return the path that a string stands for; the inverse of `to_name`."""
    return tuple(name.split("/"))


def from_keys(keys: Sequence[Any]) -> Path:
    """Return the path of a leaf of nested dicts from its key path in JAX."""
    return tuple(key.key for key in keys)


def keys_to_name(keys: Sequence[Any]) -> str:
    """Return a key path of JAX through any pytree as one string: `"0/mu/dense/kernel"`."""
    return jax.tree_util.keystr(tuple(keys), simple=True, separator="/")


def move_path(path: Path, moves: Mapping[Path, Path]) -> Path:
    """Return the new path of a leaf that is kept for a weight, once weights have other paths.

    Args:
        path: the path of the leaf, which ends with that of the weight. Its last name may hold
            slashes, and stand for several names: `"0/mu/dense/kernel"`.
        moves: the new path of each weight that has another, by its old one.

    Examples:
        >>> move_path(("inner", "momentum", "a", "kernel"), {("a", "kernel"): ("b", "kernel")})
        ('inner', 'momentum', 'b', 'kernel')
    """
    names = from_name(to_name(path))
    for start in range(len(names)):
        if names[start:] in moves:
            new = (*names[:start], *moves[names[start:]])
            return (*path[:-1], to_name(new[len(path) - 1 :])) if "/" in path[-1] else new
    return path


# Nested dicts.


def map_tree(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Tree:
    """Apply `function` leaf by leaf to nested dicts of the same structure."""
    return {
        name: map_tree(function, node, *(other[name] for other in rest))
        if isinstance(node, dict)
        else function(node, *(other[name] for other in rest))
        for name, node in tree.items()
    }


def changed_leaves(before: Tree, after: Tree) -> Tree:
    """Return the leaves of `after` that are other objects than those of `before`."""
    found: Tree = {}
    for name, node in after.items():
        if not isinstance(node, dict):
            if node is not before[name]:
                found[name] = node
        elif part := changed_leaves(before[name], node):
            found[name] = part
    return found


def select_like(tree: Tree, like: Tree) -> Tree:
    """Return the leaves of a tree that `like`, which has a part of its structure, has too."""
    return {
        name: select_like(tree[name], node) if isinstance(node, dict) else tree[name]
        for name, node in like.items()
    }


def structure_of(tree: Tree) -> Tree:
    """Return nested dicts of the same structure with None for each leaf."""
    return map_tree(lambda leaf: None, tree)


def update_tree(tree: Tree, part: Tree) -> Tree:
    """Return a tree with the leaves of `part`, which has a part of its structure, in it."""
    new = {
        name: update_tree(tree[name], node) if isinstance(node, dict) else node
        for name, node in part.items()
    }
    return {**tree, **new}
