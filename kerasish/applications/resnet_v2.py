"""ResNet V2: pre-activation residual networks (He et al., 2016)."""

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

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]


def _resnet_v2(
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
    """Return a residual network with identity mappings (He et al., 2016).

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
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    x = MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for i, (filters, depth) in enumerate(zip((64, 128, 256, 512), depths, strict=True), 2):
        for j in range(1, depth + 1):
            strides = 2 if j == depth and i < 5 else 1
            x = _block(x, filters, strides, j == 1, f"conv{i}_block{j}")
    x = _batch_norm(x, "post")
    x = classifier_head(x, include_top, pooling, classes, classifier_activation)
    return build_model(image, x, weights, name)


def _block(
    x: SymbolicTensor, filters: int, strides: int, widens: bool, name: str
) -> SymbolicTensor:
    """Return the input plus what three convolutions make of it."""
    before = _batch_norm(x, f"{name}_preact")
    if widens:
        shortcut = Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(before)
    else:
        shortcut = MaxPooling2D(1, strides=strides)(x) if strides > 1 else x
    x = Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(before)
    x = _batch_norm(x, f"{name}_1")
    x = ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = Conv2D(filters, 3, strides=strides, use_bias=False, name=f"{name}_2_conv")(x)
    x = _batch_norm(x, f"{name}_2")
    x = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return Add(name=f"{name}_out")([shortcut, x])


def _batch_norm(x: SymbolicTensor, name: str) -> SymbolicTensor:
    x = BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=f"{name}_bn")(x)
    return Activation("relu", name=f"{name}_relu")(x)


ResNet50V2 = variant(_resnet_v2, "ResNet50V2", (3, 4, 6, 3), "resnet50v2")
"""Return a ResNet V2 of 50 layers."""

ResNet101V2 = variant(_resnet_v2, "ResNet101V2", (3, 4, 23, 3), "resnet101v2")
"""Return a ResNet V2 of 101 layers."""

ResNet152V2 = variant(_resnet_v2, "ResNet152V2", (3, 8, 36, 3), "resnet152v2")
"""Return a ResNet V2 of 152 layers."""

preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
