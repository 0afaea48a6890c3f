"""Inception V3: parallel branches of factorized convolutions (Szegedy et al., 2016)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, classifier_head, image_input
from kerasish.applications._inception import (
    Convolutions,
    average_pool,
    concatenate,
    convolutions,
    max_pool,
    stem,
)
from kerasish.applications._shared import preprocessing
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.models import Model

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]


def InceptionV3(
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = "inception_v3",
) -> Model:
    """Return an Inception V3 (Szegedy et al., 2016).

    Args:
        include_top: whether to include the classifier.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        input_shape: the shape of an image; (299, 299, 3) with a classifier.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        classes: number of classes.
        classifier_activation: the activation of the classifier.
        name: the name of the model.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid.

    Examples:
        >>> InceptionV3(weights=None, input_shape=(75, 75, 3), classes=10).output_shape
        (None, 10)
    """
    image = image_input(weights, input_shape, input_tensor, size=299, least=75, whole=include_top)
    conv = convolutions()
    x = stem(image, conv)
    for i, width in enumerate((32, 64, 64)):
        x = _spread(x, conv, width, f"mixed{i}")
    branches = [conv(x, (384, 3, 2)), conv(x, (64, 1), (96, 3), (96, 3, 2))]
    x = concatenate([*branches, max_pool(x)], "mixed3")
    for i, width in enumerate((128, 160, 160, 192), 4):
        x = _crossed(x, conv, width, f"mixed{i}")
    branches = [conv(x, (192, 1), (320, 3, 2))]
    branches.append(conv(x, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)))
    x = concatenate([*branches, max_pool(x)], "mixed8")
    for i in range(2):
        x = _forked(x, conv, i)
    x = classifier_head(
        x, include_top, pooling, classes, classifier_activation, average=None, most=None
    )
    return build_model(image, x, weights, name)


def _spread(x: SymbolicTensor, conv: Convolutions, width: int, name: str) -> SymbolicTensor:
    """Return what one, two and three convolutions and a pooling make of the input."""
    branches = [conv(x, (64, 1)), conv(x, (48, 1), (64, 5)), conv(x, (64, 1), (96, 3), (96, 3))]
    return concatenate([*branches, conv(average_pool(x), (width, 1))], name)


def _crossed(x: SymbolicTensor, conv: Convolutions, n: int, name: str) -> SymbolicTensor:
    """Return the same with convolutions of 7 by 7, made of one for each axis."""
    down, across = (7, 1), (1, 7)
    single = conv(x, (192, 1)), conv(x, (n, 1), (n, across), (192, down))
    double = conv(x, (n, 1), (n, down), (n, across), (n, down), (192, across))
    return concatenate([*single, double, conv(average_pool(x), (192, 1))], name)


def _forked(x: SymbolicTensor, conv: Convolutions, index: int) -> SymbolicTensor:
    """Return the same with convolutions for either axis side by side."""

    def fork(x: SymbolicTensor, name: str | None) -> SymbolicTensor:
        return concatenate([conv(x, (384, (1, 3))), conv(x, (384, (3, 1)))], name)

    branches = [conv(x, (320, 1)), fork(conv(x, (384, 1)), f"mixed9_{index}")]
    branches.append(fork(conv(x, (448, 1), (384, 3)), None))
    return concatenate([*branches, conv(average_pool(x), (192, 1))], f"mixed{9 + index}")


preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
