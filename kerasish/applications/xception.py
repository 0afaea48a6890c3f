"""Xception: depthwise separable convolutions with residual connections (Chollet, 2017)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, classifier_head, image_input
from kerasish.applications._shared import channel_axis, preprocessing
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    SeparableConv2D,
)
from kerasish.models import Model

__all__ = ["Xception", "decode_predictions", "preprocess_input"]


def Xception(
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = "xception",
) -> Model:
    """Return an Xception (Chollet, 2017).

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
        >>> Xception(weights=None, input_shape=(71, 71, 3), classes=10).output_shape
        (None, 10)
    """
    image = image_input(weights, input_shape, input_tensor, size=299, least=71, whole=include_top)
    x = Conv2D(32, 3, strides=2, use_bias=False, name="block1_conv1")(image)
    x = _relu(_batch_norm(x, "block1_conv1_bn"), "block1_conv1_act")
    x = Conv2D(64, 3, use_bias=False, name="block1_conv2")(x)
    x = _relu(_batch_norm(x, "block1_conv2_bn"), "block1_conv2_act")
    for i, filters in enumerate((128, 256, 728), 2):
        x = _shrinking(x, (filters, filters), i)
    for i in range(5, 13):
        more = x
        for j in (1, 2, 3):
            more = _separable(_relu(more, f"block{i}_sepconv{j}_act"), 728, f"block{i}_sepconv{j}")
        x = Add()([more, x])
    x = _shrinking(x, (728, 1024), 13)
    for j, filters in ((1, 1536), (2, 2048)):
        x = _separable(x, filters, f"block14_sepconv{j}")
        x = _relu(x, f"block14_sepconv{j}_act")
    x = classifier_head(
        x, include_top, pooling, classes, classifier_activation, average=None, most=None
    )
    return build_model(image, x, weights, name)


def _shrinking(x: SymbolicTensor, filters: tuple[int, int], index: int) -> SymbolicTensor:
    """Return half the size: two separable convolutions and a pooling, plus a plain convolution."""
    name = f"block{index}_sepconv"
    shortcut = Conv2D(filters[1], 1, strides=2, padding="same", use_bias=False)(x)
    shortcut = BatchNormalization(axis=channel_axis(-1))(shortcut)
    if index > 2:  # the first of these blocks gets what is rectified already
        x = _relu(x, f"{name}1_act")
    x = _separable(x, filters[0], f"{name}1")
    x = _separable(_relu(x, f"{name}2_act"), filters[1], f"{name}2")
    x = MaxPooling2D(3, strides=2, padding="same", name=f"block{index}_pool")(x)
    return Add()([x, shortcut])


def _separable(x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    x = SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return _batch_norm(x, f"{name}_bn")


def _batch_norm(x: SymbolicTensor, name: str) -> SymbolicTensor:
    return BatchNormalization(axis=channel_axis(-1), name=name)(x)


def _relu(x: SymbolicTensor, name: str) -> SymbolicTensor:
    return Activation("relu", name=name)(x)


preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
