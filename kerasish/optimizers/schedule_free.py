"""Adam without a schedule."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["ScheduleFreeAdamW"]


@optimizers.register()
class ScheduleFreeAdamW(Optimizer):
    """AdamW that averages in place of a falling learning rate (Defazio et al., 2024).

    The weights are kept between those that Adam steps from and their mean, so that nobody has to
    say beforehand when training will end.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: how near the weights are to the mean.
        beta_2: how much of the second moment stays at each step.
        epsilon: added to the root of the second moment.
        warmup_steps: over how many steps the learning rate rises.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> ScheduleFreeAdamW(0.01, warmup_steps=100).name
        'schedule_free_adam_w'
    """

    slot_groups = (("momentum", "velocity"),)

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(
            learning_rate, *shared, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **settings
        )
        self.warmup_steps = warmup_steps

    def first(self, path: str, w: Any) -> Slots:
        copied = w + 0 if isinstance(w, jax.core.Tracer) else np.array(w)
        return {"momentum": copied, "velocity": np.zeros(w.shape, w.dtype)}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        rate = n.learning_rate
        if self.warmup_steps:
            rate = rate * jnp.minimum(1, n.t / self.warmup_steps)
        v = n.beta_2 * slots["velocity"] + (1 - n.beta_2) * jnp.square(g)
        z = slots["momentum"]
        x = (w - (1 - n.beta_1) * z) / n.beta_1
        z = z - rate * g / (jnp.sqrt(v / (1 - n.beta_2**n.t)) + n.epsilon)
        x = x + (z - x) / n.t
        return (1 - n.beta_1) * z + n.beta_1 * x - w, {"momentum": z, "velocity": v}

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"warmup_steps": self.warmup_steps}
