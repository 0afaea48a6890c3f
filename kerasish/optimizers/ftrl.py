"""FTRL: follow the regularized leader."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["Ftrl"]


@optimizers.register()
class Ftrl(Optimizer):
    """Follow the regularized leader, for wide and sparse models (McMahan et al., 2013).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        learning_rate_power: how the rate falls with the sum of squared gradients; at most 0.
        initial_accumulator_value: what these sums begin with.
        l1_regularization_strength: how much weights are drawn to exactly 0.
        l2_regularization_strength: how much they are held back.
        l2_shrinkage_regularization_strength: twice this share of the weights is added to the
            gradients.
        beta: the paper's; added to the inverse of the rate, times the learning rate.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Ftrl(0.1, l1_regularization_strength=0.01).name
        'ftrl'
    """

    slot_groups = (("accumulator", "linear"),)
    signed = ("learning_rate_power",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        *shared: Any,
        **settings: Any,
    ) -> None:
        if initial_accumulator_value < 0 or learning_rate_power > 0:
            raise ArgumentError(
                "initial_accumulator_value must be at least 0 and learning_rate_power at most 0; "
                f"got {initial_accumulator_value} and {learning_rate_power}."
            )
        super().__init__(
            learning_rate,
            *shared,
            learning_rate_power=learning_rate_power,
            l1_regularization_strength=l1_regularization_strength,
            l2_regularization_strength=l2_regularization_strength,
            l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
            beta=beta,
            **settings,
        )
        self.initial_accumulator_value = initial_accumulator_value

    def first(self, path: str, w: Any) -> Slots:
        sums = np.full(w.shape, self.initial_accumulator_value, w.dtype)
        return {"accumulator": sums, "linear": np.zeros(w.shape, w.dtype)}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        l1, l2 = n.l1_regularization_strength, n.l2_regularization_strength
        l2 = l2 + n.beta / (2 * n.learning_rate)
        total = slots["accumulator"] + jnp.square(g)
        inverse, before = (s**-n.learning_rate_power for s in (total, slots["accumulator"]))
        shrunk = g + 2 * n.l2_shrinkage_regularization_strength * w
        linear = slots["linear"] + shrunk - (inverse - before) / n.learning_rate * w
        goal = (jnp.clip(linear, -l1, l1) - linear) / (inverse / n.learning_rate + 2 * l2)
        return goal - w, {"accumulator": total, "linear": linear}

    def get_config(self) -> dict[str, Any]:
        first = self.initial_accumulator_value
        return super().get_config() | {"initial_accumulator_value": first}
