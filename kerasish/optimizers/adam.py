"""Adam, AdamW, Adamax, Nadam: steps by moments of the gradient."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, Config
from kerasish.optimizers.base import (
    Hyperparams,
    Optimizer,
    Setting,
    Settings,
    SharedSettings,
    Slots,
    optimizers,
    settings_of,
)
from kerasish.optimizers.schedules.base import LearningRate

__all__ = ["Adam", "AdamW", "Adamax", "Nadam", "moments"]


def moments(g: Array, slots: Slots, beta_1: Array, beta_2: Array) -> tuple[Array, Array]:
    """Return the moving averages of a gradient and of its square."""
    m, v = slots["momentum"], slots["velocity"]
    return m + (g - m) * (1 - beta_1), v + (jnp.square(g) - v) * (1 - beta_2)


@optimizers.register()
class Adam(Optimizer):
    """Steps by the ratio of the gradient's first two moments (Kingma & Ba, 2015).

    Epsilon is added to the root of the uncorrected second moment: the "epsilon hat" of the
    paper's section 2.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: the share of the first moment that stays at each step.
        beta_2: the share of the second moment that stays at each step.
        epsilon: added to the root of the second moment.
        amsgrad: whether to use the largest second moment so far (Reddi et al., 2018).
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Adam(0.01, clipnorm=1.0).get_config()["clipnorm"]
        1.0
    """

    slot_groups = (("momentum", "velocity"), ("velocity_hat",))

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def init_slots(self, path: str, w: Array) -> Slots:
        slots = super().init_slots(path, w)
        return slots if self.amsgrad else slots | {"velocity_hat": None}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        rate = hp.learning_rate * jnp.sqrt(1 - hp.beta_2**hp.t) / (1 - hp.beta_1**hp.t)
        m, v = moments(g, slots, hp.beta_1, hp.beta_2)
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = jnp.maximum(slots["velocity_hat"], v)
        return -rate * m / (jnp.sqrt(v) + hp.epsilon), new

    def get_config(self) -> Config:
        return super().get_config() | {"amsgrad": self.amsgrad}


@optimizers.register()
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2019).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        weight_decay: at each step, this share of a weight, times the learning rate, is
            subtracted from it.
        beta_1: the share of the first moment that stays at each step.
        beta_2: the share of the second moment that stays at each step.
        epsilon: added to the root of the second moment.
        amsgrad: whether to use the largest second moment so far (Reddi et al., 2018).
        *shared: the other settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid, or there is no weight decay.

    Examples:
        >>> AdamW(0.01, 0.1).get_config()["amsgrad"]
        False
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *shared: Setting,
        **settings: Unpack[SharedSettings],
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW needs a weight_decay; without one use Adam.")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *shared, **settings
        )


@optimizers.register()
class Adamax(Optimizer):
    """Adam with the infinity norm in place of the second moment (Kingma & Ba, 2015, section 7.1).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: the share of the first moment that stays at each step.
        beta_2: the share of the largest gradient so far that stays at each step.
        epsilon: added to the norm.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Adamax(0.01).name
        'adamax'
    """

    slot_groups = (("momentum", "norm"),)

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
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - hp.beta_1)
        norm = jnp.maximum(hp.beta_2 * slots["norm"], jnp.abs(g))
        rate = hp.learning_rate / (1 - hp.beta_1**hp.t)
        return -rate * m / (norm + hp.epsilon), {"momentum": m, "norm": norm}


@optimizers.register()
class Nadam(Optimizer):
    """Adam with Nesterov's momentum, which rises over the steps (Dozat, 2015).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: the share of the first moment that stays at each step, in the limit.
        beta_2: the share of the second moment that stays at each step.
        epsilon: added to the root of the second moment.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Nadam(0.01).name
        'nadam'
    """

    slot_groups = (("momentum", "velocity"),)
    shared_slots = ("u_product",)

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

    def prepare_step(self, hp: Hyperparams, shared: Slots) -> tuple[Hyperparams, Slots]:
        hp.u, hp.u_next = (hp.beta_1 * (1 - 0.5 * 0.96**t) for t in (hp.t, hp.t + 1))
        hp.u_product = shared["u_product"] * hp.u
        return hp, {"u_product": hp.u_product}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        m, v = moments(g, slots, hp.beta_1, hp.beta_2)
        old = (1 - hp.u) * g / (1 - hp.u_product)
        new = hp.u_next * m / (1 - hp.u_product * hp.u_next)
        root = jnp.sqrt(v / (1 - hp.beta_2**hp.t)) + hp.epsilon
        return -hp.learning_rate * (old + new) / root, {"momentum": m, "velocity": v}
