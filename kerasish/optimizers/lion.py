"""Lion and Lamb."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.adam import moments
from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["Lamb", "Lion"]


@optimizers.register()
class Lion(Optimizer):
    """Steps by the sign of a mean gradient (Chen et al., 2023).

    Its learning rate is to be some 3 to 10 times smaller than Adam's, its weight decay as much
    larger.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: how much of the mean counts beside the gradient, in the sign.
        beta_2: how much of the mean stays at each step.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Lion(1e-4, weight_decay=0.1).name
        'lion'
    """

    slot_groups = (("momentum",),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        *shared: Any,
        **settings: Any,
    ) -> None:
        if not 0 < beta_1 <= 1:
            raise ArgumentError(f"beta_1 of Lion must be above 0 and at most 1; got {beta_1}.")
        super().__init__(learning_rate, *shared, beta_1=beta_1, beta_2=beta_2, **settings)

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        m = slots["momentum"]
        sign = jnp.sign(n.beta_1 * m + (1 - n.beta_1) * g)
        return -n.learning_rate * sign, {"momentum": n.beta_2 * m + (1 - n.beta_2) * g}


@optimizers.register()
class Lamb(Optimizer):
    """Adam's steps, as long as each weight is: for very large batches (You et al., 2020).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: how much of the first moment stays at each step.
        beta_2: how much of the second moment stays at each step.
        epsilon: added to the root of the second moment.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Lamb(0.01).name
        'lamb'
    """

    slot_groups = (("momentum", "velocity"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(
            learning_rate, *shared, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **settings
        )

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        m, v = moments(g, slots, n.beta_1, n.beta_2)
        mean, square = m / (1 - n.beta_1**n.t), v / (1 - n.beta_2**n.t)
        step = mean / (jnp.sqrt(square) + n.epsilon)
        long, short = jnp.linalg.norm(w.ravel()), jnp.linalg.norm(step.ravel())
        ratio = jnp.where((long > 0) & (short > 0), long / jnp.where(short > 0, short, 1), 1)
        return -n.learning_rate * ratio * step, {"momentum": m, "velocity": v}
