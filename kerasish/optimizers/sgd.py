"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.base import Optimizer, Slots, optimizers

__all__ = ["SGD"]


@optimizers.register()
class SGD(Optimizer):
    """Gradient descent, with momentum where asked for.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        momentum: how much of the last step is taken again, from 0 to 1.
        nesterov: whether to look ahead by the momentum (Sutskever et al., 2013).
        *shared: the settings of every optimizer, in the order in which `Optimizer` has them.
        **settings: the same by name: `weight_decay`, `clipnorm`, `use_ema`, `name` and so on.

    Raises:
        ArgumentError: if a setting cannot be.

    Examples:
        >>> SGD(0.1, momentum=0.9).learning_rate.numpy().round(3)
        np.float32(0.1)
    """

    slot_groups = (("momentum",),)
    gates = ("momentum",)

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *shared: Any,
        **settings: Any,
    ) -> None:
        super().__init__(learning_rate, *shared, momentum=momentum, **settings)
        if momentum > 1:
            raise ArgumentError(f"momentum must be from 0 to 1; got {momentum}.")
        self.nesterov = nesterov
        self._has_momentum = momentum > 0

    def first(self, path: str, w: Any) -> Slots:
        return super().first(path, w) if self._has_momentum else {}

    def change(self, g: Any, w: Any, slots: Slots, n: Any) -> tuple[Any, Slots]:
        down = -n.learning_rate * g
        if not self._has_momentum:
            return down, {}
        velocity = n.momentum * slots["momentum"] + down
        return n.momentum * velocity + down if self.nesterov else velocity, {"momentum": velocity}

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"nesterov": self.nesterov}
