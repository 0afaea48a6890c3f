"""Losses, by Keras's names: classes, and functions of one sample at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish.core.types import Config
from kerasish.functional import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    categorical_hinge,
    circle,
    cosine_similarity,
    ctc,
    dice,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
    tversky,
)
from kerasish.losses.base import Loss, LossFunctionWrapper, losses
from kerasish.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
)
from kerasish.losses.margins import CategoricalHinge, Hinge, SquaredHinge
from kerasish.losses.overlap import Dice, Tversky
from kerasish.losses.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from kerasish.losses.regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
)
from kerasish.losses.sequence import CTC
from kerasish.losses.similarity import Circle, CosineSimilarity

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]


def get(identifier: object) -> Any:
    """Return a loss: what a name, a config, a class, or a function stands for.

    Raises:
        UnknownNameError: if there is no loss of that name.

    Examples:
        >>> get("mse").__name__
        'mean_squared_error'
    """
    return losses.get(identifier)


def serialize(loss: object) -> Config | str:
    """Return the JSON-ready description of a loss, in Keras's form.

    Args:
        loss: an instance or a function.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    result: Config | str = losses.serialize(loss)
    return result


def deserialize(name: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the loss that a name or a description stands for; None is None.

    Args:
        name: a name, or what `serialize` returned, here or in Keras.
        custom_objects: names, besides registered ones, that it may hold.

    Raises:
        UnknownNameError: if it is a name that nothing is registered under.
        UnsafeModelError: if it describes something that is not registered.
    """
    return losses.deserialize(name, custom_objects)
