"""Lion and Lamb."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array
from kerasish.optimizers.adam import moments
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

__all__ = ["Lamb", "Lion"]


@optimizers.register()
class Lion(Optimizer):
    """Steps by the sign of a moving average of gradients (Chen et al., 2023).

    Use a learning rate 3 to 10 times smaller than Adam's, and a weight decay larger by the same
    factor.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: the weight of the average, beside the gradient, in the sign.
        beta_2: the share of the average that stays at each step.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Lion(1e-4, weight_decay=0.1).name
        'lion'
    """

    slot_groups = (("momentum",),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        if not 0 < beta_1 <= 1:
            raise ArgumentError(f"beta_1 of Lion must be above 0 and at most 1; got {beta_1}.")
        super().__init__(
            learning_rate, beta_1=beta_1, beta_2=beta_2, **settings_of(shared, settings)
        )

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        m = slots["momentum"]
        sign = jnp.sign(hp.beta_1 * m + (1 - hp.beta_1) * g)
        return -hp.learning_rate * sign, {"momentum": hp.beta_2 * m + (1 - hp.beta_2) * g}


@optimizers.register()
class Lamb(Optimizer):
    """Adam's steps scaled to the norm of each weight, for very large batches (You et al., 2020).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: the share of the first moment that stays at each step.
        beta_2: the share of the second moment that stays at each step.
        epsilon: added to the root of the second moment.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Lamb(0.01).name
        'lamb'
    """

    slot_groups = (("momentum", "velocity"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
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

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        m, v = moments(g, slots, hp.beta_1, hp.beta_2)
        mean, square = m / (1 - hp.beta_1**hp.t), v / (1 - hp.beta_2**hp.t)
        step = mean / (jnp.sqrt(square) + hp.epsilon)
        long, short = jnp.linalg.norm(w.ravel()), jnp.linalg.norm(step.ravel())
        ratio = jnp.where((long > 0) & (short > 0), long / jnp.where(short > 0, short, 1), 1)
        return -hp.learning_rate * ratio * step, {"momentum": m, "velocity": v}
