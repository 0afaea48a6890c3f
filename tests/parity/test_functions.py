"""Activations, initializers, regularizers and constraints give Keras's numbers."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .tools.oracle import both, check_config, close, draw, keras, kerasish, said

# Activations: values and gradients, at the kinks as well.

HELPERS = {"deserialize", "get", "serialize"}
NAMES_OF_ACTIVATIONS = sorted(set(kerasish.activations.__all__) - HELPERS)
# Needs arguments; cuts an axis into halves; does not add up to 1 in Keras.
APART = {"threshold", "glu", "sparsemax"}
ACTIVATIONS = [name for name in NAMES_OF_ACTIVATIONS if name not in APART]
CALLS = [
    *(f"k.activations.{name}(x)" for name in ACTIVATIONS),
    "k.activations.relu(x, negative_slope=0.1)",
    "k.activations.relu(x, max_value=3.0)",
    "k.activations.relu(x, threshold=1.0)",
    "k.activations.relu(x, 0.2, 4.0, 2.1)",
    "k.activations.relu(x, 0.5, max_value=1.0, threshold=3.1)",
    "k.activations.leaky_relu(x, 0.4)",
    "k.activations.elu(x, alpha=0.3)",
    "k.activations.celu(x, alpha=0.3)",
    "k.activations.gelu(x, approximate=True)",
    "k.activations.softmax(x, axis=0)",
    "k.activations.log_softmax(x, axis=0)",
    "k.activations.hard_shrink(x, 2.0)",
    "k.activations.soft_shrink(x, threshold=1.0)",
    "k.activations.squareplus(x, b=1)",
    "k.activations.threshold(x, 0.5, -2.0)",
    "k.activations.glu(x[:, :10])",
    "k.activations.glu(x[:2], axis=0)",
]


@pytest.mark.parametrize("call", CALLS)
def test_activation(call):
    # Halves: every kink is met exactly, at 0, 1, 2, 3, 4 and 6.
    x = np.linspace(-8, 8, 33, dtype="float32").reshape(3, 11)
    found = []
    for library in (kerasish, keras):
        function = eval(f"lambda x: {call}", {"k": library})
        value, pullback = jax.vjp(function, x)
        found.append((value, pullback(jax.numpy.asarray(draw(value.shape)))))
    close(*found)


FAR = np.array([[-np.inf, -1e30, -1e4, -99, -30, 0, 30, 80, 1e4, 1e30, np.inf]], "float32")
# Of two libraries' infinities, what is summed over an axis is not a number.
OVER_AN_AXIS = ("softmax", "log_softmax")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_out(name):
    x = FAR[:, 2:-2] if name in OVER_AN_AXIS else FAR
    found = []
    for library in (kerasish, keras):
        function = library.activations.get(name)
        value, pullback = jax.vjp(function, jax.numpy.asarray(x))
        found.append((np.asarray(value), np.asarray(pullback(jax.numpy.ones_like(value))[0])))
    for mine, other in zip(*found, strict=True):
        # Where Keras has no number, there may be one.
        np.testing.assert_allclose(mine[~np.isnan(other)], other[~np.isnan(other)], 1e-5, 1e-5)
    half = jax.numpy.asarray(FAR[:, 4:-4] / 9, "bfloat16")
    close(kerasish.activations.get(name)(half), keras.activations.get(name)(half), 1e-2)


def test_activations_take_lists():
    for name in ("relu", "softmax", "glu", "sigmoid"):
        assert kerasish.activations.get(name)([[-1.0, 2.0]]).dtype == "float32"


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    x = draw((5, 7))
    y, pullback = jax.vjp(kerasish.activations.sparsemax, x)
    np.testing.assert_allclose(y.sum(-1), 1, rtol=1e-5)
    for row, found in zip(x, np.asarray(y), strict=True):
        shift = (row - found)[found > 0]
        np.testing.assert_allclose(shift, shift[0], rtol=1e-5)
        assert np.all(row[found == 0] <= shift[0])
    # What is kept moves by what it is moved, less the mean.
    weights, kept = draw((5, 7), seed=1), np.asarray(y) > 0
    mean = (weights * kept).sum(-1, keepdims=True) / kept.sum(-1, keepdims=True)
    np.testing.assert_allclose(pullback(weights)[0], kept * (weights - mean), atol=1e-6)
    np.testing.assert_allclose(kerasish.activations.sparsemax(x.T, axis=0).T, y, rtol=1e-6)


@pytest.mark.parametrize("name", [*NAMES_OF_ACTIVATIONS, None])
def test_activation_by_name(name):
    ours, theirs = (library.activations for library in (kerasish, keras))
    told = ours.serialize(ours.get(name))
    assert told == theirs.serialize(theirs.get(name))
    assert ours.deserialize(told) is ours.get(name)


def test_every_name_of_keras_is_there():
    for module in ("activations", "initializers", "regularizers", "constraints", "config"):
        theirs = {name for name in dir(getattr(keras, module)) if name[0] != "_"}
        assert theirs <= set(getattr(kerasish, module).__all__)


NAMES = {
    "initializers": (
        "zeros ones constant identity random_normal random_uniform truncated_normal uniform "
        "zero one normal glorot_uniform glorot_normal he_uniform he_normal lecun_uniform "
        "lecun_normal orthogonal variance_scaling GlorotUniform Zeros IdentityInitializer "
        "OrthogonalInitializer STFT stft STFTInitializer"
    ),
    "regularizers": "l1 l2 L1 L2 L1L2 l1l2 orthogonal_regularizer OrthogonalRegularizer",
    "constraints": "non_neg max_norm unit_norm min_max_norm NonNeg MaxNorm UnitNorm MinMaxNorm",
    "losses": (
        "mse MSE mean_squared_error MeanSquaredError mae MAE mean_absolute_error "
        "bce BCE MeanAbsoluteError binary_crossentropy BinaryCrossentropy categorical_crossentropy "
        "CategoricalCrossentropy sparse_categorical_crossentropy SparseCategoricalCrossentropy"
    ),
    "metrics": (
        "mse MSE mean_squared_error MeanSquaredError mae MAE mean_absolute_error bce accuracy "
        "binary_accuracy BinaryAccuracy categorical_accuracy sparse_categorical_accuracy "
        "top_k_categorical_accuracy sparse_top_k_categorical_accuracy binary_crossentropy "
        "categorical_crossentropy sparse_categorical_crossentropy RootMeanSquaredError "
        "root_mean_squared_error Mean mean Sum sum"
    ),
    "optimizers": "sgd SGD adam Adam adamw AdamW rmsprop RMSprop",
}


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, names in NAMES.items() for name in names.split()],
)
def test_a_name_stands_for_the_same(module, name):
    def meant(library):
        found = getattr(library, module).get(name)
        return getattr(found, "__name__", type(found).__name__)

    try:
        expected = meant(keras)
    except (ValueError, KeyError):  # "constant" alone gives Keras a KeyError
        expected = None
    assert expected is None or meant(kerasish) == expected


# Regularizers and constraints.

REGULARIZERS = [
    "L1()",
    "L1(0.3)",
    "L2()",
    "L2(l2=0.2)",
    "L1L2()",
    "L1L2(l1=0.1)",
    "L1L2(0.1, 0.4)",
    "l1_l2(0.1, None)",
]


@pytest.mark.parametrize("code", REGULARIZERS)
@pytest.mark.parametrize("shape", [(4, 3), (5,), (2, 3, 2, 2)], ids=str)
def test_regularizer(code, shape):
    w = draw(shape)
    mine, other = both(f"k.regularizers.{code}")
    close((mine(w), jax.grad(mine)(w)), (other(w), jax.grad(other)(w)))
    check_config(mine, other)


@pytest.mark.parametrize("code", ["OrthogonalRegularizer()", "orthogonal_regularizer(0.3, 'rows')"])
def test_orthogonal_regularizer(code):
    w = draw((4, 6))
    mine, other = both(f"k.regularizers.{code}")
    close((mine(w), jax.grad(mine)(w)), (other(w), jax.grad(other)(w)))
    check_config(mine, other)
    columns = type(mine)(mine.factor, mode="columns")
    close(columns(w.T), other(w))  # Keras has columns of square matrices only
    assert columns(w[:, :1]) == 0  # one column has no other; not a number in Keras
    w[2] = 0
    close(mine(w), other(w))
    assert not np.any(jax.grad(mine)(w)[2])  # not a number in Keras


def test_a_base_constraint_changes_nothing():
    mine, other = both("k.constraints.Constraint()")
    close(mine(draw((2, 3))), np.asarray(other(draw((2, 3)))))


CONSTRAINTS = [
    "NonNeg()",
    "MaxNorm()",
    "MaxNorm(1.0)",
    "MaxNorm(0.5, axis=1)",
    "MaxNorm(max_value=0.5, axis=[0, 1])",
    "UnitNorm()",
    "UnitNorm(axis=1)",
    "UnitNorm(axis=[0, 1])",
    "MinMaxNorm()",
    "MinMaxNorm(0.5, 1.5, rate=0.5)",
    "MinMaxNorm(min_value=2.0, max_value=3.0, rate=1.0, axis=1)",
    "MinMaxNorm(1.0, 1.0, 0.0, [0, 1])",
]


@pytest.mark.parametrize("code", CONSTRAINTS)
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 2, 2)], ids=str)
def test_constraint(code, shape):
    w = draw(shape)
    w[0] = 0  # a norm of 0 is no reason for nan
    mine, other = both(f"k.constraints.{code}")
    close(mine(w), other(w))
    check_config(mine, other)


def test_a_description_of_either_library_is_understood_by_the_other():
    for module, names in (("regularizers", REGULARIZERS), ("constraints", CONSTRAINTS)):
        for code in names:
            ours, theirs = both(f"k.{module}.{code}")
            described = getattr(kerasish, module).serialize(ours)
            assert said(described) == said(keras.saving.serialize_keras_object(theirs))
            assert type(getattr(keras, module).get(described)) is type(theirs)
            back = getattr(kerasish, module).get(keras.saving.serialize_keras_object(theirs))
            assert said(back.get_config()) == said(ours.get_config())
