"""Models with several outputs: which target, loss and metric goes with which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import PyTree

__all__ = ["flat_logs", "flatten_outputs", "match"]


# What has one entry for each output, where it is a list.
_BY_OUTPUT = ("loss", "loss_weights")


def flatten_outputs(outputs: PyTree, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the outputs of a model with their names.

    Args:
        outputs: an array, or a list or dict of arrays, or of further lists and dicts. What is
            nested deeper is called by its path: `"boxes/left"`.
        names: the names of the model's outputs in the order of its leaves, used for lists.
    """
    if isinstance(outputs, (dict, list, tuple)):
        count = len(jax.tree.leaves(outputs))
        known = names if len(names) == count else [f"output_{i}" for i in range(count)]
        return _named(outputs, iter(known))
    return [(names[0] if names else "output", outputs)]


def _named(outputs: PyTree, names: Iterator[str]) -> list[tuple[str, Any]]:
    """Return the leaves of nested outputs; each takes the next of the names, or its key."""
    flat = not any(isinstance(each, (dict, list, tuple)) for each in _values(outputs))
    if flat and isinstance(outputs, dict):
        for _ in outputs:
            next(names)
        return list(outputs.items())
    found: list[tuple[str, Any]] = []
    keys = sorted(outputs) if isinstance(outputs, dict) else range(len(outputs))
    for key in keys:
        each, prefix = outputs[key], f"{key}/" if isinstance(outputs, dict) else ""
        if isinstance(each, (dict, list, tuple)):
            found += [(f"{prefix}{name}", leaf) for name, leaf in _named(each, names)]
        else:
            own = next(names)
            found.append((str(key) if isinstance(outputs, dict) else own, each))
    return found


def _values(structure: PyTree) -> list[Any]:
    return list(structure.values() if isinstance(structure, dict) else structure)


def match(given: object, names: Sequence[str], what: str, *, spread: bool = False) -> list[Any]:
    """Return what is given for each output, in the order of the names.

    Args:
        given: one thing, a list with one for each output, or a dict by name.
        names: the names of the outputs.
        what: what it is called in messages.
        spread: whether one thing alone goes with every output.

    Raises:
        ArgumentError: if it cannot be matched.
    """
    if given is None:
        return [None] * len(names)
    if isinstance(given, dict) and any("/" in name for name in names):
        given = _by_path(given, names)
    if what != "metrics":  # of which an output may have a list
        given = _without_nesting(given, len(names))
    if isinstance(given, dict):
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise ArgumentError(
                f"`{what}` names the outputs {unknown}, which the model does not have. "
                f"Its outputs are {list(names)}."
            )
        return [given.get(name) for name in names]
    if len(names) == 1 and (what not in _BY_OUTPUT or not isinstance(given, (list, tuple))):
        return [given]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ArgumentError(
                f"`{what}` has {len(given)} entries; the model has {len(names)} "
                f"output{'s' * (len(names) != 1)}: {list(names)}."
            )
        return list(given)
    if spread:
        return [given] * len(names)
    raise DataError(
        f"The model has {len(names)} outputs, {list(names)}; give `{what}` as a list or a dict "
        "with one for each."
    )


def _without_nesting(given: object, count: int) -> PyTree:
    """Return what is given for `count` outputs in nested lists as a flat list, or by itself."""
    if isinstance(given, dict):
        return {key: _without_nesting(each, 1) for key, each in given.items()}
    if isinstance(given, (list, tuple)):
        flat = jax.tree.leaves(given, is_leaf=lambda each: not isinstance(each, (list, tuple)))
        if len(flat) == count:
            return flat if count > 1 else flat[0]
    return given


def _by_path(given: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a nested dict as a flat one by the paths that nested outputs go by."""
    flat: dict[str, Any] = {}
    for key, value in given.items():
        inside = [name.removeprefix(f"{key}/") for name in names if name.startswith(f"{key}/")]
        if inside and isinstance(value, (list, tuple)):
            value = dict(zip(inside, value, strict=False))
        if inside and isinstance(value, dict):
            value = _by_path(value, inside) if any("/" in name for name in inside) else value
            flat |= {f"{key}/{name}": each for name, each in value.items()}
        else:
            flat[key] = value
    return flat


def flat_logs(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Return logs with the values of a metric that has several beside those of the others."""
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat |= dict(value) if isinstance(value, Mapping) else {name: value}
    return flat
