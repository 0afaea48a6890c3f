"""Adam and its kin: steps by moments of the gradient."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["Adam", "AdamW", "Adamax", "Nadam", "moments"]


def moments(g: Any, slots: Slots, beta_1: Any, beta_2: Any) -> tuple[Any, Any]:
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
        beta_1: how much of the first moment stays at each step.
        beta_2: how much of the second moment stays at each step.
        epsilon: added to the root of the second moment.
        amsgrad: whether to use the largest second moment so far (Reddi et al., 2018).
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Adam(0.01, clipnorm=1.0).get_config()["clipnorm"]
        1.0
    """

    slot_groups = (("momentum", "velocity"), ("velocity_hat",))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(
            learning_rate, *shared, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **settings
        )
        self.amsgrad = amsgrad

    def first(self, path: str, w: Any) -> Slots:
        slots = super().first(path, w)
        return slots if self.amsgrad else slots | {"velocity_hat": None}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        rate = n.learning_rate * jnp.sqrt(1 - n.beta_2**n.t) / (1 - n.beta_1**n.t)
        m, v = moments(g, slots, n.beta_1, n.beta_2)
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = jnp.maximum(slots["velocity_hat"], v)
        return -rate * m / (jnp.sqrt(v) + n.epsilon), new

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"amsgrad": self.amsgrad}


@optimizers.register()
class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov & Hutter, 2019).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        weight_decay: this share of the weights, times the learning rate, is
            taken off at each step.
        beta_1: how much of the first moment stays at each step.
        beta_2: how much of the second moment stays at each step.
        epsilon: added to the root of the second moment.
        amsgrad: whether to use the largest second moment so far (Reddi et al., 2018).
        *shared: the other settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be, or there is no weight decay.

    Examples:
        >>> AdamW(0.01, 0.1).get_config()["amsgrad"]
        False
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *shared: Any,
        **settings: Any,
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW needs a weight_decay; without one use Adam.")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *shared, **settings
        )


@optimizers.register()
class Adamax(Optimizer):
    """Adam by the largest gradient in place of the second moment (Kingma & Ba, 2015, section 7.1).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: how much of the first moment stays at each step.
        beta_2: how much of the largest gradient so far stays at each step.
        epsilon: added to that.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Adamax(0.01).name
        'adamax'
    """

    slot_groups = (("momentum", "norm"),)

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
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - n.beta_1)
        norm = jnp.maximum(n.beta_2 * slots["norm"], jnp.abs(g))
        rate = n.learning_rate / (1 - n.beta_1**n.t)
        return -rate * m / (norm + n.epsilon), {"momentum": m, "norm": norm}


@optimizers.register()
class Nadam(Optimizer):
    """Adam with Nesterov's momentum, which rises over the steps (Dozat, 2015).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: how much of the first moment stays at each step, in the end.
        beta_2: how much of the second moment stays at each step.
        epsilon: added to the root of the second moment.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Nadam(0.01).name
        'nadam'
    """

    slot_groups = (("momentum", "velocity"),)
    shared_slots = ("u_product",)

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

    def ahead(self, n: Any, shared: Slots) -> tuple[Any, Slots]:
        n.u, n.u_next = (n.beta_1 * (1 - 0.5 * 0.96**t) for t in (n.t, n.t + 1))
        n.u_product = shared["u_product"] * n.u
        return n, {"u_product": n.u_product}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        m, v = moments(g, slots, n.beta_1, n.beta_2)
        old, new = (1 - n.u) * g / (1 - n.u_product), n.u_next * m / (1 - n.u_product * n.u_next)
        root = jnp.sqrt(v / (1 - n.beta_2**n.t)) + n.epsilon
        return -n.learning_rate * (old + new) / root, {"momentum": m, "velocity": v}
