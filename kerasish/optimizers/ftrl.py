"""FTRL: follow the regularized leader."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
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

__all__ = ["Ftrl"]


@optimizers.register()
class Ftrl(Optimizer):
    """Follow the regularized leader, for wide and sparse models (McMahan et al., 2013).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        learning_rate_power: the power of the sum of squared gradients that the rate decays with;
            at most 0.
        initial_accumulator_value: the first value of these sums.
        l1_regularization_strength: the strength of the L1 penalty, which makes weights exactly 0.
        l2_regularization_strength: the strength of the L2 penalty.
        l2_shrinkage_regularization_strength: twice this share of the weights is added to the
            gradients.
        beta: the paper's; added to the inverse of the rate, times the learning rate.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Ftrl(0.1, l1_regularization_strength=0.01).name
        'ftrl'
    """

    slot_groups = (("accumulator", "linear"),)
    signed_hyperparams = ("learning_rate_power",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        if initial_accumulator_value < 0 or learning_rate_power > 0:
            raise ArgumentError(
                "initial_accumulator_value must be at least 0 and learning_rate_power at most 0; "
                f"got {initial_accumulator_value} and {learning_rate_power}."
            )
        super().__init__(
            learning_rate,
            learning_rate_power=learning_rate_power,
            l1_regularization_strength=l1_regularization_strength,
            l2_regularization_strength=l2_regularization_strength,
            l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
            beta=beta,
            **settings_of(shared, settings),
        )
        self.initial_accumulator_value = initial_accumulator_value

    def init_slots(self, path: str, w: Array) -> Slots:
        sums = np.full(w.shape, self.initial_accumulator_value, w.dtype)
        return {"accumulator": sums, "linear": np.zeros(w.shape, w.dtype)}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        l1, l2 = hp.l1_regularization_strength, hp.l2_regularization_strength
        l2 = l2 + hp.beta / (2 * hp.learning_rate)
        total = slots["accumulator"] + jnp.square(g)
        inverse, before = (s**-hp.learning_rate_power for s in (total, slots["accumulator"]))
        shrunk = g + 2 * hp.l2_shrinkage_regularization_strength * w
        linear = slots["linear"] + shrunk - (inverse - before) / hp.learning_rate * w
        goal = (jnp.clip(linear, -l1, l1) - linear) / (inverse / hp.learning_rate + 2 * l2)
        return goal - w, {"accumulator": total, "linear": linear}

    def get_config(self) -> Config:
        first = self.initial_accumulator_value
        return super().get_config() | {"initial_accumulator_value": first}
