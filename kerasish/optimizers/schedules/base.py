"""LearningRateSchedule: the learning rate as a function of the step."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Self, TypeAlias

from kerasish.core.errors import ArgumentError
from kerasish.core.serialization.registry import Registry
from kerasish.core.surface.representation import representation
from kerasish.core.types import ArrayLike, Config
from kerasish.core.variable import Variable

__all__ = [
    "LearningRate",
    "LearningRateSchedule",
    "check_positive",
    "schedule_of",
    "schedules",
    "unwrapped",
]

schedules = Registry("schedule", "optimizers.schedules")


class LearningRateSchedule:
    """The base of schedules: a pure function from the step to a number.

    Any function of the step can be used as well, such as the schedules of optax.

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

    def __call__(self, step: ArrayLike) -> ArrayLike:
        """Return the learning rate at a step, counted from 0."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal schedule: the attributes."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Make a schedule from what `get_config` returned."""
        return cls(**config)


LearningRate: TypeAlias = (
    ArrayLike | Variable | LearningRateSchedule | Callable[..., ArrayLike] | Config
)
"""A number, a schedule, any function of the step or of nothing, or the config of a schedule."""


class _WithoutStep:
    """A function of no arguments that returns the learning rate, as a function of the step."""

    def __init__(self, function: Callable[[], ArrayLike]) -> None:
        self.function = function

    def __call__(self, step: ArrayLike) -> ArrayLike:
        return self.function()


def schedule_of(learning_rate: object) -> Callable[[Any], ArrayLike] | None:
    """Return a learning rate as a function of the step; None if it is a number."""
    if not callable(learning_rate) or isinstance(learning_rate, Variable):
        return None
    try:
        takes_step = bool(inspect.signature(learning_rate).parameters)
    except (TypeError, ValueError):
        takes_step = True
    return learning_rate if takes_step else _WithoutStep(learning_rate)


def unwrapped(schedule: Callable[[Any], ArrayLike]) -> Callable[..., ArrayLike]:
    """Return the function that `schedule_of` was called with."""
    return schedule.function if isinstance(schedule, _WithoutStep) else schedule


def check_positive(schedule: LearningRateSchedule, steps: int) -> int:
    """Return the number of steps of a schedule.

    Raises:
        ArgumentError: if it is not positive.
    """
    if steps <= 0:
        raise ArgumentError(f"{type(schedule).__name__} needs at least one step; got {steps}.")
    return steps
