"""Activations, initializers, regularizers and constraints give Keras's numbers."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .oracle import both, check_config, close, draw, keras, kerasish, make, said

# Activations: values and gradients, at the kinks as well.

ACTIVATIONS = [name for name in kerasish.activations.__all__ if name not in ("get", "serialize")]
CALLS = [
    *(f"k.activations.{name}(x)" for name in ACTIVATIONS),
    "k.activations.relu(x, negative_slope=0.1)",
    "k.activations.relu(x, max_value=3.0)",
    "k.activations.relu(x, threshold=1.0)",
    "k.activations.relu(x, 0.2, 4.0, 2.1)",
    "k.activations.relu(x, 0.5, max_value=1.0, threshold=3.1)",
    "k.activations.leaky_relu(x, 0.4)",
    "k.activations.elu(x, alpha=0.3)",
    "k.activations.gelu(x, approximate=True)",
    "k.activations.softmax(x, axis=0)",
    "k.activations.log_softmax(x, axis=0)",
]


@pytest.mark.parametrize("call", CALLS)
def test_activation(call):
    # Halves: every kink is met exactly, at 0, 1, 2, 3, 4 and 6.
    x = np.linspace(-8, 8, 33, dtype="float32").reshape(3, 11)
    found = []
    for library in (kerasish, keras):
        function = eval(f"lambda x: {call}", {"k": library})
        weigh = lambda x, f=function: (f(x) * draw(x.shape)).sum()
        found.append((function(x), jax.grad(weigh)(x)))
    close(*found)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_out(name):
    x = np.array([[-1e4, -100.0, -30.0, 0.0, 30.0, 80.0]], "float32")
    values = [np.asarray(library.activations.get(name)(x)) for library in (kerasish, keras)]
    close(*values)


@pytest.mark.parametrize("name", [*ACTIVATIONS, "swish", None])
def test_activation_by_name(name):
    ours, theirs = (library.activations for library in (kerasish, keras))
    assert ours.serialize(ours.get(name)) == theirs.serialize(theirs.get(name))


# Initializers: other draws of the same distribution.

DRAWING = [
    "RandomNormal()",
    "RandomNormal(mean=1.0, stddev=0.2)",
    "RandomUniform()",
    "RandomUniform(-1.0, 3.0)",
    "TruncatedNormal()",
    "TruncatedNormal(2.0, 0.5)",
    "GlorotUniform()",
    "GlorotNormal()",
    "HeUniform()",
    "HeNormal()",
    "LecunUniform()",
    "LecunNormal()",
    *(
        f"VarianceScaling({scale}, '{mode}', '{distribution}')"
        for scale, mode in ((1.0, "fan_in"), (2.0, "fan_out"), (0.5, "fan_avg"))
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ),
]
ORTHOGONAL = ["Orthogonal()", "Orthogonal(gain=2.0)"]
FIXED = [
    "Zeros()",
    "Ones()",
    "Constant(0.5)",
    "Constant()",
    "Identity()",
    "Identity(gain=3.0)",
]


@pytest.mark.parametrize("shape", [(300, 200), (3, 3, 20, 300)], ids=str)
@pytest.mark.parametrize("code", DRAWING)
def test_initializer_draws_from_the_same_distribution(code, shape):
    mine, other = (np.asarray(each(shape)) for each in both(f"k.initializers.{code}"))
    assert (mine.dtype, mine.shape) == (other.dtype, other.shape)
    spread = other.std()
    # Six standard errors of the two means, and of the two standard deviations.
    assert abs(mine.mean() - other.mean()) < 6 * spread * np.sqrt(2 / mine.size)
    assert abs(mine.std() / spread - 1) < 6 * np.sqrt(2 / mine.size)
    quantiles = np.linspace(0.05, 0.95, 10)
    np.testing.assert_allclose(
        np.quantile(mine, quantiles), np.quantile(other, quantiles), atol=0.03 * spread
    )
    bounded = ("Uniform", "uniform", "Truncated", "'truncated", "GlorotN", "HeN", "LecunN")
    if any(word in code for word in bounded):
        np.testing.assert_allclose(mine.min(), other.min(), atol=0.3 * spread)
        np.testing.assert_allclose(mine.max(), other.max(), atol=0.3 * spread)


@pytest.mark.parametrize("shape", [(), (7,), (50,), (2, 3, 40)], ids=str)
@pytest.mark.parametrize("code", ["GlorotUniform()", "HeUniform()", "LecunUniform()"])
def test_few_axes_have_the_same_bounds(code, shape):
    # The largest of many draws tells the bound, and so the fans.
    mine, other = both(f"k.initializers.{code}")
    tops = [max(abs(np.asarray(f(shape))).max() for _ in range(60)) for f in (mine, other)]
    assert 0.85 < tops[0] / tops[1] < 1.18


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (2, 3, 4)], ids=str)
def test_orthogonal(shape):
    for library in (kerasish, keras):
        q = np.asarray(library.initializers.Orthogonal(gain=2.0, seed=1)(shape))
        q = q.reshape(-1, shape[-1])
        product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
        np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize("code", FIXED)
@pytest.mark.parametrize("shape", [(3, 3), (2, 4)], ids=str)
@pytest.mark.parametrize("dtype", [None, "float32", "bfloat16"])
def test_fixed_initializer(code, shape, dtype):
    mine, other = both(f"k.initializers.{code}")
    close(mine(shape, dtype), other(shape, dtype))


def test_constant_of_an_array():
    mine, other = both("k.initializers.Constant([[1.0, 2.0], [3.0, 4.0]])")
    close(mine((2, 2)), other((2, 2)))


# Keras forgets the gain of an Identity.
@pytest.mark.parametrize("code", [*DRAWING, *ORTHOGONAL, *FIXED[:-1]])
def test_initializer_config(code):
    check_config(*both(f"k.initializers.{code}"))


@pytest.mark.parametrize("code", [*DRAWING, *ORTHOGONAL])
def test_a_seed_gives_the_same_values_each_time(code):
    code = code.replace(")", ", seed=7)").replace("(,", "(")
    for library in (kerasish, keras):
        first, second = (make(library, f"k.initializers.{code}")((4, 5)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
    check_config(*both(f"k.initializers.{code}"))


def test_without_a_seed_the_values_differ():
    for library in (kerasish, keras):
        initializer = library.initializers.GlorotUniform()
        other = library.initializers.GlorotUniform()
        assert not np.array_equal(initializer((4, 5)), other((4, 5)))


NAMES = {
    "initializers": (
        "zeros ones constant identity random_normal random_uniform truncated_normal uniform "
        "zero one normal glorot_uniform glorot_normal he_uniform he_normal lecun_uniform "
        "lecun_normal orthogonal variance_scaling GlorotUniform Zeros IdentityInitializer "
        "OrthogonalInitializer"
    ),
    "regularizers": "l1 l2 L1 L2 L1L2",
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
]


@pytest.mark.parametrize("code", REGULARIZERS)
@pytest.mark.parametrize("shape", [(4, 3), (5,), (2, 3, 2, 2)], ids=str)
def test_regularizer(code, shape):
    w = draw(shape)
    mine, other = both(f"k.regularizers.{code}")
    close((mine(w), jax.grad(mine)(w)), (other(w), jax.grad(other)(w)))
    check_config(mine, other)


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
