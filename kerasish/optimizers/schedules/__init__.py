"""Learning rate schedules: functions of the step."""

from __future__ import annotations

from collections.abc import Callable

from kerasish.core.types import ArrayLike, Config
from kerasish.optimizers.schedules.base import LearningRateSchedule, schedules
from kerasish.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from kerasish.optimizers.schedules.decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "schedules",
    "serialize",
]

deserialize = schedules.deserialize


def serialize(
    learning_rate_schedule: LearningRateSchedule | Callable[..., ArrayLike],
) -> str | Config:
    """Return the JSON-ready description of a schedule, in Keras's form.

    Args:
        learning_rate_schedule: the schedule.

    Returns:
        The description, from which `deserialize` (here or in Keras) makes an equal schedule.
    """
    description: str | Config = schedules.serialize(learning_rate_schedule)
    return description
