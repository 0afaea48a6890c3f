"""NASNet: normal and reduction cells found by architecture search (Zoph et al., 2018)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from kerasish.applications._builder import build_model, global_pool, image_input
from kerasish.applications._shared import (
    LayerNames,
    channel_axis,
    num_channels,
    pad_for_stride,
    preprocessing,
    spatial_sizes,
    variant,
)
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.types import ActivationLike
from kerasish.layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Cropping2D,
    Dense,
    GlobalAveragePooling2D,
    MaxPooling2D,
    SeparableConv2D,
    ZeroPadding2D,
)
from kerasish.models import Model

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]


class _Architecture(NamedTuple):
    """Channels at the end and the beginning, normal cells of each size, and the size of images."""

    last: int
    stem: int
    cells: int
    size: int
    # Whether a cell after a reduction looks back to what was before the cell before that.
    far: bool


def _nasnet(
    architecture: _Architecture,
    input_shape: Sequence[int | None] | None = None,
    include_top: bool = True,
    weights: str | os.PathLike[str] | None = "imagenet",
    input_tensor: SymbolicTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Return a NASNet (Zoph et al., 2018).

    Args:
        architecture: its cells.
        input_shape: the shape of an image; 224 pixels high and wide for NASNetMobile, 331 for
            NASNetLarge.
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
    """
    image = image_input(
        weights, input_shape, input_tensor, size=architecture.size, least=32, whole=True
    )
    cells = _Cells()
    filters, count = architecture.last // 24, architecture.cells
    x = Conv2D(
        architecture.stem,
        3,
        strides=2,
        use_bias=False,
        kernel_initializer="he_normal",
        name="stem_conv1",
    )(image)
    x = _batch_norm(x, "stem_bn1")
    x, before = cells.reduction(x, None, filters // 4, "stem_1"), x
    x, before = cells.reduction(x, before, filters // 2, "stem_2"), x
    for size in range(3):
        if size:
            smaller = cells.reduction(x, before, filters * 2**size, f"reduce_{size * count}")
            x, before = smaller, before if architecture.far else x
        for i in range(count):
            label = str(size * count + i + (size > 0))
            x, before = cells.normal(x, before, filters * 2**size, label), x
    x = cells.relu(x)
    if include_top:
        x = GlobalAveragePooling2D()(x)
        x = Dense(classes, activation=classifier_activation, name="predictions")(x)
    else:
        x = global_pool(x, pooling)
    return build_model(image, x, weights, name)


class _Cells:
    """The cells of one network: of the last output and the one before it to the next."""

    def __init__(self) -> None:
        self._layer_name = LayerNames()

    def normal(
        self, x: SymbolicTensor, before: SymbolicTensor | None, filters: int, name: str
    ) -> SymbolicTensor:
        """Return a cell that keeps the size."""
        p = self._adjusted(before, x, filters, name)
        h = self._narrowed(x, filters, f"normal_conv_1_{name}", f"normal_bn_1_{name}")

        def separable(x: SymbolicTensor, kernel: int, place: str) -> SymbolicTensor:
            return self._separable(x, filters, kernel, 1, f"normal_{place}_{name}")

        def average_pool(x: SymbolicTensor, place: str) -> SymbolicTensor:
            return _means(x, f"normal_{place}_{name}")

        pairs = [
            [separable(h, 5, "left1"), separable(p, 3, "right1")],
            [separable(p, 5, "left2"), separable(p, 3, "right2")],
            [average_pool(h, "left3"), p],
            [average_pool(p, "left4"), average_pool(p, "right4")],
            [separable(h, 3, "left5"), h],
        ]
        sums = [Add(name=f"normal_add_{i}_{name}")(pair) for i, pair in enumerate(pairs, 1)]
        return _concatenate([p, *sums], f"normal_concat_{name}")

    def reduction(
        self, x: SymbolicTensor, before: SymbolicTensor | None, filters: int, name: str
    ) -> SymbolicTensor:
        """Return a cell that halves the size."""
        p = self._adjusted(before, x, filters, name)
        h = self._narrowed(x, filters, f"reduction_conv_1_{name}", f"reduction_bn_1_{name}")
        padded = pad_for_stride(h, 3, f"reduction_pad_1_{name}")

        def separable(
            x: SymbolicTensor, kernel: int, place: str, strides: int = 2
        ) -> SymbolicTensor:
            return self._separable(x, filters, kernel, strides, f"reduction_{place}_{name}")

        def max_pool(pooling: Any, place: str) -> SymbolicTensor:
            return pooling(3, strides=2, name=f"reduction_{place}_{name}")(padded)

        pair = [separable(h, 5, "left1"), separable(p, 7, "right1")]
        x1 = Add(name=f"reduction_add_1_{name}")(pair)
        pair = [max_pool(MaxPooling2D, "left2"), separable(p, 7, "right2")]
        x2 = Add(name=f"reduction_add_2_{name}")(pair)
        pair = [max_pool(AveragePooling2D, "left3"), separable(p, 5, "right3")]
        x3 = Add(name=f"reduction_add3_{name}")(pair)
        x4 = Add()([x2, _means(x1, f"reduction_left4_{name}")])
        pair = [separable(x1, 3, "left4", strides=1), max_pool(MaxPooling2D, "right5")]
        x5 = Add(name=f"reduction_add4_{name}")(pair)
        return _concatenate([x2, x3, x4, x5], f"reduction_concat_{name}")

    def relu(self, x: SymbolicTensor) -> SymbolicTensor:
        """Return what is positive."""
        return Activation("relu", name=self._layer_name("activation"))(x)

    def _adjusted(
        self, before: SymbolicTensor | None, x: SymbolicTensor, filters: int, name: str
    ) -> SymbolicTensor:
        """Return what was before `x` in the size of `x`, with that many channels."""
        if before is None:
            return x
        if spatial_sizes(before) != spatial_sizes(x):
            p = Activation("relu", name=f"adjust_relu_1_{name}")(before)
            # The second half looks one place further, so that no place is lost.
            shifted = Cropping2D(((1, 0), (1, 0)))(ZeroPadding2D(((0, 1), (0, 1)))(p))
            halves = []
            for i, half in enumerate((p, shifted), 1):
                half = AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_{i}_{name}")(half)
                halves.append(_pointwise(half, filters // 2, f"adjust_conv_{i}_{name}"))
            return _batch_norm(_concatenate(halves, None), f"adjust_bn_{name}")
        if num_channels(before) != filters:
            projection = f"adjust_conv_projection_{name}"
            return self._narrowed(before, filters, projection, f"adjust_bn_{name}")
        return before

    def _narrowed(
        self, x: SymbolicTensor, filters: int, convolution: str, normalization: str
    ) -> SymbolicTensor:
        return _batch_norm(_pointwise(self.relu(x), filters, convolution), normalization)

    def _separable(
        self, x: SymbolicTensor, filters: int, kernel: int, strides: int, name: str
    ) -> SymbolicTensor:
        """Return two separable convolutions of what is positive."""
        x = self.relu(x)
        if strides > 1:
            x = pad_for_stride(x, kernel, f"separable_conv_1_pad_{name}")
        for i, step in ((1, strides), (2, 1)):
            x = x if i == 1 else self.relu(x)
            x = SeparableConv2D(
                filters,
                kernel,
                strides=step,
                padding="valid" if step > 1 else "same",
                use_bias=False,
                name=f"separable_conv_{i}_{name}",
            )(x)
            x = _batch_norm(x, f"separable_conv_{i}_bn_{name}")
        return x


def _pointwise(x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    return Conv2D(
        filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)


def _batch_norm(x: SymbolicTensor, name: str) -> SymbolicTensor:
    return BatchNormalization(axis=channel_axis(-1), momentum=0.9997, name=name)(x)


def _means(x: SymbolicTensor, name: str) -> SymbolicTensor:
    return AveragePooling2D(3, strides=1, padding="same", name=name)(x)


def _concatenate(parts: list[Any], name: str | None) -> SymbolicTensor:
    return Concatenate(axis=channel_axis(-1), name=name)(parts)


NASNetMobile = variant(
    _nasnet, "NASNetMobile", _Architecture(1056, 32, 4, 224, far=False), "nasnet_mobile"
)
"""Return the small NASNet, for images of 224 pixels."""

NASNetLarge = variant(
    _nasnet, "NASNetLarge", _Architecture(4032, 96, 6, 331, far=True), "nasnet_large"
)
"""Return the large NASNet, for images of 331 pixels."""

preprocess_input = preprocessing("tf")
"""Return images preprocessed for this network: scaled to -1 to 1."""
