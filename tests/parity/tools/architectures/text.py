"""Networks that read words: attention, embeddings, positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..oracle import draw
from .entry import CLASSES, SPARSE, N, architecture, kinds

WORDS = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 1, 2], [2, 2, 0, 0, 0], [6, 5, 4, 3, 2]], "int32")

# Not Adam: the bias of keys has no gradient, and what rounding leaves of it would be made large.
SGD = lambda k: k.optimizers.SGD(0.05, momentum=0.9)


def block(k: Any, x: Any, known: Any = None, **kwargs: Any) -> Any:
    """Return a layer of a transformer applied."""
    layers = k.layers
    y = layers.MultiHeadAttention(2, 3, dropout=0.0)(x, x if known is None else known, **kwargs)
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    y = layers.Dense(4)(layers.Dense(8, activation="relu")(x))
    return layers.LayerNormalization()(layers.Add()([x, y]))


@architecture(WORDS, kinds(), SPARSE, SGD, metrics=["accuracy"])
def transformer_encoder(k: Any) -> Any:
    layers = k.layers
    start = k.Input((5,), dtype="int32")
    x = layers.Embedding(7, 4)(start)
    x = layers.GlobalAveragePooling1D()(block(k, block(k, x)))
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(WORDS, kinds(), SPARSE, SGD)
def attention_behind_a_mask(k: Any) -> Any:
    layers = k.layers
    start = k.Input((5,), dtype="int32")
    x = layers.Embedding(7, 4, mask_zero=True)(start)
    x = layers.LayerNormalization()(layers.MultiHeadAttention(2, 3)(x, x))
    x = layers.GlobalAveragePooling1D()(layers.Dense(4, activation="relu")(x))
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(WORDS, kinds(5, high=7), SPARSE, lambda k: k.optimizers.AdamW(0.01, clipnorm=1.0))
def language_model(k: Any) -> Any:
    layers, ops = k.layers, k.ops
    start = k.Input((5,), dtype="int32")
    places = ops.cumsum(ops.ones_like(start), axis=1) - 1
    x = layers.Embedding(7, 4, name="words")(start) + layers.Embedding(5, 4, name="places")(places)
    x = block(k, x, use_causal_mask=True)
    return k.Model(start, layers.Dense(7, activation="softmax")(x))


@architecture([WORDS, WORDS[:, ::-1].copy()], kinds(5, high=7), SPARSE, SGD)
def translation(k: Any) -> Any:
    layers = k.layers
    source, target = (k.Input((5,), dtype="int32", name=name) for name in ("source", "target"))
    known = block(k, layers.Embedding(7, 4)(source))
    x = block(k, layers.Embedding(7, 4)(target), use_causal_mask=True)
    x = block(k, x, known)
    return k.Model([source, target], layers.Dense(7, activation="softmax")(x))


@architecture(draw((N, 5, 4)), draw((N, 1), seed=1), "mse", SGD)
def grouped_queries(k: Any) -> Any:
    layers = k.layers
    start = k.Input((5, 4))
    x = layers.GroupQueryAttention(3, 4, 2)(start, start)
    x = layers.RMSNormalization()(layers.Add()([x, start]))
    return k.Model(start, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))


@architecture(WORDS, kinds(), SPARSE)
def convolutions_over_words(k: Any) -> Any:
    layers = k.layers
    start = k.Input((5,), dtype="int32")
    x = layers.Embedding(7, 4, embeddings_regularizer="l2")(start)
    found = [layers.Conv1D(3, width, activation="relu")(x) for width in (2, 3)]
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(each) for each in found])
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(x))


@architecture(WORDS, kinds(5, high=7), "sparse_categorical_crossentropy")
def tied_embeddings(k: Any) -> Any:
    layers = k.layers
    table = layers.ReversibleEmbedding(7, 4)
    start = k.Input((5,), dtype="int32")
    x = layers.LSTM(4, return_sequences=True)(table(start))
    return k.Model(start, layers.Softmax()(table(x, reverse=True)))


@architecture(draw((N, 4, 6)), kinds(), SPARSE)
def fourier_mixing(k: Any) -> Any:
    layers, ops = k.layers, k.ops
    start = k.Input((4, 6))
    real, _ = ops.fft2((start, ops.zeros_like(start)))
    x = layers.LayerNormalization()(start + real)
    x = layers.Dense(6, activation="gelu")(x)
    return k.Model(start, layers.Dense(CLASSES, activation="softmax")(ops.mean(x, axis=1)))
