"""Adafactor."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["Adafactor"]


@optimizers.register()
class Adafactor(Optimizer):
    """Steps by a second moment that is kept as its rows and columns (Shazeer & Stern, 2018).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_2_decay: how the share of the moment that is replaced falls with the steps; at most 0.
        epsilon_1: added to squared gradients.
        epsilon_2: the least size of a weight, to which steps are proportional.
        clip_threshold: the largest root mean square of a step, before that.
        relative_step: whether the learning rate is at most `1 / sqrt(step)`.
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> Adafactor(0.01, relative_step=False).name
        'adafactor'
    """

    slot_groups = (("row", "column", "velocity"),)
    signed = ("beta_2_decay",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            *shared,
            beta_2_decay=beta_2_decay,
            epsilon_1=epsilon_1,
            epsilon_2=epsilon_2,
            clip_threshold=clip_threshold,
            **settings,
        )
        self.relative_step = relative_step

    def first(self, path: str, w: Any) -> Slots:
        velocity = np.zeros(w.shape, w.dtype)
        if len(w.shape) < 2:  # in files of Keras these have places, too
            nothing = np.zeros((), "int32")
            return {"row": nothing, "column": nothing, "velocity": velocity}
        row = np.zeros(w.shape[:-1], w.dtype)
        column = np.zeros((*w.shape[:-2], w.shape[-1]), w.dtype)
        return {"row": row, "column": column, "velocity": velocity}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        rate = n.learning_rate
        if self.relative_step:
            rate = jnp.minimum(rate, 1 / jnp.sqrt(n.t))
        beta = 1 - n.t**n.beta_2_decay
        square, new = jnp.square(g) + n.epsilon_1, dict(slots)
        if w.ndim < 2:
            new["velocity"] = beta * slots["velocity"] + (1 - beta) * square
        else:
            row = new["row"] = beta * slots["row"] + (1 - beta) * jnp.mean(square, -1)
            column = new["column"] = beta * slots["column"] + (1 - beta) * jnp.mean(square, -2)
            share = row / jnp.mean(row, -1, keepdims=True)
            new["velocity"] = share[..., None] * column[..., None, :]
        step = g / jnp.sqrt(new["velocity"])
        step = step / jnp.maximum(1, _rms(step) / n.clip_threshold)
        return -rate * jnp.maximum(n.epsilon_2, _rms(w)) * step, new

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"relative_step": self.relative_step}


def _rms(x: Any) -> Any:
    return jnp.sqrt(jnp.mean(jnp.square(x)))
