"""Adam without a schedule."""

from __future__ import annotations

from typing import Unpack

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.types import Array, Config
from kerasish.optimizers.base import (
    Hyperparams,
    Optimizer,
    Setting,
    Settings,
    Slots,
    optimizers,
    settings_of,
)
from kerasish.optimizers.schedules.base import LearningRate

__all__ = ["ScheduleFreeAdamW"]


@optimizers.register()
class ScheduleFreeAdamW(Optimizer):
    """AdamW with an average of weights in place of a falling learning rate (Defazio et al., 2024).

    The weights are an interpolation between the iterates of Adam and their mean, so no schedule,
    and no number of steps, has to be chosen in advance.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: the weight of the mean in the interpolation.
        beta_2: the share of the second moment that stays at each step.
        epsilon: added to the root of the second moment.
        warmup_steps: the steps over which the learning rate rises.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> ScheduleFreeAdamW(0.01, warmup_steps=100).name
        'schedule_free_adam_w'
    """

    slot_groups = (("momentum", "velocity"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            **settings_of(shared, settings),
        )
        self.warmup_steps = warmup_steps

    def init_slots(self, path: str, w: Array) -> Slots:
        copied = w + 0 if isinstance(w, jax.core.Tracer) else np.array(w)
        return {"momentum": copied, "velocity": np.zeros(w.shape, w.dtype)}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        rate = hp.learning_rate
        if self.warmup_steps:
            rate = rate * jnp.minimum(1, hp.t / self.warmup_steps)
        v = hp.beta_2 * slots["velocity"] + (1 - hp.beta_2) * jnp.square(g)
        z = slots["momentum"]
        x = (w - (1 - hp.beta_1) * z) / hp.beta_1
        z = z - rate * g / (jnp.sqrt(v / (1 - hp.beta_2**hp.t)) + hp.epsilon)
        x = x + (z - x) / hp.t
        return (1 - hp.beta_1) * z + hp.beta_1 * x - w, {"momentum": z, "velocity": v}

    def get_config(self) -> Config:
        return super().get_config() | {"warmup_steps": self.warmup_steps}
