"""MobileNet: depthwise separable convolutions (Howard et al., 2017)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._shared import channel_axis, preprocessing, spatial_sizes
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    ReLU,
    Reshape,
    ZeroPadding2D,
)
from kerasish.models import Model

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

# Filters and strides of each block.
_BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)


def MobileNet(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 0.001,
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Return a MobileNet (Howard et al., 2017).

    Args:
        input_shape: the shape of an image; (224, 224, 3) with a classifier.
        alpha: width multiplier: factor of the numbers of filters.
        depth_multiplier: number of depthwise filters for each channel.
        dropout: dropout rate before the classifier.
        include_top: whether to include the classifier.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        classes: number of classes.
        classifier_activation: the activation of the classifier.
        name: the name of the model.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid.

    Examples:
        >>> MobileNet((32, 32, 3), alpha=0.25, weights=None, classes=10).output_shape
        (None, 10)
    """
    image = image_input(weights, input_shape, input_tensor, size=224, least=32, whole=include_top)
    x = Conv2D(int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")(image)
    x = _batch_norm(x, "conv1")
    for i, (filters, strides) in enumerate(_BLOCKS, 1):
        x = _block(x, int(filters * alpha), depth_multiplier, strides, i)
    if include_top:
        x = GlobalAveragePooling2D(keepdims=True)(x)
        x = Dropout(dropout, name="dropout")(x)
        x = Conv2D(classes, 1, padding="same", name="conv_preds")(x)
        x = Reshape((classes,), name="reshape_2")(x)
        x = Activation(classifier_activation, name="predictions")(x)
    else:
        x = global_pool(x, pooling)
    name = name or f"mobilenet_{alpha:.2f}_{spatial_sizes(image)[0]}"
    return build_model(image, x, weights, name)


def _block(
    x: SymbolicTensor, filters: int, multiplier: int, strides: int, index: int
) -> SymbolicTensor:
    """Return what a depthwise and a pointwise convolution make of the input."""
    if strides > 1:
        x = ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{index}")(x)
    x = DepthwiseConv2D(
        3,
        strides=strides,
        padding="valid" if strides > 1 else "same",
        depth_multiplier=multiplier,
        use_bias=False,
        name=f"conv_dw_{index}",
    )(x)
    x = _batch_norm(x, f"conv_dw_{index}")
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{index}")(x)
    return _batch_norm(x, f"conv_pw_{index}")


def _batch_norm(x: SymbolicTensor, name: str) -> SymbolicTensor:
    x = BatchNormalization(axis=channel_axis(-1), name=f"{name}_bn")(x)
    return ReLU(6.0, name=f"{name}_relu")(x)


preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
