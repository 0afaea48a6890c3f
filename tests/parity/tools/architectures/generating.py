"""Networks whose output is as large as what they know: autoencoders, generators."""

from __future__ import annotations

from typing import Any

from ..oracle import draw
from .entry import N, architecture

ROWS = draw((N, 6))
IMAGES = draw((N, 8, 8, 1))


@architecture(ROWS, ROWS, "mse", lambda k: k.optimizers.Adadelta(0.5))
def autoencoder(k: Any) -> Any:
    layers = k.layers
    encoder = k.Sequential(
        [k.Input((6,)), layers.GaussianNoise(0.0), layers.Dense(2, "tanh")], name="encoder"
    )
    decoder = k.Sequential([k.Input((2,)), layers.Dense(6)], name="decoder")
    start = k.Input((6,))
    return k.Model(start, decoder(encoder(start)))


@architecture(IMAGES, IMAGES, "mae", lambda k: k.optimizers.Adam(0.01, clipvalue=0.1))
def convolutional_autoencoder(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(2, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
            layers.UpSampling2D(),
            layers.Conv2D(1, 3, padding="same"),
        ]
    )


@architecture(draw((N, 3)), IMAGES, "mse", lambda k: k.optimizers.Lion(0.001))
def generator(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((3,)),
            layers.Dense(16),
            layers.Reshape((2, 2, 4)),
            layers.Conv2DTranspose(4, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh"),
        ]
    )


@architecture(IMAGES, draw((N, 1), seed=3), "mse")
def discriminator(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            layers.Conv2D(3, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.AlphaDropout(0.0),
            layers.Conv2D(4, 4, strides=2, padding="same"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )


@architecture(ROWS, ROWS, "mse")
def variational_autoencoder(k: Any) -> Any:
    """Draws in training only, by a noise whose scale is 0 here, so that two runs are equal."""
    layers, ops = k.layers, k.ops
    start = k.Input((6,))
    x = layers.Dense(5, activation="relu")(start)
    mean, log_variance = layers.Dense(2, name="mean")(x), layers.Dense(2, name="log_variance")(x)
    drawn = layers.GaussianNoise(0.0)(ops.zeros_like(mean))
    z = mean + ops.exp(0.5 * log_variance) * drawn
    return k.Model(start, layers.Dense(6)(layers.Dense(5, activation="relu")(z)))


@architecture([draw((N, 6)), draw((N, 1), seed=5)], ROWS, "mse")
def diffusion_step(k: Any) -> Any:
    layers, ops = k.layers, k.ops
    noisy, time = k.Input((6,), name="noisy"), k.Input((1,), name="time")
    angles = time * ops.array([[1.0, 2.0, 4.0]])
    known = layers.Dense(6)(ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1))
    x = layers.Dense(8, activation="silu")(noisy + known)
    scale, shift = ops.split(layers.Dense(16)(known), 2, axis=-1)
    x = layers.LayerNormalization(center=False, scale=False)(x) * (1.0 + scale) + shift
    return k.Model([noisy, time], layers.Dense(6)(x))
