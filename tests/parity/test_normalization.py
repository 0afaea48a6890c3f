"""Layers that normalize equal Keras's: outputs, gradients, averages, masks and configs."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError, ShapeError, UnknownNameError

from .tools.oracle import both, check_layer, close, draw, kerasish, make, said, twins


def each(*codes):
    return pytest.mark.parametrize("code", codes)


# Over the batch


@each(
    "BatchNormalization()",
    "BatchNormalization(momentum=0.5, epsilon=0.1)",
    "BatchNormalization(axis=1)",
    "BatchNormalization(axis=-2, scale=False)",
    "BatchNormalization(center=False)",
    "BatchNormalization(center=False, scale=False)",
    "BatchNormalization(beta_regularizer='l2', gamma_regularizer='l1')",
    "BatchNormalization(gamma_constraint='non_neg', beta_constraint='max_norm')",
    "BatchNormalization(beta_initializer='ones', gamma_initializer='random_uniform',"
    " moving_mean_initializer='ones', moving_variance_initializer='zeros')",
    "BatchNormalization(trainable=False)",
    "BatchNormalization(renorm=True)",
)
@pytest.mark.parametrize("shape", [(6, 3, 4), (3, 4, 3, 2)], ids=str)
def test_batch_normalization(code, shape):
    check_layer(code, 2 + 3 * draw(shape), 5e-5, training=(False, True))


@each(
    "BatchNormalization()",
    "BatchNormalization(renorm=True, renorm_momentum=0.8, scale=False, momentum=0.9)",
    "BatchNormalization(renorm=True, renorm_clipping={'rmax': 0.5, 'rmin': 0.2, 'dmax': 0.4})",
    "BatchNormalization(renorm=True, center=False, renorm_clipping={'dmax': 1})",
)
def test_batch_normalization_of_vectors(code):
    check_layer(code, 3 * draw((5, 3)), 1e-4, training=(False, True))


@each(
    "BatchNormalization()",
    "BatchNormalization(momentum=0.7, scale=False)",
    "BatchNormalization(renorm=True, momentum=0.7)",
)
@pytest.mark.parametrize("shape", [(4, 5, 3), (4, 5, 2, 3)], ids=str)
def test_batch_normalization_leaves_masked_steps_out(code, shape):
    mask = draw(shape[:-1], "int32", high=2) > 0
    check_layer(code, draw(shape), 5e-5, training=(False, True), mask=mask)


def test_batch_normalization_where_everything_is_masked():
    mask = np.zeros((4, 5), bool)
    check_layer("BatchNormalization()", draw((4, 5, 3)), 5e-5, training=(True,), mask=mask)


def test_batch_normalization_with_a_large_mean():
    # One pass over the data must not lose the variance: 1 at a mean of 1,000.
    check_layer("BatchNormalization()", 1000 + draw((64, 3)), 2e-3, training=(True,))


def test_a_layer_that_is_frozen_later_normalizes_by_its_moving_averages():
    x = draw((8, 3))
    ours, theirs = twins("BatchNormalization(renorm=True)", x)
    for layer in (ours, theirs):
        layer.trainable = False
    close(ours(x, training=True), theirs(x, training=True))
    close([v.numpy() for v in ours.weights], [v.numpy() for v in theirs.weights])


def test_averages_of_deviations_start_at_the_root_of_those_of_variances():
    code = (
        "BatchNormalization(renorm=True, moving_mean_initializer='ones',"
        " moving_variance_initializer=k.initializers.Constant(4.0))"
    )
    ours, theirs = both(code)
    for layer in (ours, theirs):
        layer.build((2, 3))
    close([v.numpy() for v in ours.weights], [v.numpy() for v in theirs.weights])


def test_synchronized_is_accepted():
    # Keras on JAX refuses it; statistics are of the whole batch in either case.
    layer = kerasish.layers.BatchNormalization(synchronized=True)
    assert layer.get_config()["synchronized"] is True
    plain = kerasish.layers.BatchNormalization()
    x = draw((4, 3))
    close(layer(x, training=True), plain(x, training=True))


# Within each sample


@each(
    "LayerNormalization()",
    "LayerNormalization(epsilon=0.5)",
    "LayerNormalization(axis=1)",
    "LayerNormalization(axis=[1, 2])",
    "LayerNormalization(axis=[-1, -2])",
    "LayerNormalization(axis=(2, 3))",
    "LayerNormalization(axis=[1, 3])",
    "LayerNormalization(axis=[3, 1])",
    "LayerNormalization(axis=[1, 2, 3])",
    "LayerNormalization(center=False)",
    "LayerNormalization(scale=False)",
    "LayerNormalization(axis=[2, 1], center=False, scale=False)",
    "LayerNormalization(beta_initializer='ones', gamma_initializer='random_normal')",
    "LayerNormalization(gamma_regularizer='l2', beta_regularizer='l1', gamma_constraint='non_neg')",
    "GroupNormalization(5)",
    "GroupNormalization(groups=1)",
    "GroupNormalization(groups=-1, center=False)",
    "GroupNormalization(3, axis=1, epsilon=0.1)",
    "GroupNormalization(2, axis=-2, scale=False)",
    "GroupNormalization(1, axis=2, gamma_regularizer='l2', beta_constraint='non_neg')",
    "RMSNormalization()",
    "RMSNormalization(axis=[2, 3], epsilon=0.1)",
    "RMSNormalization(axis=(-1, -2))",
    "UnitNormalization()",
    "UnitNormalization(axis=1)",
    "UnitNormalization(axis=[1, -1])",
)
def test_normalization_of_samples(code):
    check_layer(code, 1 + 2 * draw((2, 3, 4, 5)), 2e-5)


@each(
    "LayerNormalization()",
    "LayerNormalization(axis=[1])",
    "GroupNormalization(2)",
    "RMSNormalization()",
    "UnitNormalization()",
)
def test_normalization_of_vectors(code):
    check_layer(code, draw((3, 4)), 2e-5)


def test_a_vector_of_zeros_stays():
    x = np.zeros((2, 3), "float32")
    for code in ("RMSNormalization()", "GroupNormalization(1)"):
        check_layer(code, x)
    layer = kerasish.layers.UnitNormalization()  # in Keras the gradient is not a number
    assert not np.any(layer(x))
    assert np.all(np.isfinite(jax.grad(lambda x: layer.apply({}, {}, x)[0].sum())(x)))


def test_rms_normalization_along_any_axis():
    # Keras takes the weight for one along the last axis.
    layer = kerasish.layers.RMSNormalization(axis=1)
    x = draw((2, 3, 3))
    layer.build((2, 3, 3))
    layer.set_weights([np.array([1.0, 2.0, 3.0], "float32")])
    expected = x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-6) * [[[1], [2], [3]]]
    close(layer(x), expected.astype("float32"))


@each("LayerNormalization()", "GroupNormalization(1)", "RMSNormalization()", "UnitNormalization()")
def test_a_mask_goes_through(code):
    ours, _ = both(code)
    assert ours.compute_mask(None, "mask") == "mask"


# Sixteen bits


@each(
    "BatchNormalization()",
    "BatchNormalization(renorm=True)",
    "LayerNormalization()",
    "LayerNormalization(axis=[1, 2])",
    "GroupNormalization(5)",
    "RMSNormalization()",
    "UnitNormalization()",
)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_sixteen_bits(code, policy):
    code = code.removesuffix(")") + f", dtype='{policy}')"
    code = code.replace("(, ", "(")
    check_layer(code, draw((4, 3, 5)), 5e-2, training=(False, True)[: 1 + ("Batch" in code)])


# Configs, and what is refused


def test_a_config_of_keras_as_it_is():
    for code in (
        "BatchNormalization(renorm=True)",
        "GroupNormalization(2)",
        "LayerNormalization()",
    ):
        ours, theirs = both(code)
        again = type(ours).from_config(theirs.get_config())
        assert said(again.get_config()) == said(ours.get_config())


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("BatchNormalization(axis=[1, 2])", ArgumentError, "one axis"),
        ("BatchNormalization(axis='x')", ArgumentError, "whole number"),
        ("BatchNormalization(renorm=True, renorm_clipping={'rmx': 2})", UnknownNameError, "rmax"),
        ("BatchNormalization(renorm_clipping={'rmax': 1, 'rmin': 2})", ArgumentError, "rmin=2"),
        ("BatchNormalization(renorm_clipping={'dmax': -1})", ArgumentError, "dmax=-1"),
        ("BatchNormalization(3)(np.ones((2, 3)))", ShapeError, "no axis 3"),
        ("LayerNormalization(2)(np.ones((2, 3)))", ShapeError, "no axis 2"),
        ("GroupNormalization(0)", ArgumentError, "positive number of groups"),
        ("GroupNormalization(2, axis=[1])", ArgumentError, "one axis"),
        ("GroupNormalization(2)(np.ones((2, 3)))", ShapeError, "3 channels into 2 groups"),
        ("RMSNormalization('x')", ArgumentError, "whole number"),
        ("UnitNormalization(2)(np.ones((2, 3)))", ShapeError, "no axis 2"),
    ],
)
def test_what_cannot_be_is_refused(code, error, says):
    with pytest.raises(error, match=says):
        make(kerasish, code)
