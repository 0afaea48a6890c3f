"""Steps over the root of accumulated squares: RMSprop, Adagrad, Adadelta."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


@optimizers.register()
class RMSprop(Optimizer):
    """Steps over the root of the mean squared gradient (Tieleman & Hinton, 2012).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        rho: how much of the mean stays at each step.
        momentum: how much of the last step is taken again.
        epsilon: added to the mean square.
        centered: whether to take the square of the mean gradient off.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> RMSprop(0.01, momentum=0.5).name
        'rm_sprop'
    """

    slot_groups = (("velocity",), ("momentum",), ("average_gradient",))
    gates = ("momentum",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(
            learning_rate, *shared, rho=rho, momentum=momentum, epsilon=epsilon, **settings
        )
        self.centered = centered
        self._has_momentum = momentum > 0

    def first(self, path: str, w: Any) -> Slots:
        kept = {"velocity": True, "momentum": self._has_momentum, "average_gradient": self.centered}
        return {name: zeros for name, zeros in super().first(path, w).items() if kept[name]}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        new = {"velocity": n.rho * slots["velocity"] + (1 - n.rho) * jnp.square(g)}
        variance = new["velocity"]
        if self.centered:
            new["average_gradient"] = n.rho * slots["average_gradient"] + (1 - n.rho) * g
            variance = variance - jnp.square(new["average_gradient"])
        step = n.learning_rate * g * jax.lax.rsqrt(variance + n.epsilon)
        if self._has_momentum:
            step = new["momentum"] = n.momentum * slots["momentum"] + step
        return -step, new

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"centered": self.centered}


@optimizers.register()
class Adagrad(Optimizer):
    """Steps over the root of the sum of squared gradients (Duchi et al., 2011).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        initial_accumulator_value: what the sums begin with.
        epsilon: added to the sums.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Adagrad(0.1).name
        'adagrad'
    """

    slot_groups = (("accumulator",),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(learning_rate, *shared, epsilon=epsilon, **settings)
        self.initial_accumulator_value = initial_accumulator_value

    def first(self, path: str, w: Any) -> Slots:
        return {"accumulator": np.full(w.shape, self.initial_accumulator_value, w.dtype)}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        total = slots["accumulator"] + jnp.square(g)
        return -n.learning_rate * g / jnp.sqrt(total + n.epsilon), {"accumulator": total}

    def get_config(self) -> dict[str, Any]:
        first = self.initial_accumulator_value
        return super().get_config() | {"initial_accumulator_value": first}


@optimizers.register()
class Adadelta(Optimizer):
    """Steps by the ratio of past steps to past gradients (Zeiler, 2012).

    The paper has no learning rate; with 1.0 it is as there.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        rho: how much of the mean squares stays at each step.
        epsilon: added to the mean squares.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Adadelta(1.0).name
        'adadelta'
    """

    slot_groups = (("accumulated_grad", "accumulated_delta_var"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(learning_rate, *shared, rho=rho, epsilon=epsilon, **settings)

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        g_mean, step_mean = slots["accumulated_grad"], slots["accumulated_delta_var"]
        g_mean = n.rho * g_mean + (1 - n.rho) * jnp.square(g)
        step = -jnp.sqrt(step_mean + n.epsilon) * g / jnp.sqrt(g_mean + n.epsilon)
        step_mean = n.rho * step_mean + (1 - n.rho) * jnp.square(step)
        new = {"accumulated_grad": g_mean, "accumulated_delta_var": step_mean}
        return n.learning_rate * step, new
