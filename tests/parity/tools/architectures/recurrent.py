"""Networks that go through a sequence step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

STEPS = draw((N, 5, 3))
PADDED = STEPS.copy()
PADDED[:2, 3:] = 0.0
WORDS = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 1, 2], [2, 2, 0, 0, 0], [6, 5, 4, 3, 2]], "int32")
NUMBERS = draw((N, 1), seed=1)


@architecture(WORDS, kinds(), SPARSE, metrics=["accuracy"])
def gru_of_words(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((5,), dtype="int32"),
            layers.Embedding(7, 4, mask_zero=True),
            layers.Bidirectional(layers.GRU(3, return_sequences=True)),
            layers.Bidirectional(layers.GRU(3, reset_after=False), merge_mode="sum"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


@architecture(PADDED, NUMBERS, "mse", lambda k: k.optimizers.RMSprop(0.01, momentum=0.5))
def stacked_lstms_behind_a_mask(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((5, 3)),
            layers.Masking(),
            layers.LSTM(4, return_sequences=True),
            layers.LSTM(3, unit_forget_bias=False, go_backwards=True),
            layers.Dense(1),
        ]
    )


@architecture(STEPS, NUMBERS, "mse")
def simple_recurrence(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((5, 3)),
            layers.SimpleRNN(4, return_sequences=True, unroll=True),
            layers.TimeDistributed(layers.Dense(3, activation="relu")),
            layers.SimpleRNN(2, kernel_regularizer="l2"),
            layers.Dense(1),
        ]
    )


@architecture(STEPS[:2])
def stateful_lstm(k: Any) -> Any:
    return k.Sequential(
        [
            k.Input(batch_shape=(2, 5, 3)),
            k.layers.LSTM(4, stateful=True),
            k.layers.Dense(1),
        ]
    )


@architecture(STEPS, NUMBERS, "mse")
def cells_in_a_stack(k: Any) -> Any:
    layers = k.layers
    cells = [layers.LSTMCell(3), layers.GRUCell(4), layers.SimpleRNNCell(2)]
    return k.Sequential([k.Input((5, 3)), layers.RNN(cells), layers.Dense(1)])


@architecture([STEPS, draw((N, 4, 2), seed=2)], kinds(4), SPARSE)
def encoder_and_decoder(k: Any) -> Any:
    layers = k.layers
    source, target = k.Input((5, 3), name="source"), k.Input((4, 2), name="target")
    _, hidden, carry = layers.LSTM(4, return_state=True, name="encoder")(source)
    decoder = layers.LSTM(4, return_sequences=True, name="decoder")
    x = decoder(target, initial_state=[hidden, carry])
    return k.Model([source, target], layers.Dense(CLASSES, activation="softmax")(x))


@architecture([STEPS, draw((N, 4, 3), seed=2)], draw((N, 4, 2), seed=3))
def decoder_that_attends(k: Any) -> Any:
    layers = k.layers
    source, target = k.Input((5, 3), name="source"), k.Input((4, 3), name="target")
    known, state = layers.GRU(4, return_sequences=True, return_state=True)(source)
    x = layers.GRU(4, return_sequences=True)(target, initial_state=state)
    x = layers.Concatenate()(
        [
            x,
            layers.Attention(use_scale=True, name="products")([x, known]),
            layers.AdditiveAttention(name="sums")([x, known]),
        ]
    )
    return k.Model([source, target], layers.Dense(2)(x))


@architecture(draw((N, 3, 6, 6, 1)), kinds(), SPARSE)
def images_in_time(k: Any) -> Any:
    layers = k.layers
    look = k.Sequential(
        [k.Input((6, 6, 1)), layers.Conv2D(2, 3, activation="relu"), layers.Flatten()], name="look"
    )
    return k.Sequential(
        [
            k.Input((3, 6, 6, 1)),
            layers.TimeDistributed(look),
            layers.LSTM(3),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


@architecture(draw((N, 3, 5, 5, 1)), NUMBERS, "mse")
def convolutional_lstms(k: Any) -> Any:
    layers = k.layers
    return k.Sequential(
        [
            k.Input((3, 5, 5, 1)),
            layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True),
            layers.Bidirectional(layers.ConvLSTM2D(2, 2)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1),
        ]
    )
