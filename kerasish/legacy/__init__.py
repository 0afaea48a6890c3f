"""`keras.legacy`: compatibility with Keras 2."""

from kerasish.legacy import saving

__all__ = ["saving"]
