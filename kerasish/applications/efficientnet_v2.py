"""EfficientNetV2: EfficientNet with fused MBConv blocks (Tan & Le, 2021)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from math import ceil
from typing import NamedTuple

from kerasish.applications import _mbconv
from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._mbconv import convolution, dense, residual_add, squeeze_excite
from kerasish.applications._shared import channel_axis, num_channels, preprocessing, variant
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.initializers import Constant
from kerasish.layers import Dropout, GlobalAveragePooling2D, Normalization, Rescaling
from kerasish.models import Model

__all__ = [
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "decode_predictions",
    "preprocess_input",
]

_DROPPED = 0.2  # how often the last block is left out in training, where depth is 1
_MEAN = (0.485, 0.456, 0.406)  # of the pixels of ImageNet
_DEVIATION = (0.229, 0.224, 0.225)

batch_norm = partial(_mbconv.batch_norm, momentum=0.9)


class _Stage(NamedTuple):
    """How many blocks, their filters, how much wider inside, strides of the first, and the kind.

    A fused block has one plain convolution in place of a pointwise and a depthwise one.
    """

    blocks: int
    filters: int
    expansion: int
    strides: int
    fused: bool = False


class _Architecture(NamedTuple):
    """The stages, the filters before them, how much wider and deeper, and the size of images."""

    stages: tuple[_Stage, ...]
    stem: int
    size: int
    width: float = 1.0
    depth: float = 1.0
    # What brings the pixels to about -1 to 1: the mean of ImageNet, or nothing but a scale.
    by_mean: bool = False


_BASE = (
    _Stage(1, 16, 1, 1, True),
    _Stage(2, 32, 4, 2, True),
    _Stage(2, 48, 4, 2, True),
    _Stage(3, 96, 4, 2),
    _Stage(5, 112, 6, 1),
    _Stage(8, 192, 6, 2),
)
_SMALL = (
    _Stage(2, 24, 1, 1, True),
    _Stage(4, 48, 4, 2, True),
    _Stage(4, 64, 4, 2, True),
    _Stage(6, 128, 4, 2),
    _Stage(9, 160, 6, 1),
    _Stage(15, 256, 6, 2),
)
_MEDIUM = (
    _Stage(3, 24, 1, 1, True),
    _Stage(5, 48, 4, 2, True),
    _Stage(5, 80, 4, 2, True),
    _Stage(7, 160, 4, 2),
    _Stage(14, 176, 6, 1),
    _Stage(18, 304, 6, 2),
    _Stage(5, 512, 6, 1),
)
_LARGE = (
    _Stage(4, 32, 1, 1, True),
    _Stage(7, 64, 4, 2, True),
    _Stage(7, 96, 4, 2, True),
    _Stage(10, 192, 4, 2),
    _Stage(19, 224, 6, 1),
    _Stage(25, 384, 6, 2),
    _Stage(7, 640, 6, 1),
)


def _efficientnet_v2(
    architecture: _Architecture,
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    include_preprocessing: bool = True,
    name: str | None = None,
) -> Model:
    """Return an EfficientNetV2 (Tan & Le, 2021).

    Args:
        architecture: its blocks.
        include_top: whether to include the classifier.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        input_shape: the shape of an image; with a classifier 224, 240, 260 or 300 pixels high
            and wide for B0 to B3, 384 for S, 480 for M and L.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        classes: number of classes.
        classifier_activation: the activation of the classifier.
        include_preprocessing: whether the network takes pixels from 0 to 255; else from -1 to 1.
        name: the name of the model.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid.
    """
    image = image_input(
        weights, input_shape, input_tensor, size=architecture.size, least=32, whole=include_top
    )
    x = _rescaled(image, architecture.by_mean) if include_preprocessing else image
    x = convolution(x, _width(architecture, architecture.stem), 3, "stem_conv", strides=2)
    x = batch_norm(x, "stem_bn", "stem_activation")
    depths = [ceil(architecture.depth * stage.blocks) for stage in architecture.stages]
    # By the number of blocks before they were made more, as in Keras.
    plain = sum(stage.blocks for stage in architecture.stages)
    index = 0
    for i, stage in enumerate(architecture.stages):
        for j in range(depths[i]):
            block = stage._replace(
                filters=_width(architecture, stage.filters), strides=stage.strides if j == 0 else 1
            )
            rate = _DROPPED * index / plain
            x = _block(x, block, rate, f"block{i + 1}{chr(ord('a') + j)}_")
            index += 1
    x = convolution(x, _width(architecture, 1280), 1, "top_conv")
    x = batch_norm(x, "top_bn", "top_activation")
    if include_top:
        x = GlobalAveragePooling2D(name="avg_pool")(x)
        x = Dropout(0.2, name="top_dropout")(x)
        x = dense(x, classes, classifier_activation, Constant(0.0))
    else:
        x = global_pool(x, pooling, "avg_pool", "max_pool")
    return build_model(image, x, weights, name)


def _rescaled(image: SymbolicTensor, by_mean: bool) -> SymbolicTensor:
    if not by_mean:
        return Rescaling(1 / 128, -1)(image)
    x = Rescaling(1 / 255)(image)
    return Normalization(channel_axis(), _MEAN, [d**2 for d in _DEVIATION])(x)


def _width(architecture: _Architecture, filters: int) -> int:
    """Return the number of filters, wider, to the nearest 8."""
    return max(8, int(architecture.width * filters + 4) // 8 * 8)


def _block(x: SymbolicTensor, block: _Stage, rate: float, name: str) -> SymbolicTensor:
    """Return a narrow output of a wide convolution, plus the input if it fits."""
    before, channels = x, num_channels(x)
    wide, strides = channels * block.expansion, block.strides
    if block.fused and block.expansion == 1:
        x = convolution(x, block.filters, 3, f"{name}project_conv", strides=strides)
        x = batch_norm(x, f"{name}project_bn", f"{name}project_activation")
    else:
        kernel, first = (3, strides) if block.fused else (1, 1)
        x = convolution(x, wide, kernel, f"{name}expand_conv", strides=first)
        x = batch_norm(x, f"{name}expand_bn", f"{name}expand_activation")
        if not block.fused:
            x = convolution(x, None, 3, f"{name}dwconv2", strides=strides)
            x = batch_norm(x, f"{name}bn", f"{name}activation")
            x = squeeze_excite(x, channels // 4, name)
        x = convolution(x, block.filters, 1, f"{name}project_conv")
        x = batch_norm(x, f"{name}project_bn")
    fits = strides == 1 and channels == block.filters
    return residual_add(x, before, rate, name) if fits else x


EfficientNetV2B0 = variant(
    _efficientnet_v2,
    "EfficientNetV2B0",
    _Architecture(_BASE, 32, 224, by_mean=True),
    "efficientnetv2-b0",
)
"""Return the smallest EfficientNetV2, for images of 224 pixels."""

EfficientNetV2B1 = variant(
    _efficientnet_v2,
    "EfficientNetV2B1",
    _Architecture(_BASE, 32, 240, 1.0, 1.1, by_mean=True),
    "efficientnetv2-b1",
)
"""Return an EfficientNetV2 for images of 240 pixels."""

EfficientNetV2B2 = variant(
    _efficientnet_v2,
    "EfficientNetV2B2",
    _Architecture(_BASE, 32, 260, 1.1, 1.2, by_mean=True),
    "efficientnetv2-b2",
)
"""Return an EfficientNetV2 for images of 260 pixels."""

EfficientNetV2B3 = variant(
    _efficientnet_v2,
    "EfficientNetV2B3",
    _Architecture(_BASE, 32, 300, 1.2, 1.4, by_mean=True),
    "efficientnetv2-b3",
)
"""Return an EfficientNetV2 for images of 300 pixels."""

EfficientNetV2S = variant(
    _efficientnet_v2, "EfficientNetV2S", _Architecture(_SMALL, 24, 384), "efficientnetv2-s"
)
"""Return the small EfficientNetV2, for images of 384 pixels."""

EfficientNetV2M = variant(
    _efficientnet_v2, "EfficientNetV2M", _Architecture(_MEDIUM, 24, 480), "efficientnetv2-m"
)
"""Return the medium EfficientNetV2, for images of 480 pixels."""

EfficientNetV2L = variant(
    _efficientnet_v2, "EfficientNetV2L", _Architecture(_LARGE, 32, 480), "efficientnetv2-l"
)
"""Return the large EfficientNetV2, for images of 480 pixels."""

preprocess_input = preprocessing(None)
"""Return the images as they are: the networks normalize them themselves."""
