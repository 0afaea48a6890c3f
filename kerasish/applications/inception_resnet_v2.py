"""Inception-ResNet V2: Inception modules with residual connections (Szegedy et al., 2017)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from kerasish.applications._builder import build_model, classifier_head, image_input
from kerasish.applications._inception import average_pool, concatenate, convolutions, max_pool, stem
from kerasish.applications._shared import channel_axis, num_channels, preprocessing
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import Activation, BatchNormalization, Conv2D
from kerasish.layers.residual import CustomScaleLayer
from kerasish.models import Model

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]

# The branches of each kind of block: the filters and kernels of their convolutions.
_BLOCK35 = (((32, 1),), ((32, 1), (32, 3)), ((32, 1), (48, 3), (64, 3)))
_BLOCK17 = (((192, 1),), ((128, 1), (160, (1, 7)), (192, (7, 1))))
_BLOCK8 = (((192, 1),), ((192, 1), (224, (1, 3)), (256, (3, 1))))


def InceptionResNetV2(
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = "inception_resnet_v2",
) -> Model:
    """Return an Inception-ResNet V2 (Szegedy et al., 2017).

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
        >>> image = (75, 75, 3)
        >>> InceptionResNetV2(weights=None, input_shape=image, classes=10).output_shape
        (None, 10)
    """
    image = image_input(weights, input_shape, input_tensor, size=299, least=75, whole=include_top)
    conv = convolutions()
    x = stem(image, conv)
    branches = [conv(x, (96, 1)), conv(x, (48, 1), (64, 5)), conv(x, (64, 1), (96, 3), (96, 3))]
    x = concatenate([*branches, conv(average_pool(x), (64, 1))], "mixed_5b")

    def blocks(
        x: SymbolicTensor, count: int, kind: Any, scale: float, name: str, last: bool = False
    ) -> SymbolicTensor:
        for i in range(1, count + 1):
            plain = last and i == count
            branches = [conv(x, *each) for each in kind]
            x = _added(x, branches, 1.0 if plain else scale, f"{name}_{i}", relu=not plain)
        return x

    x = blocks(x, 10, _BLOCK35, 0.17, "block35")
    branches = [conv(x, (384, 3, 2)), conv(x, (256, 1), (256, 3), (384, 3, 2))]
    x = concatenate([*branches, max_pool(x)], "mixed_6a")
    x = blocks(x, 20, _BLOCK17, 0.1, "block17")
    branches = [conv(x, (256, 1), (filters, 3, 2)) for filters in (384, 288)]
    branches.append(conv(x, (256, 1), (288, 3), (320, 3, 2)))
    x = concatenate([*branches, max_pool(x)], "mixed_7a")
    x = blocks(x, 10, _BLOCK8, 0.2, "block8", last=True)
    x = Conv2D(1536, 1, padding="same", use_bias=False, name="conv_7b")(x)
    x = BatchNormalization(axis=channel_axis(), scale=False, name="conv_7b_bn")(x)
    x = Activation("relu", name="conv_7b_ac")(x)
    x = classifier_head(
        x, include_top, pooling, classes, classifier_activation, average=None, most=None
    )
    return build_model(image, x, weights, name)


def _added(
    x: SymbolicTensor, branches: list[Any], scale: float, name: str, relu: bool
) -> SymbolicTensor:
    """Return the input plus a part of what the branches make of it."""
    more = concatenate(branches, f"{name}_mixed")
    more = Conv2D(num_channels(x), 1, padding="same", name=f"{name}_conv")(more)
    x = CustomScaleLayer(scale)([x, more])
    return Activation("relu", name=f"{name}_ac")(x) if relu else x


preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
