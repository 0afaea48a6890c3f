"""Small helpers, by Keras's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.core.config import set_random_seed
from kerasish.core.registry import custom_objects as custom_object_scope
from kerasish.core.registry import get_custom_objects, register_keras_serializable

__all__ = [
    "custom_object_scope",
    "get_custom_objects",
    "register_keras_serializable",
    "set_random_seed",
    "to_categorical",
]


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Turn class numbers into one-hot vectors.

    Args:
        x: whole numbers from 0, `(...)` or `(..., 1)`.
        num_classes: how many classes there are; one more than the largest by default.

    Returns:
        A float32 array `(..., num_classes)`.

    Example:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    classes = np.asarray(x, "int64")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    count = int(classes.max()) + 1 if num_classes is None else num_classes
    one_hot: np.ndarray = np.eye(count, dtype="float32")[classes]
    return one_hot
