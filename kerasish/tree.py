"""Nested structures, as `keras.tree` walks them.

A structure is a list, tuple, named tuple, deque or dict of structures; anything else, None
included, is a leaf. Dicts are walked in the order of their sorted keys, `OrderedDict`s in
their own. For models and training the library itself uses `jax.tree`.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from kerasish.core.errors import ArgumentError

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
    """What a function returns in `traverse` to put None in place of a part."""


def _is_named_tuple(x: Any) -> bool:
    return isinstance(x, tuple) and hasattr(x, "_fields")


def is_nested(structure: Any) -> bool:
    """Return whether a structure is more than a leaf.

    Args:
        structure: anything.

    Examples:
        >>> is_nested({"a": 1}), is_nested(()), is_nested("abc"), is_nested(None)
        (True, True, False, False)
    """
    return type(structure) in (*_DICTS, *_SEQUENCES) or _is_named_tuple(structure)


def _items(structure: Any) -> list[tuple[Any, Any]]:
    """Return the keys or indices of a nested structure and what it has there."""
    if type(structure) is OrderedDict:
        return list(structure.items())
    if type(structure) in _DICTS:
        return [(key, structure[key]) for key in sorted(structure)]
    return list(enumerate(structure))


def _rebuilt(structure: Any, values: Iterable[Any]) -> Any:
    """Return a structure of the kind of another, with the values in the order of `_items`."""
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


def flatten(structure: Any) -> list[Any]:
    """Return the leaves of a structure.

    Args:
        structure: anything.

    Examples:
        >>> flatten({"b": [2, (3,)], "a": 1})
        [1, 2, 3]
    """
    return [leaf for _, leaf in flatten_with_path(structure)]


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Return the leaves of a structure, each with the keys and indices that lead to it.

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


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """Return a structure like another whose leaves are those of a sequence, in order.

    Args:
        structure: what it is to be like.
        flat_sequence: as many values as the structure has leaves.

    Raises:
        ArgumentError: if there are more or fewer.

    Examples:
        >>> pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
        {'b': 3, 'a': (1, 2)}
    """
    values, wanted = list(flat_sequence), len(flatten(structure))
    if len(values) != wanted:
        raise ArgumentError(f"The structure has {wanted} leaves; got {len(values)} values.")
    left = iter(values)
    return map_structure(lambda _: next(left), structure)


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Return a structure of what a function gives for the leaves of others.

    Args:
        func: takes as many values as there are structures.
        *structures: structures that `assert_same_structure` accepts.
        none_is_leaf: whether the function is called for None, too; otherwise None stays.

    Raises:
        ArgumentError: if there are no structures, or they differ.

    Examples:
        >>> map_structure(lambda a, b: a * b, {"a": [2]}, {"a": [3]})
        {'a': [6]}
    """
    if not structures:
        raise ArgumentError("`map_structure` needs at least one structure.")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)

    def over(*parts: Any) -> Any:
        if is_nested(parts[0]):
            inner = zip(*(_parts(parts[0], each) for each in parts), strict=True)
            return _rebuilt(parts[0], [over(*each) for each in inner])
        return None if parts[0] is None and not none_is_leaf else func(*parts)

    return over(*structures)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """Return a structure like a shallow one, of what a function gives for parts of others.

    Args:
        shallow_structure: how deep to go.
        func: takes as many values as there are structures.
        *structures: structures that begin like the shallow one.

    Raises:
        ArgumentError: if one is less deep, or of another form.

    Examples:
        >>> map_structure_up_to([None, None], len, [[1, 1], [2]])
        [2, 1]
    """
    if not structures:
        raise ArgumentError("`map_structure_up_to` needs at least one structure.")

    def over(shallow: Any, *parts: Any) -> Any:
        if not is_nested(shallow):
            return func(*parts)
        for part in parts:
            if not _alike(shallow, part):
                raise _different(shallow, part)
        inner = zip(*(_parts(shallow, each) for each in (shallow, *parts)), strict=True)
        return _rebuilt(shallow, [over(*each) for each in inner])

    return over(shallow_structure, *structures)


def _parts(like: Any, structure: Any) -> list[Any]:
    """Return what is in a structure, in the order of one that is alike."""
    if type(like) in _DICTS:
        return [structure[key] for key, _ in _items(like)]
    return list(structure)


def _alike(a: Any, b: Any) -> bool:
    """Return whether two nested structures are of one kind and have the same keys."""
    if type(a) in _DICTS and type(b) in _DICTS:
        return set(a) == set(b)
    return type(a) is type(b) and len(a) == len(b)


def _different(a: Any, b: Any) -> ArgumentError:
    return ArgumentError(f"The structures differ: {a!r} and {b!r}.")


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise an error unless two structures are nested in the same way, in the same containers.

    Args:
        a: a structure.
        b: another. The kinds of dict count as one.
        check_types: accepted, without effect, as in Keras.

    Raises:
        ArgumentError: if they differ.

    Examples:
        >>> assert_same_structure([(0, 1)], [(2, 3)])
    """
    if is_nested(a) != is_nested(b) or (is_nested(a) and not _alike(a, b)):
        raise _different(a, b)
    if is_nested(a):
        for one, other in zip(_parts(a, a), _parts(a, b), strict=True):
            assert_same_structure(one, other)


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise an error unless the same keys and indices lead to the leaves of two structures.

    Args:
        a: a structure.
        b: another; lists, tuples and named tuples count as one.

    Raises:
        ArgumentError: if they differ.

    Examples:
        >>> assert_same_paths([0, 1], (2, 3))
    """
    first, second = ({path for path, _ in flatten_with_path(each)} for each in (a, b))
    if first != second:
        only = sorted(first ^ second, key=repr)
        raise ArgumentError(f"The structures differ: only one of them has {only}.")


def lists_to_tuples(structure: Any) -> Any:
    """Return a structure with tuples in place of lists.

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
    return _rebuilt(structure, [lists_to_tuples(part) for _, part in _items(structure)])


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Return a structure of what a function gives for each shape in another.

    Args:
        func: takes a shape.
        structure: tuples and lists of integers and None in it are shapes.

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
    return _rebuilt(structure, [map_shape_structure(func, part) for _, part in _items(structure)])


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Call a function on a structure and all its parts, and replace those it returns a value for.

    Args:
        func: takes a part; None keeps it, `MAP_TO_NONE` puts None in its place.
        structure: anything.
        top_down: whether a part comes before what is in it. If it is replaced then, what is in
            it is not visited.

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
        structure = _rebuilt(structure, parts)
    if not top_down and (new := func(structure)) is not None:
        return None if new is MAP_TO_NONE else new
    return structure
