"""What losses and metrics have in common: functions of targets and predictions.

Each gives a value for every sample; a loss reduces them to a scalar to be
minimized, a metric to a mean to be looked at.
"""

from kerasish.functional.alignment import align, paired, same_shape
from kerasish.functional.ctc import ctc, ctc_loss
from kerasish.functional.focal import (
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from kerasish.functional.margins import categorical_hinge, hinge, squared_hinge
from kerasish.functional.overlap import dice, tversky
from kerasish.functional.probabilistic import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from kerasish.functional.regression import (
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.functional.similarity import circle, cosine, cosine_similarity

__all__ = [
    "align",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine",
    "cosine_similarity",
    "ctc",
    "ctc_loss",
    "dice",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "paired",
    "poisson",
    "same_shape",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]
