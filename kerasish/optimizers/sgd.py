"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Unpack

from kerasish.core.errors import ArgumentError
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

__all__ = ["SGD"]


@optimizers.register()
class SGD(Optimizer):
    """Gradient descent, with momentum if it is above 0.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        momentum: the share of the last step that is added to the next, from 0 to 1.
        nesterov: whether to use Nesterov's momentum (Sutskever et al., 2013).
        *shared: the settings of every optimizer by position, in the order of `Optimizer`.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting is not valid.

    Examples:
        >>> SGD(0.1, momentum=0.9).learning_rate.numpy().round(3)
        np.float32(0.1)
    """

    slot_groups = (("momentum",),)
    slot_switches = ("momentum",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *shared: Setting,
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(learning_rate, momentum=momentum, **settings_of(shared, settings))
        if momentum > 1:
            raise ArgumentError(f"momentum must be from 0 to 1; got {momentum}.")
        self.nesterov = nesterov

    def init_slots(self, path: str, w: Array) -> Slots:
        return super().init_slots(path, w) if "momentum" in self._kerasish_enabled else {}

    def update_one(self, g: Array, w: Array, slots: Slots, hp: Hyperparams) -> tuple[Array, Slots]:
        down = -hp.learning_rate * g
        if "momentum" not in slots:
            return down, {}
        velocity = hp.momentum * slots["momentum"] + down
        return hp.momentum * velocity + down if self.nesterov else velocity, {"momentum": velocity}

    def get_config(self) -> Config:
        return super().get_config() | {"nesterov": self.nesterov}
