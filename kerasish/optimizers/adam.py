"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.base import Numbers, Optimizer, optimizers
from kerasish.optimizers.slots import rule

__all__ = ["Adam", "AdamW", "adam"]


def adam(learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any, amsgrad: bool = False) -> Any:
    """Adam (Kingma & Ba, 2015), also with AMSGrad (Reddi et al., 2018).

    Epsilon is added to the root of the uncorrected second moment: the
    "epsilon hat" of the paper's section 2.
    """

    def step(t: Any, g: Any, m: Any, v: Any, *v_hat: Any) -> Any:
        rate = learning_rate * jnp.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        m = m + (g - m) * (1 - beta_1)
        v = v + (jnp.square(g) - v) * (1 - beta_2)
        if amsgrad:
            v_hat = (jnp.maximum(v_hat[0], v),)
        return -rate * m / (jnp.sqrt(v_hat[0] if amsgrad else v) + epsilon), m, v, *v_hat

    names = ("momentum", "velocity")
    return rule((*names, "velocity_hat") if amsgrad else names, step)


@optimizers.register()
class Adam(Optimizer):
    """Steps by the ratio of the gradient's first two moments (Kingma & Ba, 2015).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_1: how much of the first moment stays at each step.
        beta_2: how much of the second moment stays at each step.
        epsilon: added to the root of the second moment.
        amsgrad: whether to use the largest second moment so far (Reddi et al., 2018).
        weight_decay: see `Optimizer`, as the arguments that follow.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: a name.

    Raises:
        ArgumentError: if a number cannot be.
    """

    slot_groups = (("momentum", "velocity"), ("velocity_hat",))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
        )
        self.amsgrad = amsgrad

    def rule(self, numbers: Numbers) -> Any:
        moments = {key: numbers[key] for key in ("beta_1", "beta_2", "epsilon")}
        return adam(numbers["learning_rate"], **moments, amsgrad=self.amsgrad)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"amsgrad": self.amsgrad}


@optimizers.register("adamw")
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
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: a name.

    Raises:
        ArgumentError: if a number cannot be, or there is no weight decay.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW needs a weight_decay; without one use Adam.")
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            name,
        )
