"""Models: `Sequential`, `Model(inputs, outputs)`, and subclasses."""

from kerasish.models.model import Model
from kerasish.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
