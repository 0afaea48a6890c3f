"""MobileNetV3: searched inverted residuals with squeeze-and-excite (Howard et al., 2019)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._shared import (
    channel_axis,
    make_divisible,
    num_channels,
    pad_for_stride,
    preprocessing,
    variant,
)
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Multiply,
    ReLU,
    Rescaling,
)
from kerasish.models import Model

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]


class _Block(NamedTuple):
    """How much wider it is inside, its filters, its kernel, and what else it has."""

    expansion: float
    filters: int
    kernel: int = 3
    strides: int = 1
    gated: bool = False
    activation: str = "hard_silu"


class _Architecture(NamedTuple):
    """The blocks, and the filters after the last pooling."""

    blocks: tuple[_Block, ...]
    last: int


_SMALL = _Architecture(
    (
        _Block(1, 16, 3, 2, True, "relu"),
        _Block(72 / 16, 24, 3, 2, False, "relu"),
        _Block(88 / 24, 24, 3, 1, False, "relu"),
        _Block(4, 40, 5, 2, True),
        _Block(6, 40, 5, 1, True),
        _Block(6, 40, 5, 1, True),
        _Block(3, 48, 5, 1, True),
        _Block(3, 48, 5, 1, True),
        _Block(6, 96, 5, 2, True),
        _Block(6, 96, 5, 1, True),
        _Block(6, 96, 5, 1, True),
    ),
    1024,
)
_LARGE = _Architecture(
    (
        _Block(1, 16, 3, 1, False, "relu"),
        _Block(4, 24, 3, 2, False, "relu"),
        _Block(3, 24, 3, 1, False, "relu"),
        _Block(3, 40, 5, 2, True, "relu"),
        _Block(3, 40, 5, 1, True, "relu"),
        _Block(3, 40, 5, 1, True, "relu"),
        _Block(6, 80, 3, 2),
        _Block(2.5, 80),
        _Block(2.3, 80),
        _Block(2.3, 80),
        _Block(6, 112, 3, 1, True),
        _Block(6, 112, 3, 1, True),
        _Block(6, 160, 5, 2, True),
        _Block(6, 160, 5, 1, True),
        _Block(6, 160, 5, 1, True),
    ),
    1280,
)


def _mobilenet_v3(
    architecture: _Architecture,
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    minimalistic: bool = False,
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    classes: int = 1000,
    pooling: str | None = None,
    dropout_rate: float = 0.2,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str | None = None,
) -> Model:
    """Return a MobileNetV3 (Howard et al., 2019).

    Args:
        architecture: its blocks.
        input_shape: the shape of an image; of any size by default.
        alpha: width multiplier: factor of the numbers of filters.
        minimalistic: whether to do without gates, kernels of 5 and `hard_silu`.
        include_top: whether to include the classifier.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        classes: number of classes.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        dropout_rate: dropout rate before the classifier.
        classifier_activation: the activation of the classifier.
        include_preprocessing: whether the network itself brings pixels to -1 to 1.
        name: the name of the model.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid.
    """
    image = image_input(weights, input_shape, input_tensor, size=None, least=32, whole=include_top)
    activation = "relu" if minimalistic else "hard_silu"
    x = Rescaling(1 / 127.5, -1.0)(image) if include_preprocessing else image
    x = Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _activated(_batch_norm(x, "conv_bn"), activation)
    for i, block in enumerate(architecture.blocks):
        if minimalistic:
            block = block._replace(kernel=3, gated=False, activation="relu")
        filters = make_divisible(block.filters * alpha)
        x = _block(x, block, filters, f"expanded_conv_{i}" if i else "expanded_conv")
    last = make_divisible(6 * num_channels(x))
    x = Conv2D(last, 1, padding="same", use_bias=False, name="conv_1")(x)
    x = _activated(_batch_norm(x, "conv_1_bn"), activation)
    if include_top:
        x = GlobalAveragePooling2D(keepdims=True)(x)
        width = architecture.last if alpha <= 1 else make_divisible(architecture.last * alpha)
        x = Conv2D(width, 1, padding="same", name="conv_2")(x)
        x = _activated(x, activation)
        x = Dropout(dropout_rate)(x) if dropout_rate > 0 else x
        x = Conv2D(classes, 1, padding="same", name="logits")(x)
        x = Activation(classifier_activation, name="predictions")(Flatten()(x))
    else:
        x = global_pool(x, pooling, "avg_pool", "max_pool")
    return build_model(image, x, weights, name)


def _block(x: SymbolicTensor, block: _Block, filters: int, name: str) -> SymbolicTensor:
    """Return a narrow output of a wide depthwise convolution, plus the input if it fits."""
    before, channels = x, num_channels(x)
    wide = make_divisible(channels * block.expansion)
    if name != "expanded_conv":  # the first block is as wide inside as it is outside
        x = Conv2D(wide, 1, padding="same", use_bias=False, name=f"{name}_expand")(x)
        x = _activated(_batch_norm(x, f"{name}_expand_bn"), block.activation)
    if block.strides > 1:
        x = pad_for_stride(x, block.kernel, f"{name}_depthwise_pad")
    x = DepthwiseConv2D(
        block.kernel,
        strides=block.strides,
        padding="valid" if block.strides > 1 else "same",
        use_bias=False,
        name=f"{name}_depthwise",
    )(x)
    x = _activated(_batch_norm(x, f"{name}_depthwise_bn"), block.activation)
    if block.gated:
        x = _squeeze_excite(x, wide, f"{name}_squeeze_excite")
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"{name}_project")(x)
    x = _batch_norm(x, f"{name}_project_bn")
    if block.strides == 1 and channels == filters:
        return Add(name=f"{name}_add")([before, x])
    return x


def _squeeze_excite(x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    """Return channels times what the means of all of them say (Hu et al., 2018)."""
    gate = GlobalAveragePooling2D(keepdims=True, name=f"{name}_avg_pool")(x)
    gate = Conv2D(make_divisible(filters / 4), 1, padding="same", name=f"{name}_conv")(gate)
    gate = ReLU(name=f"{name}_relu")(gate)
    gate = Conv2D(filters, 1, padding="same", name=f"{name}_conv_1")(gate)
    gate = ReLU(6.0)(gate + 3.0) * (1.0 / 6.0)  # a hard sigmoid, in the layers that files have
    return Multiply(name=f"{name}_mul")([x, gate])


def _activated(x: SymbolicTensor, activation: str) -> SymbolicTensor:
    return ReLU()(x) if activation == "relu" else Activation(activation)(x)


def _batch_norm(x: SymbolicTensor, name: str) -> SymbolicTensor:
    return BatchNormalization(axis=channel_axis(-1), momentum=0.999, name=name)(x)


MobileNetV3Small = variant(_mobilenet_v3, "MobileNetV3Small", _SMALL, "MobileNetV3Small")
"""Return a small MobileNetV3."""

MobileNetV3Large = variant(_mobilenet_v3, "MobileNetV3Large", _LARGE, "MobileNetV3Large")
"""Return a large MobileNetV3."""

preprocess_input = preprocessing(None)
"""Return the images as they are: the networks bring them to -1 to 1 themselves."""
