"""Graphs: shared layers, functions of tensors, models within models."""

from __future__ import annotations

from typing import Any

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

ROWS, OTHERS = draw((N, 6)), draw((N, 6), seed=1)
NUMBERS = draw((N, 1), seed=2)


@architecture([ROWS, OTHERS], kinds(high=2), "binary_crossentropy")
def siamese(k: Any) -> Any:
    layers, ops = k.layers, k.ops
    look = k.Sequential([k.Input((6,)), layers.Dense(5, "relu"), layers.Dense(3)], name="look")
    a, b = k.Input((6,), name="a"), k.Input((6,), name="b")
    distance = ops.abs(layers.Subtract()([look(a), look(b)]))
    return k.Model([a, b], layers.Dense(1, activation="sigmoid")(distance))


@architecture(ROWS, NUMBERS, "mse", lambda k: k.optimizers.SGD(0.01))
def models_in_models(k: Any) -> Any:
    layers = k.layers

    def unit(size: int, name: str) -> Any:
        start = k.Input((6,), name="start")
        inner = k.Sequential([layers.Dense(size, "relu"), layers.Dense(6)], name="inner")
        return k.Model(start, layers.Add()([start, inner(start)]), name=name)

    first, second = unit(4, "first"), unit(5, "second")
    whole = k.Sequential([k.Input((6,)), first, second, layers.BatchNormalization()], name="whole")
    start = k.Input((6,))
    return k.Model(start, layers.Dense(1)(whole(start) + unit(4, "third")(start)))


@architecture(ROWS, NUMBERS)
def functions_of_tensors(k: Any) -> Any:
    layers, ops = k.layers, k.ops
    start = k.Input((6,))
    x = layers.Dense(6)(start)
    left, right = ops.split(x, 2, axis=-1)
    y = ops.stack([left, ops.tanh(right), x[:, ::2]], axis=1)
    y = ops.einsum("bij,bkj->bik", y, y) / ops.sqrt(3.0)
    y = ops.softmax(ops.where(y > 0, y, -1.0), axis=-1)
    y = ops.reshape(ops.transpose(y, (0, 2, 1)), (-1, 9))
    y = ops.concatenate([y, ops.max(x, axis=1, keepdims=True), ops.expand_dims(x[:, 0], 1)], axis=1)
    return k.Model(start, layers.Dense(1)(ops.clip(y, -2.0, 2.0)))


@architecture(ROWS, NUMBERS, "mse", lambda k: k.optimizers.Adafactor(0.01))
def mixture_of_experts(k: Any) -> Any:
    layers, ops = k.layers, k.ops
    start = k.Input((6,))
    gate = layers.Dense(3, activation="softmax", name="gate")(start)
    experts = [layers.Dense(4, "relu", name=f"expert_{i}")(start) for i in range(3)]
    x = ops.sum(ops.stack(experts, axis=1) * gate[:, :, None], axis=1)
    return k.Model(start, layers.Dense(1)(x))


@architecture(ROWS, NUMBERS)
def one_layer_many_times(k: Any) -> Any:
    layers = k.layers
    again, norm = layers.Dense(6, activation="tanh"), layers.LayerNormalization()
    start = x = k.Input((6,))
    for _ in range(3):
        x = norm(again(x))
    return k.Model(start, layers.Dense(1)(layers.Dot(axes=1)([x, start])))


@architecture(ROWS, kinds(), SPARSE)
def deep_and_cross(k: Any) -> Any:
    layers = k.layers
    start = cross = deep = k.Input((6,))
    for _ in range(2):
        cross = layers.Add()([layers.Multiply()([start, layers.Dense(6)(cross)]), cross])
        deep = layers.Dense(5, activation="relu")(deep)
    both = layers.Concatenate()([cross, deep])
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(both))


@architecture(ROWS, NUMBERS)
def frozen_layers(k: Any) -> Any:
    layers = k.layers
    body = k.Sequential([k.Input((6,)), layers.Dense(5, "relu"), layers.BatchNormalization()])
    body.trainable = False
    start = k.Input((6,))
    return k.Model(start, layers.Dense(1)(body(start)))
