"""Down by a simple formula, or in steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.schedules.base import LearningRateSchedule, positive, schedules

__all__ = ["ExponentialDecay", "InverseTimeDecay", "PiecewiseConstantDecay", "PolynomialDecay"]


@schedules.register()
class ExponentialDecay(LearningRateSchedule):
    """Down by the same factor every so many steps.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the factor is reached.
        decay_rate: the factor.
        staircase: whether to go down then, and not a little at each step.
        name: a name.

    Raises:
        ArgumentError: if there are no steps to decay in.

    Examples:
        >>> schedule = ExponentialDecay(0.1, 100, 0.5)
        >>> [round(float(schedule(step)), 4) for step in (0, 50, 100, 200)]
        [0.1, 0.0707, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive(self, decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Any:
        done = jnp.asarray(step, "float32") / self.decay_steps
        return self._after(jnp.floor(done) if self.staircase else done)

    def _after(self, done: Any) -> Any:
        return self.initial_learning_rate * jnp.power(self.decay_rate, done)


@schedules.register()
class InverseTimeDecay(ExponentialDecay):
    """Down as one over the steps.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the rate is divided by `1 + decay_rate`.
        decay_rate: by how much what it is divided by grows in that time.
        staircase: whether to go down then, and not a little at each step.
        name: a name.

    Raises:
        ArgumentError: if there are no steps to decay in.

    Examples:
        >>> schedule = InverseTimeDecay(0.1, 100, 1.0)
        >>> [round(float(schedule(step)), 4) for step in (0, 100, 300)]
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def _after(self, done: Any) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * done)


@schedules.register()
class PolynomialDecay(LearningRateSchedule):
    """Down to an end, along a power of the way that is left.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the steps to the end.
        end_learning_rate: the rate there.
        power: the power; 1 is a straight line.
        cycle: whether to begin again after the end, lower, with twice as many steps in all, three
            times as many, and so on.
        name: a name.

    Raises:
        ArgumentError: if there are no steps to decay in.

    Examples:
        >>> schedule = PolynomialDecay(0.1, 100, end_learning_rate=0.0)
        >>> [round(float(schedule(step)), 3) for step in (0, 50, 100, 200)]
        [0.1, 0.05, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive(self, decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        done = jnp.asarray(step, "float32") / self.decay_steps
        if self.cycle:
            done = done / jnp.maximum(1, jnp.ceil(done))
        left = 1 - jnp.clip(done, 0, 1)
        height = self.initial_learning_rate - self.end_learning_rate
        return height * jnp.power(left, self.power) + self.end_learning_rate


@schedules.register()
class PiecewiseConstantDecay(LearningRateSchedule):
    """One rate up to some step, another up to the next, and so on.

    Args:
        boundaries: the last steps of all rates but the last, rising.
        values: the rates, one more than there are boundaries.
        name: a name.

    Raises:
        ArgumentError: if their numbers do not fit, or the boundaries do not rise.

    Examples:
        >>> schedule = PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01])
        >>> [round(float(schedule(step)), 2) for step in (100, 101, 201)]
        [0.1, 0.05, 0.01]
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        if len(values) != len(boundaries) + 1:
            raise ArgumentError(
                "PiecewiseConstantDecay needs one value more than it has boundaries; got "
                f"{len(values)} values and {len(boundaries)} boundaries."
            )
        if any(one >= two for one, two in pairwise(boundaries)):
            raise ArgumentError(f"The boundaries must rise; got {list(boundaries)}.")
        self.boundaries = list(boundaries)
        self.values = list(values)
        self.name = name

    def __call__(self, step: Any) -> Any:
        ends = np.asarray(self.boundaries, "float32")
        place = jnp.searchsorted(ends, jnp.asarray(step, "float32"), side="left")
        return jnp.asarray(self.values, "float32")[place]
