"""RMSprop, Adagrad, Adadelta: steps divided by the root of accumulated squared gradients."""

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

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


@optimizers.register()
class RMSprop(Optimizer):
    """Divide steps by the root of the mean squared gradient (Tieleman & Hinton, 2012).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        rho: the share of the mean that stays at each step.
        momentum: the share of the last step that is added to the next.
        epsilon: added to the mean square.
        centered: whether to subtract the square of the mean gradient.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> RMSprop(0.01, momentum=0.5).name
        'rm_sprop'
    """

    slot_groups = (("velocity",), ("momentum",), ("average_gradient",))
    slot_switches = ("momentum",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(
            learning_rate,
            rho=rho,
            momentum=momentum,
            epsilon=epsilon,
            **settings_of(shared, settings),
        )
        self.centered = centered

    def init_slots(self, path: str, w: Array) -> Slots:
        enabled = "momentum" in self._kerasish_enabled
        kept = {"velocity": True, "momentum": enabled, "average_gradient": self.centered}
        return {name: zeros for name, zeros in super().init_slots(path, w).items() if kept[name]}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        new = {"velocity": hp.rho * slots["velocity"] + (1 - hp.rho) * jnp.square(g)}
        variance = new["velocity"]
        if self.centered:
            new["average_gradient"] = hp.rho * slots["average_gradient"] + (1 - hp.rho) * g
            variance = variance - jnp.square(new["average_gradient"])
        step = hp.learning_rate * g * jax.lax.rsqrt(variance + hp.epsilon)
        if "momentum" in slots:
            step = new["momentum"] = hp.momentum * slots["momentum"] + step
        return -step, new

    def get_config(self) -> Config:
        return super().get_config() | {"centered": self.centered}


@optimizers.register()
class Adagrad(Optimizer):
    """Divide steps by the root of the sum of squared gradients (Duchi et al., 2011).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        initial_accumulator_value: the first value of the sums.
        epsilon: added to the sums.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Adagrad(0.1).name
        'adagrad'
    """

    slot_groups = (("accumulator",),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, epsilon=epsilon, **settings_of(shared, settings))
        self.initial_accumulator_value = initial_accumulator_value

    def init_slots(self, path: str, w: Array) -> Slots:
        return {"accumulator": np.full(w.shape, self.initial_accumulator_value, w.dtype)}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        total = slots["accumulator"] + jnp.square(g)
        return -hp.learning_rate * g / jnp.sqrt(total + hp.epsilon), {"accumulator": total}

    def get_config(self) -> Config:
        first = self.initial_accumulator_value
        return super().get_config() | {"initial_accumulator_value": first}


@optimizers.register()
class Adadelta(Optimizer):
    """Scale gradients by the ratio of past steps to past gradients (Zeiler, 2012).

    The paper has no learning rate, which is a `learning_rate` of 1.0.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        rho: the share of the mean squares that stays at each step.
        epsilon: added to the mean squares.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Adadelta(1.0).name
        'adadelta'
    """

    slot_groups = (("accumulated_grad", "accumulated_delta_var"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, rho=rho, epsilon=epsilon, **settings_of(shared, settings))

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        g_mean, step_mean = slots["accumulated_grad"], slots["accumulated_delta_var"]
        g_mean = hp.rho * g_mean + (1 - hp.rho) * jnp.square(g)
        step = -jnp.sqrt(step_mean + hp.epsilon) * g / jnp.sqrt(g_mean + hp.epsilon)
        step_mean = hp.rho * step_mean + (1 - hp.rho) * jnp.square(step)
        new = {"accumulated_grad": g_mean, "accumulated_delta_var": step_mean}
        return hp.learning_rate * step, new
