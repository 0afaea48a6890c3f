"""Adafactor."""

from __future__ import annotations

from typing import Unpack

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

__all__ = ["Adafactor"]


@optimizers.register()
class Adafactor(Optimizer):
    """Steps by a second moment factored into its rows and columns (Shazeer & Stern, 2018).

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        beta_2_decay: the power of the step that the replaced share of the moment decays with;
            at most 0.
        epsilon_1: added to squared gradients.
        epsilon_2: the smallest root mean square of a weight, to which steps are proportional.
        clip_threshold: the largest root mean square of a step, before that.
        relative_step: whether the learning rate is at most `1 / sqrt(step)`.
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> Adafactor(0.01, relative_step=False).name
        'adafactor'
    """

    slot_groups = (("row", "column", "velocity"),)
    signed_hyperparams = ("beta_2_decay",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(
            learning_rate,
            beta_2_decay=beta_2_decay,
            epsilon_1=epsilon_1,
            epsilon_2=epsilon_2,
            clip_threshold=clip_threshold,
            **settings_of(shared, settings),
        )
        self.relative_step = relative_step

    def init_slots(self, path: str, w: Array) -> Slots:
        velocity = np.zeros(w.shape, w.dtype)
        if len(w.shape) < 2:  # files of Keras have these, too
            nothing = np.zeros((), "int32")
            return {"row": nothing, "column": nothing, "velocity": velocity}
        row = np.zeros(w.shape[:-1], w.dtype)
        column = np.zeros((*w.shape[:-2], w.shape[-1]), w.dtype)
        return {"row": row, "column": column, "velocity": velocity}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        rate = hp.learning_rate
        if self.relative_step:
            rate = jnp.minimum(rate, 1 / jnp.sqrt(hp.t))
        beta = 1 - hp.t**hp.beta_2_decay
        square, new = jnp.square(g) + hp.epsilon_1, dict(slots)
        if w.ndim < 2:
            new["velocity"] = beta * slots["velocity"] + (1 - beta) * square
        else:
            row = new["row"] = beta * slots["row"] + (1 - beta) * jnp.mean(square, -1)
            column = new["column"] = beta * slots["column"] + (1 - beta) * jnp.mean(square, -2)
            share = row / jnp.mean(row, -1, keepdims=True)
            new["velocity"] = share[..., None] * column[..., None, :]
        step = g / jnp.sqrt(new["velocity"])
        step = step / jnp.maximum(1, _rms(step) / hp.clip_threshold)
        return -rate * jnp.maximum(hp.epsilon_2, _rms(w)) * step, new

    def get_config(self) -> Config:
        return super().get_config() | {"relative_step": self.relative_step}


def _rms(x: Array) -> Array:
    return jnp.sqrt(jnp.mean(jnp.square(x)))
