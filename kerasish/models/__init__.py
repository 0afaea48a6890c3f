"""Models: `Sequential`, `Model(inputs, outputs)`, and subclasses."""

from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.saving import load_model, save_model

__all__ = ["Model", "Sequential", "load_model", "save_model"]
