"""MobileNetV2: inverted residuals with linear bottlenecks (Sandler et al., 2018)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._shared import (
    channel_axis,
    make_divisible,
    num_channels,
    pad_for_stride,
    preprocessing,
    spatial_sizes,
)
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    ReLU,
)
from kerasish.models import Model

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

# Filters, strides of the first, and how many blocks.
_STAGES = ((24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))


def MobileNetV2(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Return a MobileNetV2 (Sandler et al., 2018).

    Args:
        input_shape: the shape of an image; (224, 224, 3) with a classifier.
        alpha: width multiplier: factor of the numbers of filters.
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
        >>> MobileNetV2((32, 32, 3), alpha=0.35, weights=None, classes=10).output_shape
        (None, 10)
    """
    image = image_input(weights, input_shape, input_tensor, size=224, least=32, whole=include_top)
    x = Conv2D(
        make_divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1"
    )(image)
    x = ReLU(6.0, name="Conv1_relu")(_batch_norm(x, "bn_Conv1"))
    x = _block(x, make_divisible(16 * alpha), 1, 1, "expanded_conv")
    index = 0
    for filters, first, count in _STAGES:
        for i in range(count):
            index += 1
            strides = first if i == 0 else 1
            x = _block(x, make_divisible(filters * alpha), strides, 6, f"block_{index}")
    last = make_divisible(1280 * max(alpha, 1.0))
    x = Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    x = ReLU(6.0, name="out_relu")(_batch_norm(x, "Conv_1_bn"))
    if include_top:
        x = GlobalAveragePooling2D()(x)
        x = Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = global_pool(x, pooling)
    name = name or f"mobilenetv2_{alpha:.2f}_{spatial_sizes(image)[0]}"
    return build_model(image, x, weights, name)


def _block(
    x: SymbolicTensor, filters: int, strides: int, expansion: int, name: str
) -> SymbolicTensor:
    """Return a narrow output of a wide depthwise convolution, plus the input if it fits."""
    before, channels = x, num_channels(x)
    if expansion > 1:
        wide = Conv2D(
            expansion * channels, 1, padding="same", use_bias=False, name=f"{name}_expand"
        )
        x = ReLU(6.0, name=f"{name}_expand_relu")(_batch_norm(wide(x), f"{name}_expand_BN"))
    if strides > 1:
        x = pad_for_stride(x, 3, f"{name}_pad")
    x = DepthwiseConv2D(
        3,
        strides=strides,
        padding="valid" if strides > 1 else "same",
        use_bias=False,
        name=f"{name}_depthwise",
    )(x)
    x = ReLU(6.0, name=f"{name}_depthwise_relu")(_batch_norm(x, f"{name}_depthwise_BN"))
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"{name}_project")(x)
    x = _batch_norm(x, f"{name}_project_BN")
    if strides == 1 and channels == filters:
        return Add(name=f"{name}_add")([before, x])
    return x


def _batch_norm(x: SymbolicTensor, name: str) -> SymbolicTensor:
    return BatchNormalization(axis=channel_axis(-1), momentum=0.999, name=name)(x)


preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
