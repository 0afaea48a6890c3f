"""Optimizers under Keras's names; any optax transformation can be used as well."""

from __future__ import annotations

from typing import TypeAlias

import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Config
from kerasish.optimizers import legacy, schedules
from kerasish.optimizers.adafactor import Adafactor
from kerasish.optimizers.adam import Adam, Adamax, AdamW, Nadam
from kerasish.optimizers.base import Optimizer, optimizers
from kerasish.optimizers.ftrl import Ftrl
from kerasish.optimizers.lion import Lamb, Lion
from kerasish.optimizers.loss_scale import LossScaleOptimizer
from kerasish.optimizers.multi import MultiOptimizer, OptimizerMap
from kerasish.optimizers.muon import Muon
from kerasish.optimizers.optax_optimizer import OptaxOptimizer
from kerasish.optimizers.rmsprop import Adadelta, Adagrad, RMSprop
from kerasish.optimizers.schedule_free import ScheduleFreeAdamW
from kerasish.optimizers.sgd import SGD
from kerasish.optimizers.state import OptimizerState

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "OptaxOptimizer",
    "Optimizer",
    "OptimizerMap",
    "OptimizerState",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]

deserialize = optimizers.deserialize

OptimizerIdentifier: TypeAlias = (
    str | Config | Optimizer | type[Optimizer] | optax.GradientTransformation
)


def get(identifier: OptimizerIdentifier) -> Optimizer:
    """Return an optimizer from a name, a config, a class, an optimizer, or an optax transformation.

    Raises:
        UnknownNameError: if there is no optimizer of that name.
        ArgumentError: if it is something else.

    Examples:
        >>> get("adam").name, get(optax.sgd(0.1)).name
        ('adam', 'optax')
    """
    if isinstance(identifier, optax.GradientTransformation):
        return OptaxOptimizer(identifier)
    optimizer = optimizers.get(identifier)
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(
            f"{identifier!r} is not an optimizer; give a name such as 'adam', one of "
            "`kerasish.optimizers`, or an optax transformation."
        )
    return optimizer


def serialize(optimizer: Optimizer) -> str | Config:
    """Return the JSON-ready description of an optimizer, in Keras's form.

    Args:
        optimizer: the optimizer.

    Returns:
        The description, from which `deserialize` (here or in Keras) makes an equal optimizer.
    """
    description: str | Config = optimizers.serialize(optimizer)
    return description
