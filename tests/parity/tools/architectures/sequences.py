"""Convolutions along time, and sound."""

from __future__ import annotations

from typing import Any

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

STEPS = draw((N, 8, 3))
SOUND = draw((N, 256))


@architecture(STEPS, draw((N, 8, 1), seed=1), "mse")
def wave_net(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 3))
    x, skips = layers.Conv1D(4, 1)(start), []
    for rate in (1, 2, 4):
        settings = {"padding": "causal", "dilation_rate": rate}
        y = layers.Multiply()(
            [
                layers.Conv1D(4, 2, activation="tanh", **settings)(x),
                layers.Conv1D(4, 2, activation="sigmoid", **settings)(x),
            ]
        )
        skips.append(layers.Conv1D(4, 1)(y))
        x = layers.Add()([x, skips[-1]])
    return k.Model(start, layers.Conv1D(1, 1)(layers.ReLU()(layers.Add()(skips))))


@architecture(STEPS, draw((N, 8, 2), seed=1), "mse", lambda k: k.optimizers.SGD(0.05))
def along_time(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((8, 3)),
            layers.ZeroPadding1D(1),
            layers.SeparableConv1D(4, 3, activation="relu"),
            layers.DepthwiseConv1D(3, padding="same"),
            layers.MaxPooling1D(),
            layers.SpatialDropout1D(0.0),
            layers.Conv1DTranspose(3, 3, strides=2, padding="same"),
            layers.UpSampling1D(2),
            layers.AveragePooling1D(2),
            layers.ZeroPadding1D(1),
            layers.Cropping1D(1),
            layers.Conv1D(2, 1),
        ]
    )


@architecture(
    STEPS, kinds(), SPARSE, lambda k: k.optimizers.Adam(0.01, gradient_accumulation_steps=2)
)
def locally_pooled(k: Any) -> Any:
    layers = k.layers
    start = k.Input((8, 3))
    x = layers.Conv1D(4, 3, strides=2, groups=1, activation="relu")(start)
    both = [layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)]
    x = layers.Average()([*both, layers.Maximum()(both), layers.Minimum()(both)])
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(SOUND, kinds(), SPARSE, lambda k: k.optimizers.SGD(1e-3))
def spectrogram_of_sound(k: Any) -> Any:
    layers = k.layers
    start = k.Input((256,))
    x = layers.MelSpectrogram(
        num_mel_bins=8, sampling_rate=800, sequence_stride=32, fft_length=64, min_freq=10
    )(start)
    x = layers.Reshape((8, -1, 1))(layers.Rescaling(0.02)(x))
    x = layers.Conv2D(3, 3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(SOUND[..., None], kinds(), SPARSE)
def frequencies_of_sound(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((256, 1)),
            layers.STFTSpectrogram(mode="log", frame_length=64, frame_step=32, fft_length=64),
            layers.LSTM(3),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
