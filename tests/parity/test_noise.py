"""Noise is of Keras's kind; it draws other numbers, so laws take the place of comparisons."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError, ShapeError

from .tools.oracle import both, check_config, check_layer, close, draw, keras, kerasish, make

LIBRARIES = (kerasish, keras)


def each(*codes):
    return pytest.mark.parametrize("code", codes)


# What each does without training, and its config


@each(
    "Dropout(0.3)",
    "Dropout(0)",
    "Dropout(1.0, seed=3)",
    "Dropout(0.5, noise_shape=(None, 1, 3), seed=7)",
    "SpatialDropout1D(0.3)",
    "SpatialDropout1D(0.3, 7, name='x')",
    "GaussianNoise(0.3, seed=2)",
    "GaussianDropout(0.3)",
    "GaussianDropout(0, 1)",
    "AlphaDropout(0.3)",
    "AlphaDropout(0.3, noise_shape=(None, 1, 3), seed=7)",
    "ActivityRegularization(0.1, 0.2)",
    "ActivityRegularization(l2=1)",
)
def test_nothing_happens_without_training(code):
    check_layer(code, draw((2, 4, 3)))


def test_dropout_of_channels_without_training():
    for code in ("SpatialDropout2D(0.2)", "SpatialDropout2D(0.2, 'channels_first', 3)"):
        check_layer(code, draw((2, 3, 3, 2)))
    check_layer("SpatialDropout3D(0.2, data_format='channels_first')", draw((2, 2, 2, 3, 2)))


ALL = (
    "Dropout(0.4)",
    "SpatialDropout1D(0.4)",
    "GaussianNoise(0.4)",
    "GaussianDropout(0.4)",
    "AlphaDropout(0.4)",
)


@each(*ALL)
def test_noise_is_a_function_of_the_key_and_of_the_seed(code):
    layer, seeded = make(kerasish, code), make(kerasish, code.replace(")", ", seed=5)"))
    x = draw((4, 5, 6))
    layer._kerasish_ensure_built(x), seeded._kerasish_ensure_built(x)

    @jax.jit
    def run(key):
        call = [each.apply({}, {}, x, training=True, rng=key)[0] for each in (layer, seeded)]
        return [*call, layer.apply({}, {}, x, training=True, rng=key)[0]]

    one, with_seed, again = run(jax.random.key(1))
    other, _, _ = run(jax.random.key(2))
    np.testing.assert_array_equal(one, again)
    for a, b in itertools.combinations((x, one, with_seed, other), 2):
        assert np.any(a != b)


@each(*ALL)
def test_a_mask_goes_through_and_bits_are_kept(code):
    layer = make(kerasish, code.replace(")", ", dtype='mixed_bfloat16')"))
    assert layer.compute_mask(None, "mask") == "mask"
    assert layer(draw((2, 3, 4)), training=True).dtype == jax.numpy.bfloat16


# What is drawn


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_zeroes_the_same_share_and_scales_the_rest_alike(rate):
    x = np.full((200, 200), 3.0, "float32")
    for library in LIBRARIES:
        y = np.asarray(make(library, f"Dropout({rate}, seed=1)")(x, training=True))
        assert abs((y == 0).mean() - rate) < 0.01
        np.testing.assert_allclose(y[y != 0], 3 / (1 - rate), rtol=1e-5)


@pytest.mark.parametrize("shape", [(None, 1), (1, None), (50, 1), (1, 1)], ids=str)
@each("Dropout", "AlphaDropout")
def test_noise_shape_means_the_same(code, shape):
    x = np.ones((50, 40), "float32")
    for library in LIBRARIES:
        layer = getattr(library.layers, code)(0.5, noise_shape=shape, seed=1)
        y = np.asarray(layer(x, training=True))
        for axis, size in enumerate(shape):
            spread = np.ptp(y, axis=axis).max()
            assert spread == 0 if size == 1 else spread > 0 or shape == (1, 1)


def test_dropping_everything():
    x = draw((3, 4))
    ours, theirs = both("Dropout(1.0)")
    close(ours(x, training=True), theirs(x, training=True))


@pytest.mark.parametrize("first", [False, True], ids=["last", "first"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_channels_are_dropped_as_a_whole(rank, first):
    if first and rank == 1:
        return
    where = ", 'channels_first'" if first else ""
    shape = (20, 30, *(2,) * rank) if first else (20, *(2,) * rank, 30)
    for library in LIBRARIES:
        layer = make(library, f"SpatialDropout{rank}D(0.3{where})")
        y = np.asarray(layer(np.ones(shape, "float32"), training=True))
        channels = y.reshape(20, 30, -1) if first else y.reshape(20, -1, 30).swapaxes(1, 2)
        assert np.ptp(channels, axis=-1).max() == 0
        assert abs((channels == 0).mean() - 0.3) < 0.08
        np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-5)


def test_normal_noise_has_the_mean_and_deviation_of_keras():
    x = np.full((300, 300), 2.0, "float32")
    for code, stddev in (("GaussianNoise(0.3)", 0.3), ("GaussianDropout(0.2)", 2 * 0.5)):
        for library in LIBRARIES:
            y = np.asarray(make(library, code)(x, training=True))
            assert abs(y.mean() - 2) < 0.02
            assert abs(y.std() - stddev) < 0.02


def test_alpha_dropout_has_two_values_and_keeps_mean_and_variance():
    ours, theirs = (
        np.unique(np.asarray(layer(np.ones((40, 40), "float32"), training=True)))
        for layer in both("AlphaDropout(0.3)")
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    x = draw((300, 300))
    y = make(kerasish, "AlphaDropout(0.3)")(x, training=True)
    assert abs(float(y.mean())) < 0.02 and abs(float(y.std()) - 1) < 0.02


def test_a_rate_of_0_changes_nothing():
    x = draw((2, 3, 4))
    for code in ("Dropout(0)", "AlphaDropout(0)", "GaussianDropout(0)", "GaussianNoise(0)"):
        np.testing.assert_array_equal(make(kerasish, code)(x, training=True), x)


def test_a_penalty_on_what_passes_is_in_the_loss():
    x = draw((6, 3))
    losses = []
    for library in LIBRARIES:
        layer = library.layers.ActivityRegularization(0.1, 0.2)
        model = library.Sequential([library.Input((3,)), layer])
        model.compile("sgd", "mse")
        losses.append(model.evaluate(x, x, verbose=0))
    np.testing.assert_allclose(*losses, rtol=1e-5)
    expected = (0.1 * abs(x).sum() + 0.2 * (x**2).sum()) / 6
    np.testing.assert_allclose(losses[0], expected, rtol=1e-5)


def test_a_dtype_policy_is_in_the_config_of_dropout_of_channels():
    # Keras writes the dtype of weights, which there are none of.
    layer = make(kerasish, "SpatialDropout1D(0.3, dtype='mixed_bfloat16')")
    assert type(layer).from_config(layer.get_config()).compute_dtype == "bfloat16"
    check_config(*both("SpatialDropout3D(0.3, seed=1)"))


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("Dropout(1.5)", ArgumentError, "Dropout needs a rate from 0 to 1; got 1.5"),
        ("Dropout(0.5, noise_shape=3)", ArgumentError, "noise_shape"),
        ("Dropout(0.5, noise_shape=(-1, 2))", ArgumentError, "noise_shape"),
        ("Dropout(0.5, noise_shape=(1,))(np.ones((2, 3)), training=True)", ShapeError, "broadcast"),
        ("Dropout(0.5, (2, 2))(np.ones((2, 3)), training=True)", ShapeError, r"\(2, 3\)"),
        ("SpatialDropout2D(-0.1)", ArgumentError, "SpatialDropout2D needs a rate"),
        ("SpatialDropout2D(0.1, 'x')", ArgumentError, "data_format"),
        ("SpatialDropout1D(0.1)(np.ones((2, 3)))", ShapeError, "3 dimensions"),
        ("GaussianDropout(1.0)", ArgumentError, "to below 1"),
        ("AlphaDropout(1)", ArgumentError, "to below 1"),
        ("GaussianNoise(2)", ArgumentError, "stddev from 0 to 1"),
        ("ActivityRegularization(l1=-1)", ArgumentError, "l1 of at least 0"),
    ],
)
def test_what_cannot_be_is_refused(code, error, says):
    with pytest.raises(error, match=says):
        make(kerasish, code)
