"""Models: `Sequential`, `Model(inputs, outputs)`, and subclasses."""

from kerasish.models.clone import clone_model, model_from_json
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.saving import load_model, save_model

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]
