"""Masks: they travel through the same layers as in Keras, and count in losses and metrics alike."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from .tools.oracle import draw, keras, kerasish

LIBRARIES = (kerasish, keras)
N, T, C = 6, 5, 3
WORDS = draw((N, T), "int32", high=4)
OTHERS = draw((N, T), "int32", seed=1, high=3)
TAGS = draw((N, T), "int32", seed=2, high=C)
WEIGHT = np.abs(draw((N, T), seed=3)) + 0.1


def embedded(k, name, mask=True):
    words = k.Input((T,), dtype="int32", name=name)
    return words, k.layers.Embedding(4, 4, mask_zero=mask, name=f"{name}_table")(words)


# Each makes of a masked tensor, one with another mask and one with none what a loss is taken of.
PATHS = {
    "Dense": lambda k, x, y, z: k.layers.Dense(4, "relu")(x),
    "Activation": lambda k, x, y, z: k.layers.Activation("tanh")(x),
    "ReLU": lambda k, x, y, z: k.layers.ReLU()(x),
    "Dropout": lambda k, x, y, z: k.layers.Dropout(0.5)(x),
    "BatchNormalization": lambda k, x, y, z: k.layers.BatchNormalization()(x),
    "LayerNormalization": lambda k, x, y, z: k.layers.LayerNormalization()(x),
    "Rescaling": lambda k, x, y, z: k.layers.Rescaling(2.0)(x),
    "Add, equal masks": lambda k, x, y, z: k.layers.Add()([x, x]),
    "Add, two masks": lambda k, x, y, z: k.layers.Add()([x, y]),
    "Add, with and without": lambda k, x, y, z: k.layers.Add()([x, z]),
    "Concatenate": lambda k, x, y, z: k.layers.Concatenate()([x, x]),
    "Concatenate, two masks": lambda k, x, y, z: k.layers.Concatenate()([x, y]),
    "Concatenate, with and without": lambda k, x, y, z: k.layers.Concatenate()([x, z]),
    "no mask": lambda k, x, y, z: z,
}


def compiled(k, path, loss):
    (a, x), (b, y), (c, z) = embedded(k, "a"), embedded(k, "b"), embedded(k, "c", mask=False)
    # All three go in, so that Keras knows them all; two of them add nothing.
    rest = k.layers.Rescaling(0.0)(k.layers.Dense(C)(k.layers.Concatenate()([z, z])))
    end = k.layers.Dense(C, "softmax", name="end")(PATHS[path](k, x, y, z))
    model = k.Model([a, b, c], {"end": end, "rest": rest, "more": k.layers.Dense(C)(y)})
    model.compile(
        loss={"end": loss},
        metrics={"end": ["accuracy"]},
        weighted_metrics={"end": ["sparse_categorical_crossentropy"]},
        run_eagerly=True,
    )
    return model


def evaluated(path, loss, weight):
    found = []
    models = [compiled(k, path, loss(k)) for k in LIBRARIES]
    models[0].set_weights(models[1].get_weights())
    for model in models:
        # One batch: Keras leaves an output without targets alone.
        y = {"end": TAGS, "rest": TAGS, "more": TAGS}
        weights = None if weight is None else {name: weight for name in y}
        found.append(
            model.evaluate([WORDS, OTHERS, WORDS], y, N, 0, sample_weight=weights, return_dict=True)
        )
    assert found[0].keys() == found[1].keys()
    for key in found[0]:
        assert found[0][key] == pytest.approx(found[1][key], rel=1e-5), key


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weights"])
@pytest.mark.parametrize("path", PATHS)
def test_a_mask_on_its_way(path, weight):
    evaluated(path, lambda k: "sparse_categorical_crossentropy", weight)


@pytest.mark.parametrize("weight", [None, WEIGHT, WEIGHT[:, :1]], ids=["", "(n, t)", "(n, 1)"])
@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size", "mean_with_sample_weight"])
@pytest.mark.parametrize("ignored", [None, 1])
def test_a_mask_in_a_loss(reduction, weight, ignored):
    evaluated(
        "Dense",
        lambda k: k.losses.SparseCategoricalCrossentropy(ignore_class=ignored, reduction=reduction),
        weight,
    )


def eagerly(k):
    """Return what layers give that are called one after another, outside of a model."""
    table = k.layers.Embedding(4, 4, mask_zero=True, embeddings_initializer="ones")
    recurrent = k.layers.LSTM(
        3, return_sequences=True, kernel_initializer="ones", recurrent_initializer="ones"
    )
    last = k.layers.GRU(2, kernel_initializer="ones", recurrent_initializer="ones")
    x = table(WORDS)
    h = k.layers.Dropout(0.5)(recurrent(x))
    joined = k.layers.Concatenate()([x, h])
    everything = np.ones((N, T), bool)
    plain = k.layers.Dense(2)(np.ones((2, 3), "float32"))
    masks = [getattr(each, "_keras_mask", None) for each in (x, h, joined, last(joined), plain)]
    return masks, [last(joined), last(joined, mask=everything)]


def test_arrays_carry_masks_between_layers():
    (masks, outputs), (keras_masks, keras_outputs) = map(eagerly, LIBRARIES)
    for mask, other in zip(masks, keras_masks, strict=True):
        np.testing.assert_array_equal(np.asarray(mask), np.asarray(other))
    for one, other in zip(outputs, keras_outputs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    assert abs(outputs[0] - outputs[1]).max() > 1e-4  # `mask=` rules


def test_layers_called_alone_are_the_layers_of_a_model():
    layers = kerasish.layers
    table, recurrent = layers.Embedding(4, 4, mask_zero=True), layers.LSTM(3)
    words = kerasish.Input((T,), dtype="int32")
    model = kerasish.Model(words, recurrent(table(words)))
    alone = lambda ids: recurrent(table(ids))
    np.testing.assert_allclose(alone(WORDS), model(WORDS), rtol=1e-5)
    np.testing.assert_allclose(jax.jit(alone)(jnp.asarray(WORDS)), model(WORDS), rtol=1e-5)
    y, _ = recurrent.apply(recurrent.params, recurrent.state, table(WORDS))
    np.testing.assert_allclose(y, model(WORDS), rtol=1e-5)
