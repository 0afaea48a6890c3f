"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import ArgumentError
from kerasish.optimizers.base import Numbers, Optimizer, optimizers
from kerasish.optimizers.slots import rule

__all__ = ["SGD", "sgd"]


def sgd(learning_rate: Any, momentum: Any = None, nesterov: bool = False) -> Any:
    """Gradient descent; with momentum `v = momentum * v - learning_rate * g`.

    Nesterov's form adds `momentum * v - learning_rate * g` (Sutskever et al., 2013).
    """
    if momentum is None:
        return rule((), lambda t, g: (-learning_rate * g,))

    def step(t: Any, g: Any, velocity: Any) -> Any:
        velocity = momentum * velocity - learning_rate * g
        return momentum * velocity - learning_rate * g if nesterov else velocity, velocity

    return rule(("momentum",), step)


@optimizers.register()
class SGD(Optimizer):
    """Gradient descent, with momentum where asked for.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        momentum: how much of the last step is taken again, from 0 to 1.
        nesterov: whether to look ahead by the momentum (Sutskever et al., 2013).
        weight_decay: see `Optimizer`, as the arguments that follow.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: a name.

    Raises:
        ArgumentError: if a number cannot be.

    Example:
        >>> SGD(0.1, momentum=0.9).learning_rate.numpy().round(3)
        np.float32(0.1)
    """

    slot_groups = (("momentum",),)

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
            momentum=momentum,
        )
        if momentum > 1:
            raise ArgumentError(f"momentum must be from 0 to 1; got {momentum}.")
        self.nesterov = nesterov
        self._has_momentum = momentum > 0

    def rule(self, numbers: Numbers) -> Any:
        momentum = numbers["momentum"] if self._has_momentum else None
        return sgd(numbers["learning_rate"], momentum, self.nesterov)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"nesterov": self.nesterov}
