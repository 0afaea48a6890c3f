"""ConvNeXt: a modernized convolutional network (Liu et al., 2022)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kerasish import config
from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._shared import num_channels, preprocessing, variant
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    LayerNormalization,
    Normalization,
)
from kerasish.layers.residual import LayerScale
from kerasish.models import Model, Sequential

__all__ = [
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "decode_predictions",
    "preprocess_input",
]

# Of the pixels of ImageNet, from 0 to 1.
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)

# How many blocks of each size, and the channels of the first size, which double.
_Architecture = tuple[tuple[int, ...], int]


def _convnext(
    architecture: _Architecture,
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Return a ConvNeXt (Liu et al., 2022).

    Args:
        architecture: its depths and widths.
        include_top: whether to include the classifier.
        include_preprocessing: whether the network itself normalizes pixels from 0 to 255.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        input_shape: the shape of an image; (224, 224, 3) with a classifier.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        classes: number of classes.
        classifier_activation: the activation of the classifier.
        name: the name of the model, which those of its layers begin with.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid, or
            images have their channels first.
    """
    if config.image_data_format() == "channels_first":
        raise ArgumentError(
            "ConvNeXt takes images with their channels last: call "
            "`kerasish.config.set_image_data_format('channels_last')` before."
        )
    image = image_input(weights, input_shape, input_tensor, size=224, least=32, whole=include_top)
    depths, channels = architecture
    x = _rescaled(image, f"{name}_prestem_normalization") if include_preprocessing else image
    convolve = Conv2D(channels, 4, strides=4, name=f"{name}_stem_conv")
    x = Sequential([convolve, _normalization(f"{name}_stem_layernorm")], name=f"{name}_stem")(x)
    for i, depth in enumerate(depths):
        if i:
            convolve = Conv2D(
                channels * 2**i, 2, strides=2, name=f"{name}_downsampling_conv_{i - 1}"
            )
            normalize = _normalization(f"{name}_downsampling_layernorm_{i - 1}")
            halve = Sequential([normalize, convolve], name=f"{name}_downsampling_block_{i - 1}")
            x = halve(x)
        for j in range(depth):
            x = _block(x, f"{name}_stage_{i}_block_{j}")
    if include_top:
        x = GlobalAveragePooling2D(name=f"{name}_head_gap")(x)
        x = _normalization(f"{name}_head_layernorm")(x)
        x = Dense(classes, activation=classifier_activation, name=f"{name}_head_dense")(x)
    else:
        x = _normalization(None)(global_pool(x, pooling))
    return build_model(image, x, weights, name)


def _rescaled(image: SymbolicTensor, name: str) -> SymbolicTensor:
    return Normalization(
        mean=[255 * m for m in _MEAN], variance=[(255 * d) ** 2 for d in _DEVIATION], name=name
    )(image)


def _normalization(name: str | None) -> LayerNormalization:
    return LayerNormalization(epsilon=1e-6, name=name)


def _block(x: SymbolicTensor, name: str) -> SymbolicTensor:
    """Return the input plus what a wide kernel and two dense layers make of it."""
    filters = num_channels(x)
    more = Conv2D(filters, 7, padding="same", groups=filters, name=f"{name}_depthwise_conv")(x)
    more = _normalization(f"{name}_layernorm")(more)
    more = Dense(4 * filters, name=f"{name}_pointwise_conv_1")(more)
    more = Activation("gelu", name=f"{name}_gelu")(more)
    more = Dense(filters, name=f"{name}_pointwise_conv_2")(more)
    more = LayerScale(1e-6, filters, name=f"{name}_layer_scale")(more)
    more = Activation("linear", name=f"{name}_identity")(more)
    return x + more


ConvNeXtTiny = variant(_convnext, "ConvNeXtTiny", ((3, 3, 9, 3), 96), "convnext_tiny")
"""Return the smallest ConvNeXt."""

ConvNeXtSmall = variant(_convnext, "ConvNeXtSmall", ((3, 3, 27, 3), 96), "convnext_small")
"""Return a ConvNeXt that is deeper than the smallest."""

ConvNeXtBase = variant(_convnext, "ConvNeXtBase", ((3, 3, 27, 3), 128), "convnext_base")
"""Return the ConvNeXt of middle size."""

ConvNeXtLarge = variant(_convnext, "ConvNeXtLarge", ((3, 3, 27, 3), 192), "convnext_large")
"""Return a large ConvNeXt."""

ConvNeXtXLarge = variant(_convnext, "ConvNeXtXLarge", ((3, 3, 27, 3), 256), "convnext_xlarge")
"""Return the largest ConvNeXt."""

preprocess_input = preprocessing(None)
"""Return the images as they are: the networks normalize them themselves."""
