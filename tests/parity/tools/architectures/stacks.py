"""Layers one behind the other, on rows of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

ROWS = draw((N, 6))
NUMBERS = draw((N, 1), seed=1)


@architecture(ROWS, kinds(), SPARSE, metrics=["accuracy"])
def perceptron(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.0),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


@architecture(ROWS, NUMBERS, "mae", lambda k: k.optimizers.SGD(0.05, momentum=0.9, nesterov=True))
def penalties_and_constraints(k: Any) -> Any:
    layers, regularizers, constraints = k.layers, k.regularizers, k.constraints
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(
                5, "tanh", kernel_regularizer="l2", kernel_constraint=constraints.MaxNorm(1.0)
            ),
            layers.Dense(
                4, kernel_regularizer=regularizers.L1L2(0.01, 0.02), bias_constraint="non_neg"
            ),
            layers.ActivityRegularization(l2=0.01),
            layers.Dense(1, kernel_constraint=constraints.UnitNorm(), activity_regularizer="l1"),
        ]
    )


@architecture(ROWS, NUMBERS, "huber", lambda k: k.optimizers.RMSprop(0.01, centered=True))
def activations(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(6),
            layers.PReLU(alpha_initializer="ones"),
            layers.Dense(6),
            layers.LeakyReLU(negative_slope=0.1),
            layers.Dense(6),
            layers.ELU(alpha=0.7),
            layers.Dense(6, activation="gelu"),
            layers.Dense(6, activation=k.activations.silu),
            layers.Activation("mish"),
            layers.ReLU(max_value=6.0, negative_slope=0.01),
            layers.Dense(1, activation="softplus"),
        ]
    )


@architecture(
    np.abs(ROWS) * 10,
    NUMBERS,
    "log_cosh",
    lambda k: k.optimizers.AdamW(k.optimizers.schedules.CosineDecay(0.02, 100), weight_decay=0.01),
)
def prepared_numbers(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Rescaling(0.1, -0.5),
            layers.Normalization(mean=[0.1] * 6, variance=[2.0] * 6),
            layers.Dense(5, activation="selu", kernel_initializer="lecun_normal"),
            layers.Dense(1),
        ]
    )


@architecture(ROWS, NUMBERS, "mse", lambda k: k.optimizers.SGD(0.01, clipnorm=1.0))
def normalizations(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(8),
            layers.BatchNormalization(momentum=0.8),
            layers.Dense(8),
            layers.LayerNormalization(),
            layers.Dense(8),
            layers.GroupNormalization(4),
            layers.Dense(8),
            layers.RMSNormalization(),
            layers.Dense(8),
            layers.UnitNormalization(),
            layers.Dense(1),
        ]
    )


# Between operations, a program may keep more than 16 bits, and which do is up to the compiler.
@architecture(ROWS, NUMBERS, "mse", lambda k: k.optimizers.Nadam(0.01), precision=2**-7)
def mixed_precision(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,)),
            layers.Dense(8, activation="relu", dtype="mixed_bfloat16"),
            layers.LayerNormalization(dtype="mixed_bfloat16"),
            layers.Dense(1, dtype="float32"),
        ]
    )


@architecture(draw((N, 4, 6)), NUMBERS, "mse", lambda k: k.optimizers.Adamax(0.01), metrics=["mae"])
def mixer(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((4, 6)),
            layers.EinsumDense("abc,cd->abd", output_shape=(4, 5), bias_axes="d"),
            layers.Permute((2, 1)),
            layers.Dense(4, activation="gelu"),
            layers.Permute((2, 1)),
            layers.EinsumDense("abc,bcd->ad", output_shape=3, activation="relu"),
            layers.RepeatVector(2),
            layers.Reshape((3, 2)),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


@architecture(ROWS, NUMBERS, "mse", lambda k: k.optimizers.SGD(0.05, 0.9), precision=2**-7)
def short_floats(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((6,), dtype="bfloat16"),
            layers.Dense(8, activation="relu", dtype="bfloat16"),
            layers.Dense(1, dtype="bfloat16"),
        ]
    )


@architecture(ROWS, NUMBERS, "mse", lambda k: k.optimizers.Adagrad(0.05))
def highway(k: Any) -> Any:
    layers = k.layers
    start = x = k.Input((6,))
    for i in range(2):
        gate = layers.Dense(6, "sigmoid", bias_initializer=k.initializers.Constant(-1.0))(x)
        new = layers.Dense(6, "relu", name=f"new_{i}")(x)
        x = gate * new + (1.0 - gate) * x
    return k.Model(start, layers.Dense(1)(x))


@architecture(ROWS, kinds(high=2), "binary_crossentropy", lambda k: k.optimizers.Ftrl(0.05))
def logistic_regression(k: Any) -> Any:
    return k.Sequential([k.Input((6,)), k.layers.Dense(1, activation="sigmoid", name="chance")])
