"""`keras.tree`: functions on nested structures.

A structure is a list, tuple, named tuple, deque or dict of structures. Anything else, including
None, is a leaf. Dicts are traversed in the order of their sorted keys, `OrderedDict`s in their own
order. Models and training use `jax.tree` instead.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.core.types import PyTree

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]

_DICTS = (dict, OrderedDict, defaultdict)
_SEQUENCES = (list, tuple, deque)


class MAP_TO_NONE:
    """Returned by the function of `traverse` to replace a part by None."""


def _is_named_tuple(x: object) -> bool:
    return isinstance(x, tuple) and hasattr(x, "_fields")


def is_nested(structure: object) -> bool:
    """Return whether a structure is not a leaf.

    Args:
        structure: anything.

    Examples:
        >>> is_nested({"a": 1}), is_nested(()), is_nested("abc"), is_nested(None)
        (True, True, False, False)
    """
    return type(structure) in (*_DICTS, *_SEQUENCES) or _is_named_tuple(structure)


def _items(structure: PyTree) -> list[tuple[Any, Any]]:
    """Return the keys or indices of a nested structure with the parts."""
    if type(structure) is OrderedDict:
        return list(structure.items())
    if type(structure) in _DICTS:
        return [(key, structure[key]) for key in sorted(structure)]
    return list(enumerate(structure))


def _rebuild(structure: PyTree, values: Iterable[Any]) -> PyTree:
    """Return a container of the same type with other values, in the order of `_items`."""
    if type(structure) in _DICTS:
        placed = dict(zip((key for key, _ in _items(structure)), values, strict=True))
        ordered = {key: placed[key] for key in structure}
        if type(structure) is defaultdict:
            return defaultdict(structure.default_factory, ordered)
        return type(structure)(ordered)
    if _is_named_tuple(structure):
        return type(structure)(*values)
    if type(structure) is deque:
        return deque(values, structure.maxlen)
    return type(structure)(values)


def flatten(structure: PyTree) -> list[Any]:
    """Return the leaves of a structure.

    Args:
        structure: anything.

    Examples:
        >>> flatten({"b": [2, (3,)], "a": 1})
        [1, 2, 3]
    """
    return [leaf for _, leaf in flatten_with_path(structure)]


def flatten_with_path(structure: PyTree) -> list[tuple[tuple[Any, ...], Any]]:
    """Return the leaves of a structure with their paths.

    Args:
        structure: anything.

    Examples:
        >>> flatten_with_path([{"a": 42}])
        [((0, 'a'), 42)]
    """
    if not is_nested(structure):
        return [((), structure)]
    return [
        ((key, *path), leaf)
        for key, part in _items(structure)
        for path, leaf in flatten_with_path(part)
    ]


def pack_sequence_as(structure: PyTree, flat_sequence: Iterable[Any]) -> PyTree:
    """Return a structure like `structure` with the leaves of a flat sequence.

    Args:
        structure: the structure of the result.
        flat_sequence: as many values as the structure has leaves.

    Raises:
        ArgumentError: if the number of values differs from that of the leaves.

    Examples:
        >>> pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
        {'b': 3, 'a': (1, 2)}
    """
    values, wanted = list(flat_sequence), len(flatten(structure))
    if len(values) != wanted:
        raise ArgumentError(f"The structure has {wanted} leaves; got {len(values)} values.")
    left = iter(values)
    return map_structure(lambda _: next(left), structure)


def map_structure(
    func: Callable[..., Any], *structures: PyTree, none_is_leaf: bool = True
) -> PyTree:
    """Map a function over the leaves of structures.

    Args:
        func: a function of one leaf of each structure.
        *structures: structures for which `assert_same_structure` passes.
        none_is_leaf: whether to call the function for None; otherwise None is kept.

    Raises:
        ArgumentError: if there are no structures, or if they differ.

    Examples:
        >>> map_structure(lambda a, b: a * b, {"a": [2]}, {"a": [3]})
        {'a': [6]}
    """
    if not structures:
        raise ArgumentError("`map_structure` requires at least one structure.")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)

    def map_parts(*parts: PyTree) -> PyTree:
        if is_nested(parts[0]):
            inner = zip(*(_parts(parts[0], each) for each in parts), strict=True)
            return _rebuild(parts[0], [map_parts(*each) for each in inner])
        return None if parts[0] is None and not none_is_leaf else func(*parts)

    return map_parts(*structures)


def map_structure_up_to(
    shallow_structure: PyTree, func: Callable[..., Any], *structures: PyTree
) -> PyTree:
    """Map a function over parts of structures, down to the depth of a shallow structure.

    Args:
        shallow_structure: the structure of the result.
        func: a function of one leaf of each structure.
        *structures: structures whose top levels equal the shallow structure.

    Raises:
        ArgumentError: if a structure is less deep or differs.

    Examples:
        >>> map_structure_up_to([None, None], len, [[1, 1], [2]])
        [2, 1]
    """
    if not structures:
        raise ArgumentError("`map_structure_up_to` requires at least one structure.")

    def map_parts(shallow: PyTree, *parts: PyTree) -> PyTree:
        if not is_nested(shallow):
            return func(*parts)
        for part in parts:
            if not _same_container(shallow, part):
                raise _different(shallow, part)
        inner = zip(*(_parts(shallow, each) for each in (shallow, *parts)), strict=True)
        return _rebuild(shallow, [map_parts(*each) for each in inner])

    return map_parts(shallow_structure, *structures)


def _parts(like: PyTree, structure: PyTree) -> list[Any]:
    """Return the parts of a structure in the order of a structure of the same type."""
    if type(like) in _DICTS:
        return [structure[key] for key, _ in _items(like)]
    return list(structure)


def _same_container(a: PyTree, b: PyTree) -> bool:
    """Return whether two nested structures have the same container type and the same keys."""
    if type(a) in _DICTS and type(b) in _DICTS:
        return set(a) == set(b)
    return type(a) is type(b) and len(a) == len(b)


def _different(a: PyTree, b: PyTree) -> ArgumentError:
    return ArgumentError(f"The structures differ: {a!r} and {b!r}.")


def assert_same_structure(a: PyTree, b: PyTree, check_types: object | None = None) -> None:
    """Check that two structures have the same nesting and the same containers.

    Args:
        a: a structure.
        b: a structure; the types of dict are equivalent.
        check_types: accepted as in Keras; ignored.

    Raises:
        ArgumentError: if the structures differ.

    Examples:
        >>> assert_same_structure([(0, 1)], [(2, 3)])
    """
    if is_nested(a) != is_nested(b) or (is_nested(a) and not _same_container(a, b)):
        raise _different(a, b)
    if is_nested(a):
        for one, other in zip(_parts(a, a), _parts(a, b), strict=True):
            assert_same_structure(one, other)


def assert_same_paths(a: PyTree, b: PyTree) -> None:
    """Check that the leaves of two structures have the same paths.

    Args:
        a: a structure.
        b: a structure; lists, tuples and named tuples are equivalent.

    Raises:
        ArgumentError: if the structures differ.

    Examples:
        >>> assert_same_paths([0, 1], (2, 3))
    """
    first, second = ({path for path, _ in flatten_with_path(each)} for each in (a, b))
    if first != second:
        only = sorted(first ^ second, key=repr)
        raise ArgumentError(f"The structures differ: only one of them has {only}.")


def lists_to_tuples(structure: PyTree) -> PyTree:
    """Convert all lists in a structure to tuples.

    Args:
        structure: anything.

    Examples:
        >>> lists_to_tuples([1, {"a": [2]}])
        (1, {'a': (2,)})
    """
    if isinstance(structure, list):
        return tuple(map(lists_to_tuples, structure))
    if not is_nested(structure):
        return structure
    return _rebuild(structure, [lists_to_tuples(part) for _, part in _items(structure)])


def map_shape_structure(func: Callable[[Any], Any], structure: PyTree) -> PyTree:
    """Map a function over the shapes in a structure.

    Args:
        func: a function of a shape.
        structure: a structure in which tuples and lists of integers and None are shapes.

    Examples:
        >>> map_shape_structure(len, {"a": (None, 3), "b": [(2,), (4, 5, 6)]})
        {'a': 2, 'b': [1, 3]}
    """
    if isinstance(structure, (list, tuple)) and all(
        each is None or isinstance(each, int) for each in structure
    ):
        return func(structure)
    if not is_nested(structure):
        return func(structure)
    return _rebuild(structure, [map_shape_structure(func, part) for _, part in _items(structure)])


def traverse(func: Callable[[Any], Any], structure: PyTree, top_down: bool = True) -> PyTree:
    """Call a function on a structure and all its parts, which its results replace.

    Args:
        func: a function of a part; returns the replacement, None to keep the part, or
            `MAP_TO_NONE` to replace it by None.
        structure: anything.
        top_down: whether to visit a part before its own parts, which are skipped if it is
            replaced.

    Examples:
        >>> traverse(lambda x: len(x) if isinstance(x, tuple) else None, [(1, 2), {"a": 3}])
        [2, {'a': 3}]
    """
    if not callable(func):
        raise TypeError(f"func must be callable; got {func!r}.")
    if top_down and (new := func(structure)) is not None:
        return None if new is MAP_TO_NONE else new
    if is_nested(structure):
        parts = [traverse(func, part, top_down) for _, part in _items(structure)]
        structure = _rebuild(structure, parts)
    if not top_down and (new := func(structure)) is not None:
        return None if new is MAP_TO_NONE else new
    return structure
