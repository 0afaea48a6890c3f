"""The parts that all networks share: input, global pooling, classifier head, loading of weights."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

from kerasish import config
from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.serialization.config import ungiven
from kerasish.core.types import ActivationLike, Shape
from kerasish.layers import (
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Input,
)
from kerasish.models import Model
from kerasish.utils import get_source_inputs

__all__ = ["build_model", "classifier_head", "global_pool", "image_input"]

# Where images come in.


def image_input(
    weights: str | os.PathLike[str] | None,
    input_shape: Sequence[int | None] | None,
    input_tensor: SymbolicTensor | None,
    *,
    size: int | None,
    least: int,
    whole: bool,
) -> SymbolicTensor:
    """Return the tensor that a network begins with.

    Args:
        weights: where the weights come from, which is looked at before anything is built.
        input_shape: the shape of an image as the user gave it.
        input_tensor: a tensor to begin with instead.
        size: the height and width that the network was made for.
        least: the smallest height and width that it can take.
        whole: whether the network ends in a classifier, so that sizes default to `size`.

    Raises:
        ArgumentError: if there is no such file, or an image cannot have such a shape.
    """
    _check_weights(weights)
    if input_tensor is not None and not isinstance(input_tensor, SymbolicTensor):
        raise ArgumentError(
            "input_tensor must be a tensor that begins at `kerasish.Input(...)`; got "
            f"{type(input_tensor).__name__}."
        )
    first = config.image_data_format() == "channels_first"
    if input_shape is None:
        side = size if whole else None
        input_shape = (3, side, side) if first else (side, side, 3)
    else:
        _check_shape(tuple(input_shape), first, least)
    return Input(input_shape) if input_tensor is None else input_tensor


def _check_weights(weights: str | os.PathLike[str] | None) -> None:
    if weights is None or (
        isinstance(weights, (str, os.PathLike)) and Path(weights).expanduser().is_file()
    ):
        return
    if weights == "imagenet":
        raise ArgumentError(
            "weights='imagenet' would be a download, and nothing is downloaded: give the path of "
            "the file, weights='/path/to/file.weights.h5', or weights=None to begin at random."
        )
    raise ArgumentError(
        f"weights must be None or the path of a file with weights; there is no file {weights!r}."
    )


def _check_shape(shape: Shape, first: bool, least: int) -> None:
    if len(shape) != 3:
        raise ArgumentError(
            "input_shape is that of one image, such as (224, 224, 3), without the batch; got "
            f"{shape}."
        )
    channels, sides = (shape[0], shape[1:]) if first else (shape[-1], shape[:-1])
    if channels not in (1, 3):
        warnings.warn(
            f"Images have 1 or 3 channels as a rule; input_shape={shape} has {channels}.",
            stacklevel=5,
        )
    if any(side is not None and side < least for side in sides):
        raise ArgumentError(
            f"This network takes images of at least {least} by {least} pixels; got "
            f"input_shape={shape}."
        )


# How a network ends.


def global_pool(
    x: SymbolicTensor, pooling: str | None, average: str | None = None, most: str | None = None
) -> SymbolicTensor:
    """Apply global pooling, if any.

    Args:
        x: features of places.
        pooling: `"avg"`, `"max"` or None.
        average: the name of an average pooling.
        most: the name of a maximum pooling.

    Raises:
        ArgumentError: if there is no such pooling.
    """
    if pooling not in (None, "avg", "max"):
        raise ArgumentError(f"pooling must be None, 'avg' or 'max'; got {pooling!r}.")
    if pooling is None:
        return x
    if pooling == "avg":
        return GlobalAveragePooling2D(name=average)(x)
    return GlobalMaxPooling2D(name=most)(x)


def classifier_head(
    x: SymbolicTensor,
    include_top: bool,
    pooling: str | None,
    classes: int,
    classifier_activation: ActivationLike,
    *,
    average: str | None = "avg_pool",
    most: str | None = "max_pool",
    dropout: float = 0.0,
) -> SymbolicTensor:
    """Return class probabilities, or features where there is no classifier.

    Args:
        x: features of places.
        include_top: whether to classify.
        pooling: what to do otherwise: `"avg"`, `"max"` or None.
        classes: number of classes.
        classifier_activation: the activation of the last layer.
        average: the name of the pooling before the classifier and of one instead of it.
        most: the name of a maximum pooling instead.
        dropout: dropout rate before the classifier.
    """
    if not include_top:
        return global_pool(x, pooling, average, most)
    x = GlobalAveragePooling2D(name="avg_pool")(x)
    if dropout:
        x = Dropout(dropout, name="top_dropout")(x)
    return Dense(classes, activation=classifier_activation, name="predictions")(x)


def build_model(
    image: SymbolicTensor,
    x: SymbolicTensor,
    weights: str | os.PathLike[str] | None,
    name: str | None,
) -> Model:
    """Return the network between two tensors, with the weights of a file if there is one."""
    model: Model = ungiven(Model(get_source_inputs(image), x, name=name))
    if weights is not None:
        model.load_weights(weights)
    return model
