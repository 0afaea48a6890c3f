"""What a schedule is."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.core.serialization.registry import Registry
from kerasish.core.surface.representation import representation

__all__ = ["LearningRateSchedule", "positive", "schedules"]

schedules = Registry("schedule", "optimizers.schedules")


class LearningRateSchedule:
    """The base of schedules: a pure function from the step to a number.

    Any function of the step will do too, those of optax among them.

    Examples:
        >>> from kerasish import optimizers
        >>> class Falling(LearningRateSchedule):
        ...     def __init__(self, first):
        ...         self.first = first
        ...     def __call__(self, step):
        ...         return self.first / (1 + step)
        >>> float(optimizers.SGD(Falling(0.5)).learning_rate)
        0.5
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step, counted from 0."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal schedule: the attributes."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """Make a schedule from what `get_config` returned."""
        return cls(**config)


def positive(schedule: LearningRateSchedule, steps: Any) -> Any:
    """Return how many steps a schedule is long.

    Raises:
        ArgumentError: if it has none.
    """
    if steps <= 0:
        raise ArgumentError(f"{type(schedule).__name__} needs at least one step; got {steps}.")
    return steps
