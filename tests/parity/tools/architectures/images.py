"""Networks that look at images, and at films."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

IMAGES = draw((N, 8, 8, 2))
FIRST = draw((N, 2, 8, 8))
FILMS = draw((N, 3, 6, 6, 1))
MAPS = kinds(8, 8)

SGD = lambda k: k.optimizers.SGD(0.01, momentum=0.9)


@architecture(IMAGES, kinds(), SPARSE, metrics=["accuracy"])
def le_net(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 2)),
            layers.Conv2D(4, 3, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(6, 3, activation="tanh"),
            layers.Flatten(),
            layers.Dense(8, activation="tanh"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


@architecture(IMAGES, kinds(), SPARSE, SGD)
def residual_network(k: Any) -> Any:
    layers = k.layers

    def block(x: Any, filters: int, strides: int) -> Any:
        short = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        for i, step in enumerate((strides, 1)):
            x = layers.Conv2D(filters, 3, step, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x) if i == 0 else x
        return layers.ReLU()(layers.Add()([x, short]))

    start = k.Input((8, 8, 2))
    x = block(block(start, 4, 1), 6, 2)
    x = layers.GlobalAveragePooling2D()(x)
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x), name="residual")


@architecture(IMAGES, kinds(), SPARSE, SGD)
def densely_connected(k: Any) -> Any:
    layers = k.layers
    start = x = k.Input((8, 8, 2))
    for _ in range(2):
        y = layers.Activation("relu")(layers.BatchNormalization()(x))
        y = layers.Conv2D(3, 3, padding="same")(y)
        x = layers.Concatenate()([x, y])
    x = layers.GlobalMaxPooling2D()(layers.AveragePooling2D(2)(x))
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(IMAGES, kinds(), SPARSE, lambda k: k.optimizers.Adam(0.01, amsgrad=True))
def inception(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 8, 2))
    branches = [
        layers.Conv2D(2, 1, activation="relu")(start),
        layers.Conv2D(2, 3, padding="same", activation="relu")(start),
        layers.Conv2D(2, 5, padding="same", activation="relu")(start),
        layers.Conv2D(2, 1)(layers.MaxPooling2D(3, strides=1, padding="same")(start)),
    ]
    x = layers.Dropout(0.0)(layers.concatenate(branches))
    x = layers.Flatten()(layers.MaxPooling2D(4)(x))
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(IMAGES, kinds(), SPARSE, SGD)
def separable_with_squeeze_and_excitation(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 8, 2))
    x = layers.ZeroPadding2D(((1, 0), (0, 1)))(start)
    x = layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2, use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.SeparableConv2D(6, 3, padding="same", activation="hard_swish")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(2, 1, activation="relu")(gate)
    x = layers.Multiply()([x, layers.Conv2D(6, 1, activation="hard_sigmoid")(gate)])
    x = layers.Flatten()(x)
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(FIRST, kinds(), SPARSE, SGD)
def channels_first(k: Any) -> Any:
    layers = k.layers
    first = {"data_format": "channels_first"}
    return k.Sequential(
        [
            k.Input((2, 8, 8)),
            layers.Conv2D(4, 3, padding="same", use_bias=False, **first),
            layers.BatchNormalization(axis=1),
            layers.PReLU(shared_axes=[2, 3]),
            layers.MaxPooling2D(2, **first),
            layers.Conv2D(4, 3, groups=2, activation="relu", **first),
            layers.GlobalAveragePooling2D(**first),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


@architecture(IMAGES, MAPS, SPARSE)
def dilated_segmentation(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 2)),
            layers.Conv2D(4, 3, dilation_rate=2, padding="same", activation="relu"),
            layers.SpatialDropout2D(0.0),
            layers.Conv2D(4, 3, groups=2, padding="same", activation="relu"),
            layers.GroupNormalization(2),
            layers.Conv2D(CLASSES, 1, activation="softmax"),
        ]
    )


@architecture(IMAGES, MAPS, SPARSE)
def u_net(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 8, 2))
    top = layers.Conv2D(3, 3, padding="same", activation="relu")(start)
    middle = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.MaxPooling2D()(top))
    x = layers.Conv2D(5, 3, padding="same", activation="relu")(layers.MaxPooling2D()(middle))
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(x)
    x = layers.Conv2D(4, 3, padding="same")(layers.Concatenate()([x, middle]))
    x = layers.UpSampling2D(interpolation="bilinear")(x)
    x = layers.Concatenate()([x, layers.Cropping2D(1)(layers.ZeroPadding2D(1)(top))])
    return k.Model(start, layers.Conv2D(CLASSES, 1, activation="softmax")(x))


@architecture(IMAGES, kinds(), SPARSE, lambda k: k.optimizers.Lamb(0.01))
def conv_next(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 8, 2))
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Conv2D(4, 2, strides=2)(start))
    y = layers.DepthwiseConv2D(3, padding="same")(x)
    y = layers.Dense(8, activation="gelu")(layers.LayerNormalization()(y))
    x = layers.Add()([x, layers.Dense(4)(y)])
    x = layers.LayerNormalization()(layers.GlobalAveragePooling2D()(x))
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(IMAGES, kinds(), SPARSE, SGD)
def vision_transformer(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 8, 2))
    x = layers.Reshape((4, 6))(layers.Conv2D(6, 4, strides=4)(start))
    places = k.ops.cumsum(k.ops.ones_like(x[:, :, 0]), axis=1) - 1.0
    x = x + layers.Embedding(4, 6)(places)
    y = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(2, 3)(y, y)
    y = layers.Dense(8, activation="gelu")(layers.LayerNormalization()(x))
    x = x + layers.Dense(6)(y)
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x[:, 0]))


@architecture(FILMS, kinds(), SPARSE)
def film_3d(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((3, 6, 6, 1)),
            layers.ZeroPadding3D((1, 0, 0)),
            layers.Conv3D(3, 3, padding="same", activation="relu"),
            layers.MaxPooling3D((1, 2, 2)),
            layers.Conv3DTranspose(2, 2),
            layers.Cropping3D(((1, 1), (0, 0), (0, 0))),
            layers.UpSampling3D((1, 2, 2)),
            layers.AveragePooling3D(2),
            layers.GlobalMaxPooling3D(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


@architecture(draw((N, 32, 32, 3)))
def mobile_net(k: Any) -> Any:
    model = k.applications.MobileNet(
        (32, 32, 3), 0.25, weights=None, classes=CLASSES, classifier_activation=None, name="mobile"
    )
    for variable in model.weights:
        if variable.name == "moving_variance":  # as it begins, next to nothing reaches the end
            variable.assign(np.full(variable.shape, 0.05, "float32"))
    return model
