"""What losses and metrics have in common: functions of targets and predictions.

Each gives a value for every sample; a loss reduces them to a scalar to be
minimized, a metric to a mean to be looked at.
"""

from kerasish.criteria.alignment import align, same_shape
from kerasish.criteria.probabilistic import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerasish.criteria.regression import mean_absolute_error, mean_squared_error

__all__ = [
    "align",
    "binary_crossentropy",
    "categorical_crossentropy",
    "mean_absolute_error",
    "mean_squared_error",
    "same_shape",
    "sparse_categorical_crossentropy",
]
