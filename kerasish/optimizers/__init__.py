"""Optimizers, by Keras's names; any optax transformation will do as well."""

from __future__ import annotations

from typing import Any

import optax

from kerasish.core.errors import ArgumentError
from kerasish.optimizers import schedules
from kerasish.optimizers.adam import Adam, AdamW
from kerasish.optimizers.base import OptaxOptimizer, Optimizer, OptimizerState, optimizers
from kerasish.optimizers.rmsprop import RMSprop
from kerasish.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "OptaxOptimizer",
    "Optimizer",
    "OptimizerState",
    "RMSprop",
    "get",
    "schedules",
]


def get(identifier: Any) -> Optimizer:
    """Return an optimizer: what a name, a config, a class, or an optax transformation stands for.

    Raises:
        UnknownNameError: if there is no optimizer of that name.
        ArgumentError: if it is something else.

    Example:
        >>> get("adam").name, get(optax.sgd(0.1)).name
        ('adam', 'optax')
    """
    if isinstance(identifier, optax.GradientTransformation):
        return OptaxOptimizer(identifier)
    optimizer = optimizers.get(identifier)
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(
            f"{identifier!r} is no optimizer; give a name such as 'adam', one of "
            "`kerasish.optimizers`, or an optax transformation."
        )
    return optimizer
