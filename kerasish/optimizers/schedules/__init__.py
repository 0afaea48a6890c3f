"""Learning rates that follow the step."""

from __future__ import annotations

from typing import Any

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


def serialize(learning_rate_schedule: Any) -> Any:
    """Return the JSON-ready description of a schedule, in Keras's form.

    Args:
        learning_rate_schedule: the schedule.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    return schedules.serialize(learning_rate_schedule)
