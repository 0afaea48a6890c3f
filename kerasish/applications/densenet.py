"""DenseNet: densely connected blocks (Huang et al., 2017)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, classifier_head, image_input
from kerasish.applications._shared import channel_axis, num_channels, preprocessing, variant
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)
from kerasish.models import Model

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

_GROWTH = 32  # channels that each layer adds


def _densenet(
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
    """Return a densely connected network (Huang et al., 2017).

    Args:
        depths: number of layers of each stage.
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
    x = ZeroPadding2D(3)(image)
    x = Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = _batch_norm(x, "conv1")
    x = ZeroPadding2D(1)(x)
    x = MaxPooling2D(3, strides=2, name="pool1")(x)
    for i, depth in enumerate(depths, 2):
        if i > 2:
            x = _transition(x, f"pool{i - 1}")
        for j in range(1, depth + 1):
            x = _layer(x, f"conv{i}_block{j}")
    x = _batch_norm(x)
    x = classifier_head(x, include_top, pooling, classes, classifier_activation)
    return build_model(image, x, weights, name)


def _layer(x: SymbolicTensor, name: str) -> SymbolicTensor:
    """Return the input with a few channels more."""
    more = _batch_norm(x, f"{name}_0")
    more = Conv2D(4 * _GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(more)
    more = _batch_norm(more, f"{name}_1")
    more = Conv2D(_GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(more)
    return Concatenate(axis=channel_axis(), name=f"{name}_concat")([x, more])


def _transition(x: SymbolicTensor, name: str) -> SymbolicTensor:
    """Return half the channels at half the size."""
    x = _batch_norm(x, name)
    x = Conv2D(num_channels(x) // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _batch_norm(x: SymbolicTensor, name: str = "") -> SymbolicTensor:
    prefix = f"{name}_" if name else ""
    x = BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=f"{prefix}bn")(x)
    return Activation("relu", name=f"{prefix}relu")(x)


DenseNet121 = variant(_densenet, "DenseNet121", (6, 12, 24, 16), "densenet121")
"""Return a DenseNet of 121 layers."""

DenseNet169 = variant(_densenet, "DenseNet169", (6, 12, 32, 32), "densenet169")
"""Return a DenseNet of 169 layers."""

DenseNet201 = variant(_densenet, "DenseNet201", (6, 12, 48, 32), "densenet201")
"""Return a DenseNet of 201 layers."""

preprocess_input = preprocessing("torch")
"""Return images preprocessed for this network: standardized by ImageNet mean and deviation."""
