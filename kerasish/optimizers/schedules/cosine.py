"""Cosine schedules: CosineDecay, CosineDecayRestarts."""

from __future__ import annotations

import math

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, ArrayLike
from kerasish.optimizers.schedules.base import LearningRateSchedule, check_positive, schedules

__all__ = ["CosineDecay", "CosineDecayRestarts"]


def _cosine(done: Array) -> Array:
    """Return the height, from 1 to 0, of half a cosine at a position from 0 to 1."""
    return 0.5 * (1 + jnp.cos(math.pi * done))


@schedules.register()
class CosineDecay(LearningRateSchedule):
    """Decay along half a cosine, after a linear warm-up (Loshchilov & Hutter, 2017).

    Args:
        initial_learning_rate: the rate at step 0; without warm-up the highest.
        decay_steps: the steps from the highest rate to the lowest.
        alpha: the lowest rate as a share of the highest.
        name: a name.
        warmup_target: the highest rate, reached after `warmup_steps`; None for no warm-up.
        warmup_steps: the steps from the initial rate to `warmup_target`.

    Raises:
        ArgumentError: if the number of steps is not positive.

    Examples:
        >>> schedule = CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=100)
        >>> [round(float(schedule(step)), 3) for step in (0, 50, 100, 600, 1100)]
        [0.0, 0.05, 0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_positive(self, decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: ArrayLike) -> Array:
        step = jnp.asarray(step, "float32")
        if self.warmup_target is None:
            return self._decay(self.initial_learning_rate, step)
        top, start = self.warmup_target, self.initial_learning_rate
        rising = start + (top - start) * step / max(self.warmup_steps, 1)
        falling = self._decay(top, step - self.warmup_steps)
        return jnp.where(step < self.warmup_steps, rising, falling)

    def _decay(self, top: float, step: Array) -> Array:
        cosine = _cosine(jnp.clip(step / self.decay_steps, 0, 1))
        return top * ((1 - self.alpha) * cosine + self.alpha)


@schedules.register()
class CosineDecayRestarts(LearningRateSchedule):
    """Decay along half a cosine, with restarts (Loshchilov & Hutter, 2017).

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: the steps of the first cycle.
        t_mul: the length of each cycle as a multiple of the one before, at least 1.
        m_mul: the first rate of each cycle as a share of that of the cycle before.
        alpha: the lowest rate as a share of the initial one.
        name: a name.

    Raises:
        ArgumentError: if the number of steps is not positive, or `t_mul` is below 1.

    Examples:
        >>> schedule = CosineDecayRestarts(0.1, 100)
        >>> [round(float(schedule(step)), 3) for step in (0, 50, 100, 200)]
        [0.1, 0.05, 0.1, 0.05]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        if t_mul < 1:
            raise ArgumentError(f"t_mul of CosineDecayRestarts must be at least 1; got {t_mul}.")
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = check_positive(self, first_decay_steps)
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: ArrayLike) -> Array:
        done = jnp.asarray(step, "float32") / self.first_decay_steps
        if self.t_mul == 1:
            restarts = jnp.floor(done)
            done = done - restarts
        else:
            # The first n cycles are (1 - t_mul ** n) / (1 - t_mul) times as long as the first one.
            growth = 1 - done * (1 - self.t_mul)
            restarts = jnp.floor(jnp.log(growth) / math.log(self.t_mul))
            before = (1 - self.t_mul**restarts) / (1 - self.t_mul)
            done = (done - before) / self.t_mul**restarts
        top = self.m_mul**restarts
        return self.initial_learning_rate * ((1 - self.alpha) * top * _cosine(done) + self.alpha)
