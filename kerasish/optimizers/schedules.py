"""Learning rates that follow the step."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.registry import Registry

__all__ = ["CosineDecay", "LearningRateSchedule", "schedules"]

schedules = Registry("schedule", "optimizers.schedules")


class LearningRateSchedule:
    """The base of schedules: a pure function from the step to a number.

    Any function of the step will do too, those of optax among them.
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step, counted from 0."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal schedule."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """Make a schedule from what `get_config` returned."""
        return cls(**config)


@schedules.register()
class CosineDecay(LearningRateSchedule):
    """Down along half a cosine, after a straight way up (Loshchilov & Hutter, 2017).

    Args:
        initial_learning_rate: the rate at step 0; without warm-up the highest.
        decay_steps: the steps from the highest rate to the lowest.
        alpha: the lowest rate as a share of the highest.
        name: a name.
        warmup_target: the highest rate, reached after `warmup_steps`; None for no warm-up.
        warmup_steps: the steps from the initial rate to `warmup_target`.

    Raises:
        ArgumentError: if there are no steps to decay in.

    Example:
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
        if decay_steps <= 0:
            raise ArgumentError(f"CosineDecay needs at least one step; got {decay_steps}.")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        step = jnp.asarray(step, "float32")
        if self.warmup_target is None:
            return self._decay(self.initial_learning_rate, step)
        top, start = self.warmup_target, self.initial_learning_rate
        rising = start + (top - start) * step / max(self.warmup_steps, 1)
        falling = self._decay(top, step - self.warmup_steps)
        return jnp.where(step < self.warmup_steps, rising, falling)

    def _decay(self, top: float, step: Any) -> Any:
        done = jnp.clip(step / self.decay_steps, 0, 1)
        cosine = 0.5 * (1 + jnp.cos(math.pi * done))
        return top * ((1 - self.alpha) * cosine + self.alpha)
