"""Saving and loading of models and weights in Keras's file formats."""

from kerasish.core.serialization.config import (
    deserialize,
    deserialize_keras_object,
    serialize,
    serialize_keras_object,
)
from kerasish.core.serialization.custom_objects import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.core.serialization.custom_objects import CustomObjectScope as custom_object_scope
from kerasish.saving.archive import load_model, prepare_model, save_model
from kerasish.saving.editor import KerasFileEditor
from kerasish.saving.weights import load_weights, prepare_weights, save_weights

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "prepare_model",
    "prepare_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize",
    "serialize_keras_object",
]
