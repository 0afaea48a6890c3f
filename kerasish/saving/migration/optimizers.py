"""The order of optimizer variables: from Keras 2 to Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["State", "order_state"]

# Prefixes of the names of step counts and of learning rates.
_STEPS = ("iterations", "iter", "iteration")
_RATES = ("learning_rate", "lr")
# Older versions order variables by kind of slot, later versions by weight.
_BY_WEIGHT = (2, 11)


class State(NamedTuple):
    """The names of the arrays in a file that hold the variables of an optimizer.

    Attributes:
        steps: the step count.
        rate: the learning rate, or None if the file has none.
        slots: the slots, weight by weight.
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
    """Return the arrays that hold the variables of an optimizer, or None if unknown.

    Args:
        names: the names in the file, in order.
        shapes: the shapes of the arrays.
        weights: the number of weights that the optimizer updates.
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
        # Adam without amsgrad has a third, empty slot for each weight.
        full, rest = divmod(len(slots), weights)
        if full and not rest and all(shape == (1,) for _, shape in slots[-weights:]) and full > 2:
            slots = slots[:-weights]
        kinds, rest = divmod(len(slots), weights)
        if rest:
            return None
        slots = [slots[kind * weights + i] for i in range(weights) for kind in range(kinds)]
    return State(steps, rate, [name for name, _ in slots])
