"""Files: whole models and weights, in Keras's own layout."""

from kerasish.core.registry import custom_objects as custom_object_scope
from kerasish.core.registry import (
    deserialize,
    get_custom_objects,
    register_keras_serializable,
    serialize,
)
from kerasish.saving.archive import load_model, prepare_model, save_model
from kerasish.saving.weights import load_weights, prepare_weights, save_weights

__all__ = [
    "custom_object_scope",
    "deserialize",
    "get_custom_objects",
    "load_model",
    "load_weights",
    "prepare_model",
    "prepare_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize",
]
