"""The family of VGG16 and VGG19."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import Conv2D, Dense, Flatten, MaxPooling2D
from kerasish.models import Model

__all__ = ["vgg"]

_FILTERS = (64, 128, 256, 512, 512)


def vgg(
    depths: Sequence[int],
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Return a network of plain convolutions (Simonyan & Zisserman, 2015).

    Args:
        depths: number of convolutions before each pooling.
        include_top: whether to include the classifier.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        input_shape: the shape of an image; (224, 224, 3) with a classifier.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        classes: number of classes.
        classifier_activation: the activation of the classifier.
        name: the name of the model.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid.
    """
    image = image_input(weights, input_shape, input_tensor, size=224, least=32, whole=include_top)
    x = image
    for i, (filters, depth) in enumerate(zip(_FILTERS, depths, strict=True), 1):
        for j in range(1, depth + 1):
            conv = Conv2D(filters, 3, activation="relu", padding="same", name=f"block{i}_conv{j}")
            x = conv(x)
        x = MaxPooling2D(2, strides=2, name=f"block{i}_pool")(x)
    if not include_top:
        return build_model(image, global_pool(x, pooling), weights, name)
    x = Flatten(name="flatten")(x)
    x = Dense(4096, activation="relu", name="fc1")(x)
    x = Dense(4096, activation="relu", name="fc2")(x)
    x = Dense(classes, activation=classifier_activation, name="predictions")(x)
    return build_model(image, x, weights, name)
