"""The state of Keras 2's optimizers in the order of Keras 3's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["State", "order_state"]

# How the names of a count of steps and of a rate end.
_STEPS = ("iterations", "iter", "iteration")
_RATES = ("learning_rate", "lr")
# Before it, all of one kind come before those of the next; since then, all of one weight.
_BY_WEIGHT = (2, 11)


class State(NamedTuple):
    """The names of the arrays in a file that are an optimizer's variables.

    Attributes:
        steps: the count of steps.
        rate: the learning rate, None if the file has none.
        slots: those of each weight, weight by weight.
    """

    steps: str
    rate: str | None
    slots: list[str]


def order_state(
    names: Sequence[str],
    shapes: Sequence[tuple[int, ...] | None],
    weights: int,
    version: tuple[int, ...],
) -> State | None:
    """Return which arrays are the variables of an optimizer, or None if it cannot be said.

    Args:
        names: those in the file, in its order.
        shapes: those of the arrays.
        weights: how many weights the optimizer changes.
        version: the version of Keras that wrote the file.
    """
    steps, rate, slots = None, None, []
    for name, shape in zip(names, shapes, strict=True):
        last = name.rpartition("/")[2].partition(":")[0]
        if shape == () and last.startswith(_STEPS) and steps is None:
            steps = name
        elif shape == () and last.startswith(_RATES):
            rate = name
        elif shape != ():
            slots.append((name, shape))
    if steps is None or not weights:
        return None
    if version < _BY_WEIGHT:
        # Adam without amsgrad has a third of each kind, which is nothing.
        full, rest = divmod(len(slots), weights)
        if full and not rest and all(shape == (1,) for _, shape in slots[-weights:]) and full > 2:
            slots = slots[:-weights]
        kinds, rest = divmod(len(slots), weights)
        if rest:
            return None
        slots = [slots[kind * weights + i] for i in range(weights) for kind in range(kinds)]
    return State(steps, rate, [name for name, _ in slots])
