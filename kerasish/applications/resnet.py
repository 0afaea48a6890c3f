"""ResNet: residual networks (He et al., 2015)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, classifier_head, image_input
from kerasish.applications._shared import channel_axis, preprocessing, variant
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)
from kerasish.models import Model

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]


def _resnet(
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
    """Return a residual network (He et al., 2015).

    Args:
        depths: number of blocks of each stage.
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
    x = ZeroPadding2D(3, name="conv1_pad")(image)
    x = Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = _batch_norm(x, "conv1", relu=True)
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    x = MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for i, (filters, depth) in enumerate(zip((64, 128, 256, 512), depths, strict=True), 2):
        for j in range(1, depth + 1):
            strides = 2 if j == 1 and i > 2 else 1
            x = _block(x, filters, strides, j == 1, f"conv{i}_block{j}")
    x = classifier_head(x, include_top, pooling, classes, classifier_activation)
    return build_model(image, x, weights, name)


def _block(
    x: SymbolicTensor, filters: int, strides: int, widens: bool, name: str
) -> SymbolicTensor:
    """Return the input plus what three convolutions make of it."""
    shortcut = x
    if widens:
        shortcut = Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(x)
        shortcut = _batch_norm(shortcut, f"{name}_0")
    x = Conv2D(filters, 1, strides=strides, name=f"{name}_1_conv")(x)
    x = _batch_norm(x, f"{name}_1", relu=True)
    x = Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = _batch_norm(x, f"{name}_2", relu=True)
    x = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = _batch_norm(x, f"{name}_3")
    x = Add(name=f"{name}_add")([shortcut, x])
    return Activation("relu", name=f"{name}_out")(x)


def _batch_norm(x: SymbolicTensor, name: str, relu: bool = False) -> SymbolicTensor:
    x = BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=f"{name}_bn")(x)
    return Activation("relu", name=f"{name}_relu")(x) if relu else x


ResNet50 = variant(_resnet, "ResNet50", (3, 4, 6, 3), "resnet50")
"""Return a ResNet of 50 layers."""

ResNet101 = variant(_resnet, "ResNet101", (3, 4, 23, 3), "resnet101")
"""Return a ResNet of 101 layers."""

ResNet152 = variant(_resnet, "ResNet152", (3, 8, 36, 3), "resnet152")
"""Return a ResNet of 152 layers."""

preprocess_input = preprocessing("caffe")
"""Return images preprocessed for this network: BGR, minus the ImageNet mean."""
