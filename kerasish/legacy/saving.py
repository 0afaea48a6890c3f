"""Serialization of objects in the format of Keras 2."""

from kerasish.utils.legacy import deserialize_keras_object, serialize_keras_object

__all__ = ["deserialize_keras_object", "serialize_keras_object"]
