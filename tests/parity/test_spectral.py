"""SpectralNormalization equals Keras's in training; afterwards it goes on as in training."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError

from .tools import oracle
from .tools.oracle import check_layer, close, draw, keras, kerasish, make

oracle_twins = oracle.twins


def twins(code, x):
    """Return `oracle.twins`, the weights of ours with the paths that they have in a tree."""
    ours, theirs = oracle_twins(code, x)
    ours._kerasish_assign_paths()
    return ours, theirs


@pytest.fixture(autouse=True)
def _weights_have_paths(monkeypatch):
    monkeypatch.setattr(oracle, "twins", twins)
    # Within a config: what only Keras's layers have, and what only ours keep.
    unsaid = (*oracle.UNSAID, "quantization_config", "activity_regularizer")
    monkeypatch.setattr(oracle, "UNSAID", unsaid)


SPECTRAL = {
    "SpectralNormalization(Dense(4))": (3, 5),
    "SpectralNormalization(Dense(4, 'relu', kernel_regularizer='l2'), 3)": (2, 3, 5),
    "SpectralNormalization(Conv2D(4, 2), power_iterations=2)": (2, 4, 4, 3),
}


@pytest.mark.parametrize("code", SPECTRAL)
def test_spectral_normalization(code):
    check_layer(code, draw(SPECTRAL[code]), 2e-5, training=(True,))


def test_spectral_normalization_of_an_embedding():
    # In Keras it gives zeros in training: the table takes the dtype of the input.
    layer = kerasish.layers.SpectralNormalization(kerasish.layers.Embedding(5, 3), 30)
    x = draw((2, 3), "int32")
    found = layer(x, training=True)
    table = layer.layer.embeddings.numpy()
    close(found, table[x] / np.linalg.svd(table, compute_uv=False)[0], 1e-4)


def test_outside_of_training_the_same_kernel_is_divided_and_nothing_is_stored():
    x = draw((3, 5))
    ours, theirs = twins("SpectralNormalization(Dense(4), 30)", x)
    before = ours.get_weights()
    found = ours(x)
    for after, value in zip(ours.get_weights(), before, strict=True):
        np.testing.assert_array_equal(after, value)
    close(found, ours(x, training=True))
    # Called once in training, Keras keeps the divided kernel, if no program is around it.
    theirs(x, training=True)
    close(found, theirs(x))
    largest = np.linalg.svd(ours.layer.kernel.numpy(), compute_uv=False)[0]
    close(found, ((x @ before[0]) / largest + before[2]).astype("float32"), 1e-4)


def test_weights_of_spectral_normalization_in_files_of_either_library(tmp_path):
    x = draw((3, 5))
    models = [
        library.Sequential(
            [library.Input((5,)), library.layers.SpectralNormalization(library.layers.Dense(4))]
        )
        for library in (kerasish, keras)
    ]
    ours, theirs = models
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    ours.save_weights(tmp_path / "ours.weights.h5")
    theirs.load_weights(tmp_path / "ours.weights.h5")
    close(ours.get_weights(), theirs.get_weights())
    theirs.set_weights([draw(w.shape) for w in theirs.get_weights()])
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    ours.load_weights(tmp_path / "theirs.weights.h5")
    close(ours.get_weights(), theirs.get_weights())
    close(ours.layers[0](x, training=True), theirs.layers[0](x, training=True))


def test_training_goes_down_with_a_normalized_kernel():
    model = kerasish.Sequential(
        [
            kerasish.Input((5,)),
            kerasish.layers.SpectralNormalization(kerasish.layers.Dense(4)),
            kerasish.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    x = draw((20, 5))
    before = model.layers[0].vector_u.numpy()
    losses = model.fit(x, x[:, :1], epochs=3, batch_size=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert np.any(model.layers[0].vector_u.numpy() != before)


def test_spectral_normalization_computes_the_singular_value_in_32_bits():
    code = "SpectralNormalization(Dense(3, dtype='mixed_bfloat16'), dtype='mixed_bfloat16')"
    ours, _ = twins(code, x := draw((4, 5)))
    full, _ = twins("SpectralNormalization(Dense(3))", x)
    ours(x, training=True), full(x, training=True)
    close(ours.vector_u.numpy(), full.vector_u.numpy())
    assert ours(x).dtype == jax.numpy.bfloat16


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("SpectralNormalization(3)", "wraps a layer"),
        ("SpectralNormalization(Dense(3), 0)", "power_iterations"),
        ("SpectralNormalization(Flatten())(np.ones((2, 3)))", "`kernel`"),
    ],
)
def test_what_cannot_be_is_refused(code, says):
    with pytest.raises(ArgumentError, match=says):
        make(kerasish, code)
