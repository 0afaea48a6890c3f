"""Schedules by a simple formula: exponential, inverse time, polynomial, piecewise constant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, ArrayLike
from kerasish.optimizers.schedules.base import LearningRateSchedule, check_positive, schedules

__all__ = ["ExponentialDecay", "InverseTimeDecay", "PiecewiseConstantDecay", "PolynomialDecay"]


@schedules.register()
class ExponentialDecay(LearningRateSchedule):
    """Multiply the rate by a factor every `decay_steps` steps.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the steps after which the rate is multiplied by the whole factor.
        decay_rate: the factor.
        staircase: whether to change the rate only every `decay_steps` steps.
        name: a name.

    Raises:
        ArgumentError: if the number of steps is not positive.

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
        self.decay_steps = check_positive(self, decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: ArrayLike) -> Array:
        done = jnp.asarray(step, "float32") / self.decay_steps
        return self._after(jnp.floor(done) if self.staircase else done)

    def _after(self, done: Array) -> Array:
        return self.initial_learning_rate * jnp.power(self.decay_rate, done)


@schedules.register()
class InverseTimeDecay(ExponentialDecay):
    """Divide the rate by a number that grows linearly with the steps.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the steps after which the rate is divided by `1 + decay_rate`.
        decay_rate: the growth of the divisor in `decay_steps` steps.
        staircase: whether to change the rate only every `decay_steps` steps.
        name: a name.

    Raises:
        ArgumentError: if the number of steps is not positive.

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

    def _after(self, done: Array) -> Array:
        return self.initial_learning_rate / (1 + self.decay_rate * done)


@schedules.register()
class PolynomialDecay(LearningRateSchedule):
    """Decay to an end rate, along a power of the remaining share of steps.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the steps until the end rate.
        end_learning_rate: the rate after `decay_steps`.
        power: the power; 1 decays linearly.
        cycle: whether to restart after the end, at a lower rate, with `decay_steps` multiplied by
            2, then 3, and so on.
        name: a name.

    Raises:
        ArgumentError: if the number of steps is not positive.

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
        self.decay_steps = check_positive(self, decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: ArrayLike) -> Array:
        done = jnp.asarray(step, "float32") / self.decay_steps
        if self.cycle:
            done = done / jnp.maximum(1, jnp.ceil(done))
        left = 1 - jnp.clip(done, 0, 1)
        height = self.initial_learning_rate - self.end_learning_rate
        return height * jnp.power(left, self.power) + self.end_learning_rate


@schedules.register()
class PiecewiseConstantDecay(LearningRateSchedule):
    """A constant rate between each two boundaries.

    Args:
        boundaries: the last step of each rate but the last, in ascending order.
        values: the rates, one more than there are boundaries.
        name: a name.

    Raises:
        ArgumentError: if the lengths do not match, or the boundaries are not ascending.

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

    def __call__(self, step: ArrayLike) -> Array:
        ends = np.asarray(self.boundaries, "float32")
        place = jnp.searchsorted(ends, jnp.asarray(step, "float32"), side="left")
        return jnp.asarray(self.values, "float32")[place]
