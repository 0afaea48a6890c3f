"""RMSprop."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.optimizers.base import Numbers, Optimizer, optimizers
from kerasish.optimizers.slots import rule

__all__ = ["RMSprop", "rmsprop"]


def rmsprop(
    learning_rate: Any, rho: Any, epsilon: Any, momentum: Any = None, centered: bool = False
) -> Any:
    """Steps over the root of the mean squared gradient (Tieleman & Hinton, 2012)."""

    def step(t: Any, g: Any, velocity: Any, *rest: Any) -> Any:
        kept = list(rest)
        velocity = rho * velocity + (1 - rho) * jnp.square(g)
        variance = velocity
        if centered:
            kept[-1] = rho * kept[-1] + (1 - rho) * g
            variance = velocity - jnp.square(kept[-1])
        change = learning_rate * g * jax.lax.rsqrt(variance + epsilon)
        if momentum is not None:
            change = kept[0] = momentum * kept[0] + change
        return -change, velocity, *kept

    names = ["velocity"]
    names += ["momentum"] if momentum is not None else []
    names += ["average_gradient"] if centered else []
    return rule(tuple(names), step)


@optimizers.register("rmsprop")
class RMSprop(Optimizer):
    """Steps over the root of the mean squared gradient (Tieleman & Hinton, 2012).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        rho: how much of the mean stays at each step.
        momentum: how much of the last step is taken again.
        epsilon: added to the mean square.
        centered: whether to take the square of the mean gradient off.
        weight_decay: see `Optimizer`, as the arguments that follow.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: a name.

    Raises:
        ArgumentError: if a number cannot be.
    """

    slot_groups = (("velocity",), ("momentum",), ("average_gradient",))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            name,
            rho=rho,
            momentum=momentum,
            epsilon=epsilon,
        )
        self.centered = centered
        self._has_momentum = momentum > 0

    def rule(self, numbers: Numbers) -> Any:
        momentum = numbers["momentum"] if self._has_momentum else None
        rest = numbers["learning_rate"], numbers["rho"], numbers["epsilon"]
        return rmsprop(*rest, momentum=momentum, centered=self.centered)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"centered": self.centered}
