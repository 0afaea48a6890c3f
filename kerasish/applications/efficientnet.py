"""EfficientNet: compound scaling of depth, width and resolution (Tan & Le, 2019)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._mbconv import (
    batch_norm,
    convolution,
    dense,
    residual_add,
    squeeze_excite,
)
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
    Dropout,
    GlobalAveragePooling2D,
    Normalization,
    Rescaling,
)
from kerasish.models import Model

__all__ = [
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "decode_predictions",
    "preprocess_input",
]

# Kernel, how many blocks, filters, how much wider inside, and strides of the first.
_STAGES = (
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
)
_DROPPED = 0.2  # how often the last block is left out in training
_DEVIATION = (0.229, 0.224, 0.225)  # of the pixels of ImageNet


class _Scale(NamedTuple):
    """How much wider and deeper than B0, for images of which size, and the dropout at the end."""

    width: float
    depth: float
    size: int
    dropout: float


def _efficientnet(
    scale: _Scale,
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Return an EfficientNet (Tan & Le, 2019).

    It takes pixels from 0 to 255.

    Args:
        scale: how large it is.
        include_top: whether to include the classifier.
        weights: path of a weights file, or None for random initialization.
        input_tensor: symbolic tensor to use as the input.
        input_shape: the shape of an image; with a classifier 224, 240, 260, 300, 380, 456, 528
            or 600 pixels high and wide, from B0 to B7.
        pooling: without a classifier: `"avg"` or `"max"` for global pooling, None for the feature
            map.
        classes: number of classes.
        classifier_activation: the activation of the classifier.
        name: the name of the model.

    Raises:
        ArgumentError: if the weights file does not exist, or the shape or pooling is invalid.
    """
    image = image_input(
        weights, input_shape, input_tensor, size=scale.size, least=32, whole=include_top
    )

    def build(published: bool) -> Model:
        x = _features(image, scale, published)
        if include_top:
            x = GlobalAveragePooling2D(name="avg_pool")(x)
            x = Dropout(scale.dropout, name="top_dropout")(x)
            x = dense(x, classes, classifier_activation)
        else:
            x = global_pool(x, pooling, "avg_pool", "max_pool")
        return build_model(image, x, weights, name)

    model = build(published=False)
    return build(published=True) if weights is not None and _is_published(model) else model


def _is_published(model: Model) -> bool:
    """Return whether the weights are those of ImageNet, of Keras's making.

    They hold the standard deviation of the pixels in place of the variance.
    """
    variance = model.get_layer("normalization").get_weights()[1]
    return variance.shape == (3,) and bool(np.allclose(variance, _DEVIATION, atol=1e-4))


def _features(image: SymbolicTensor, scale: _Scale, published: bool) -> SymbolicTensor:
    """Return features of places."""
    x = Normalization(axis=channel_axis(), name="normalization")(Rescaling(1 / 255)(image))
    if published:
        # The layer before has divided by the root of the deviation, so it is done once more.
        scale_of = [1 / d**0.5 for d in _DEVIATION]
        x = Rescaling(scale_of if channel_axis() == 3 else [[[s]] for s in scale_of])(x)
    x = pad_for_stride(x, 3, "stem_conv_pad")
    x = convolution(x, _width(scale, 32), 3, "stem_conv", strides=2, padding="valid")
    x = batch_norm(x, "stem_bn", "stem_activation")
    depths = [ceil(scale.depth * count) for _, count, *_ in _STAGES]
    index = 0
    for i, (kernel, _, filters, expansion, first) in enumerate(_STAGES):
        for j in range(depths[i]):
            x = _block(
                x,
                kernel,
                _width(scale, filters),
                expansion,
                first if j == 0 else 1,
                _DROPPED * index / sum(depths),
                f"block{i + 1}{chr(ord('a') + j)}_",
            )
            index += 1
    x = convolution(x, _width(scale, 1280), 1, "top_conv")
    return batch_norm(x, "top_bn", "top_activation")


def _width(scale: _Scale, filters: int) -> int:
    return make_divisible(scale.width * filters)


def _block(
    x: SymbolicTensor,
    kernel: int,
    filters: int,
    expansion: int,
    strides: int,
    rate: float,
    name: str,
) -> SymbolicTensor:
    """Return a narrow output of a wide depthwise convolution, plus the input if it fits."""
    before, channels = x, num_channels(x)
    if expansion > 1:
        x = convolution(x, channels * expansion, 1, f"{name}expand_conv")
        x = batch_norm(x, f"{name}expand_bn", f"{name}expand_activation")
    if strides > 1:
        x = pad_for_stride(x, kernel, f"{name}dwconv_pad")
    padding = "valid" if strides > 1 else "same"
    x = convolution(x, None, kernel, f"{name}dwconv", strides=strides, padding=padding)
    x = batch_norm(x, f"{name}bn", f"{name}activation")
    x = squeeze_excite(x, max(1, channels // 4), name)
    x = convolution(x, filters, 1, f"{name}project_conv")
    x = batch_norm(x, f"{name}project_bn")
    return residual_add(x, before, rate, name) if strides == 1 and channels == filters else x


EfficientNetB0 = variant(
    _efficientnet, "EfficientNetB0", _Scale(1.0, 1.0, 224, 0.2), "efficientnetb0"
)
"""Return the smallest EfficientNet, for images of 224 pixels."""

EfficientNetB1 = variant(
    _efficientnet, "EfficientNetB1", _Scale(1.0, 1.1, 240, 0.2), "efficientnetb1"
)
"""Return an EfficientNet for images of 240 pixels."""

EfficientNetB2 = variant(
    _efficientnet, "EfficientNetB2", _Scale(1.1, 1.2, 260, 0.3), "efficientnetb2"
)
"""Return an EfficientNet for images of 260 pixels."""

EfficientNetB3 = variant(
    _efficientnet, "EfficientNetB3", _Scale(1.2, 1.4, 300, 0.3), "efficientnetb3"
)
"""Return an EfficientNet for images of 300 pixels."""

EfficientNetB4 = variant(
    _efficientnet, "EfficientNetB4", _Scale(1.4, 1.8, 380, 0.4), "efficientnetb4"
)
"""Return an EfficientNet for images of 380 pixels."""

EfficientNetB5 = variant(
    _efficientnet, "EfficientNetB5", _Scale(1.6, 2.2, 456, 0.4), "efficientnetb5"
)
"""Return an EfficientNet for images of 456 pixels."""

EfficientNetB6 = variant(
    _efficientnet, "EfficientNetB6", _Scale(1.8, 2.6, 528, 0.5), "efficientnetb6"
)
"""Return an EfficientNet for images of 528 pixels."""

EfficientNetB7 = variant(
    _efficientnet, "EfficientNetB7", _Scale(2.0, 3.1, 600, 0.5), "efficientnetb7"
)
"""Return the largest EfficientNet, for images of 600 pixels."""

preprocess_input = preprocessing(None)
"""Return the images as they are: the networks normalize them themselves."""
