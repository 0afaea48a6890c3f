"""Learning rates that follow the step."""

from __future__ import annotations

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

serialize = schedules.serialize
deserialize = schedules.deserialize
