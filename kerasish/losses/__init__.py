"""Losses, by Keras's names: classes, and functions of one sample at a time."""

from __future__ import annotations

from typing import Any

from kerasish.criteria import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from kerasish.losses.base import Loss, LossFunctionWrapper, losses
from kerasish.losses.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from kerasish.losses.regression import MeanAbsoluteError, MeanSquaredError

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]


def get(identifier: Any) -> Any:
    """Return a loss: what a name, a config, a class, or a function stands for.

    Raises:
        UnknownNameError: if there is no loss of that name.

    Example:
        >>> get("mse").__name__
        'mean_squared_error'
    """
    return losses.get(identifier)
