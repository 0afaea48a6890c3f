"""Embeddings, and layers that compute nothing or a function, equal Keras's."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.core.scope import Scope, get_metadata
from kerasish.errors import ArgumentError, ShapeError

from .tools.oracle import both, check_config, check_layer, close, draw, keras, kerasish, make, twins

LAYERS = kerasish.layers


def each(*codes):
    return pytest.mark.parametrize("code", codes)


# Embeddings


@each(
    "Embedding(5, 3)",
    "Embedding(5, 3, 'ones')",
    "Embedding(5, 2, embeddings_initializer='uniform', embeddings_regularizer='l2')",
    "Embedding(5, 2, embeddings_constraint='unit_norm', mask_zero=True)",
    "Embedding(5, 1, trainable=False)",
)
@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 2)], ids=str)
def test_embedding(code, shape):
    check_layer(code, draw(shape, "int32"))


@each("Embedding(5, 3, dtype='mixed_bfloat16')", "ReversibleEmbedding(5, 3, False)")
def test_embedding_of_sequences(code):
    check_layer(code, draw((2, 3), "int32"), 1e-2 if "16" in code else 1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_embedding_takes_any_numbers(dtype):
    x = np.array([[0, 3], [4, 1]], dtype)
    ours, theirs = twins("Embedding(5, 3)", x)
    close(ours(x), theirs(x))


def test_numbers_out_of_range():
    x = np.array([[0, 4, 5], [-1, -5, -6]])
    ours, theirs = twins("Embedding(5, 3)", x % 5)
    # Elsewhere they are refused; see tests/training/checks/test_index_checks.py.
    close(jax.jit(lambda x: ours(x))(x), theirs(x))


@each("Embedding(5, 3, mask_zero=True)", "Embedding(5, 3)")
def test_embedding_makes_a_mask(code):
    x = draw((3, 4), "int32", high=3)
    ours, theirs = both(code)
    found, expected = ours.compute_mask(x, None), theirs.compute_mask(x)
    assert (found is None) == (expected is None)
    if found is not None:
        close(found, expected)


def test_an_embedding_begins_with_the_weights_that_it_is_given():
    table = draw((5, 3))
    for weights in (table, [table]):
        layers = [library.layers.Embedding(5, 3, weights=weights) for library in (kerasish, keras)]
        x = draw((2, 3), "int32")
        close(layers[0](x), layers[1](x))
        check_config(*layers)


BACK = {
    "ReversibleEmbedding(5, 3)": 1e-5,
    "ReversibleEmbedding(5, 3, False, 'ones', 'l2', 'non_neg')": 1e-5,
    "ReversibleEmbedding(5, 3, mask_zero=True, logit_soft_cap=0.5)": 1e-5,
    "ReversibleEmbedding(5, 3, reverse_dtype='bfloat16')": 2e-2,
    "ReversibleEmbedding(5, 3, dtype='mixed_bfloat16', reverse_dtype='float32')": 2e-2,
}


@each(*BACK)
def test_the_way_back(code):
    ours, theirs = twins(code, draw((2, 4), "int32"))
    hidden = draw((2, 4, 3))
    tolerance = BACK[code]
    if "mixed" in code:  # Keras leaves what it is given in 32 bits
        hidden = np.asarray(jnp.asarray(hidden, "bfloat16"), "float32")
    close(ours(hidden, reverse=True), theirs(hidden, reverse=True), tolerance)
    check_config(*both(code))


def test_the_way_back_is_computed_in_the_dtype_of_the_layer():
    # Keras computes in 32 bits what it declares to have 16.
    layer = LAYERS.ReversibleEmbedding(5, 3, dtype="mixed_bfloat16")
    assert layer(draw((2, 4, 3)), reverse=True).dtype == jnp.bfloat16


def test_masks_of_a_reversible_embedding():
    """That of padding on the way in; what comes with the vectors on the way back."""
    layer = LAYERS.ReversibleEmbedding(5, 3, mask_zero=True)
    x = jnp.array([[1, 0, 2]])
    hidden = jnp.asarray(np.asarray(layer(x)))  # vectors without a mask
    with Scope() as scope:
        vectors = layer(x)
        np.testing.assert_array_equal(get_metadata(vectors, "mask"), [[True, False, True]])
        assert get_metadata(layer(hidden, reverse=True), "mask") is None
        scope.set_metadata(hidden, mask=x > 1)
        np.testing.assert_array_equal(get_metadata(layer(hidden, reverse=True), "mask"), x > 1)


def test_a_language_model_with_tied_weights():
    tokens = kerasish.Input((4,), dtype="int32")
    layer = LAYERS.ReversibleEmbedding(5, 3)
    model = kerasish.Model(tokens, layer(LAYERS.Dense(3)(layer(tokens)), reverse=True))
    assert model.output_shape == (None, 4, 5)
    assert len(model.weights) == 3
    again = kerasish.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    x = draw((2, 4), "int32")
    close(again(x), model(x))


# Functions


@each(
    "Lambda(k.activations.relu)",
    "Lambda(k.activations.relu, arguments={'negative_slope': 0.5})",
    "Lambda(k.activations.relu, output_shape=(4, 3), name='x')",
)
def test_lambda(code):
    x = draw((2, 4, 3))
    ours, theirs = both(code)
    close(ours(x), theirs(x))
    mine, other = ours.get_config(), theirs.get_config()
    other["function"] = mine["function"]  # Keras keeps the name of a function in another form
    assert set(mine) == set(other)
    assert mine["arguments"] == other["arguments"]
    assert mine.get("output_shape") == (list(other["output_shape"]) if "out" in code else None)
    assert type(ours).from_config(mine).get_config() == mine


def test_a_function_gets_the_mask_and_the_flag_if_it_asks_for_them():
    x, mask = draw((2, 3)), np.array([[1, 0, 1], [0, 1, 1]], bool)

    def masked(x, mask, training=None, scale=1.0):
        return jnp.where(mask, x, 0.0) * scale * (2 if training else 1)

    layer = LAYERS.Lambda(masked, arguments={"scale": 3.0})
    close(layer(x, mask=mask), np.where(mask, x, 0) * np.float32(3))
    close(layer(x, mask=mask, training=True), np.where(mask, x, 0) * np.float32(6))
    for function in (abs, jnp.abs):
        close(LAYERS.Lambda(function)(x, mask=mask), abs(x))


def test_the_mask_of_a_function():
    for code in (
        "Lambda(abs)",
        "Lambda(abs, mask=lambda inputs, mask: (inputs, mask))",
        "Lambda(abs, mask=np.array([True]))",
    ):
        ours, theirs = both(code)
        assert ours.compute_mask("x", "m") == theirs.compute_mask("x", "m")
        assert ours.supports_masking == theirs.supports_masking


def test_rescaling_by_arrays():
    code = "Rescaling(np.array([1.0, 2.0, 3.0]), offset=np.array([1.0, 0.5, 0.0]))"
    ours, theirs = both(code)
    x = draw((2, 4, 3))
    close(ours(x), theirs(x))
    assert type(ours).from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("Embedding(0, 2)", ArgumentError, "input_dim must be a positive"),
        ("Embedding(3, 2.5)", ArgumentError, "output_dim must be a positive"),
        ("Embedding(3, 2, weights=np.ones((4, 2)))", ShapeError, r"\(4, 2\)"),
        ("ReversibleEmbedding(3, 2, logit_soft_cap=0)", ArgumentError, "must be positive"),
        ("ReversibleEmbedding(3, 2)(np.ones((2, 3)), reverse=True)", ShapeError, "size 2"),
        ("Lambda(3)", ArgumentError, "takes a function"),
        ("Lambda(abs, arguments=3)", ArgumentError, "a dict of keyword arguments"),
    ],
)
def test_what_cannot_be_is_refused(code, error, says):
    with pytest.raises(error, match=says):
        make(kerasish, code)
