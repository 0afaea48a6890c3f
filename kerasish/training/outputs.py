"""Models with several outputs: which target, loss and metric goes with which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.core.errors import ArgumentError, DataError

__all__ = ["flatten_outputs", "match"]


def flatten_outputs(outputs: Any, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the outputs of a model with their names.

    Args:
        outputs: an array, a list of arrays, or a dict of arrays.
        names: the names of the model's outputs, used for a list.
    """
    if isinstance(outputs, dict):
        return list(outputs.items())
    if isinstance(outputs, (list, tuple)):
        known = (
            names if len(names) == len(outputs) else [f"output_{i}" for i in range(len(outputs))]
        )
        return list(zip(known, outputs, strict=True))
    return [(names[0] if names else "output", outputs)]


def match(given: Any, names: Sequence[str], what: str, *, spread: bool = False) -> list[Any]:
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
    if isinstance(given, dict):
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise ArgumentError(
                f"`{what}` names the outputs {unknown}, which the model does not have. "
                f"Its outputs are {list(names)}."
            )
        return [given.get(name) for name in names]
    if len(names) == 1:
        alone = isinstance(given, (list, tuple)) and len(given) == 1 and what != "metrics"
        return [given[0] if alone else given]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ArgumentError(
                f"`{what}` has {len(given)} entries; the model has {len(names)} outputs: "
                f"{list(names)}."
            )
        return list(given)
    if spread:
        return [given] * len(names)
    raise DataError(
        f"The model has {len(names)} outputs, {list(names)}; give `{what}` as a list or a dict "
        "with one for each."
    )
