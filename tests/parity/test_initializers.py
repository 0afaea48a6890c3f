"""Initializers draw from Keras's distributions; those that draw nothing give its numbers."""

from __future__ import annotations

import numpy as np
import pytest

from kerasish.errors import ArgumentError, ShapeError

from .tools.oracle import both, check_config, close, keras, kerasish, make

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
    "GlorotUniform(input_axes=[0], output_axes=[-1])",
    "he_normal(input_axes=(-2, -1), output_axes=())",
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
WAVES = [
    "STFT()",
    "STFT('imag', None, None)",
    "stft('imag', 'hamming', 'spectrum', True)",
    "STFT(window='blackman', periodic=True)",
    "STFT(window=np.arange(6.0))",
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
    code = f"{code[:-1]}, seed=7)".replace("(,", "(")
    for library in (kerasish, keras):
        first, second = (make(library, f"k.initializers.{code}")((4, 5)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
    check_config(*both(f"k.initializers.{code}"))


def test_without_a_seed_the_values_differ():
    for library in (kerasish, keras):
        initializer = library.initializers.GlorotUniform()
        other = library.initializers.GlorotUniform()
        assert not np.array_equal(initializer((4, 5)), other((4, 5)))


@pytest.mark.parametrize("code", WAVES)
def test_stft(code):
    mine, other = both(f"k.initializers.{code}")
    for shape in ((6, 1, 4), (6, 1, 5)):
        close(mine(shape), other(shape), 1e-6)
    assert mine((6, 3, 5)).shape == (6, 3, 5)  # one channel in Keras, whatever was asked for
    again = kerasish.initializers.deserialize(kerasish.initializers.serialize(mine))
    close(again((6, 1, 4)), mine((6, 1, 4)))
    theirs = kerasish.initializers.deserialize(keras.initializers.serialize(other))
    close(theirs((6, 1, 4)), mine((6, 1, 4)))


def test_axes_say_what_is_an_input_and_what_an_output():
    axes = [([0], [1, 2]), ([0, 1], [2]), ([1], [2]), ([2], [0]), ([], [1])]
    for inputs, outputs in axes:
        for mode in ("fan_in", "fan_out"):
            code = f"VarianceScaling(1.0, '{mode}', 'uniform', 1, {inputs}, {outputs})"
            made = both(f"k.initializers.{code}")
            tops = [abs(np.asarray(each((20, 30, 40)))).max() for each in made]
            assert tops[0] == pytest.approx(tops[1], rel=1e-2)


def test_arrays_are_initializers():
    w = np.arange(6.0).reshape(2, 3)
    mine, other = (library.initializers.get(w) for library in (kerasish, keras))
    close(mine((2, 3), "float32"), other((2, 3), "float32"))
    config = kerasish.initializers.serialize(mine)
    assert config["config"] == keras.initializers.Constant(w).get_config()
    close(kerasish.initializers.deserialize(config)((2, 3)), mine((2, 3)))
    layer = kerasish.layers.Dense(3, kernel_initializer=w)
    layer.build((None, 2))
    np.testing.assert_array_equal(layer.kernel, w)


def test_an_initializer_of_ones_own_is_written_as_in_keras():
    for library in (kerasish, keras):

        class Threes(library.initializers.Initializer):
            def __call__(self, shape, dtype=None, **kwargs):
                return 3 * np.ones(shape, "float32")

        layer = library.layers.Dense(2, kernel_initializer=Threes())
        layer.build((None, 2))
        np.testing.assert_array_equal(layer.kernel, [[3, 3], [3, 3]])
        assert type(Threes().clone()) is Threes


BAD = {
    "VarianceScaling(-1.0)": (ArgumentError, "scale"),
    "VarianceScaling(mode='fan')": (ArgumentError, "'fan_in'"),
    "VarianceScaling(distribution='x')": (ArgumentError, "'uniform'"),
    "GlorotUniform(input_axes=[0])": (ArgumentError, "together"),
    "STFT('both')": (ArgumentError, "'imag'"),
    "STFT(scaling='x')": (ArgumentError, "'density'"),
    "STFT(window='x')": (ArgumentError, "get_window"),
    "STFT()((4, 3))": (ShapeError, "frequencies"),
    "STFT(window=np.ones(3))((4, 1, 3))": (ShapeError, "(3,)"),
    "Identity()((2, 2, 2))": (ShapeError, "matrices"),
    "Orthogonal()((3,))": (ShapeError, "two dimensions"),
    "Constant([1.0, 2.0])((3, 3))": (ShapeError, "(3, 3)"),
    "HeNormal(input_axes=[5], output_axes=[0])((3, 3))": (ShapeError, "(5,)"),
    "RandomUniform()((3,), 'int32')": (ArgumentError, "'int32'"),
    "get(5)": (ArgumentError, "an initializer"),
}


@pytest.mark.parametrize("code", BAD)
def test_mistakes_are_told(code):
    error, part = BAD[code]
    with pytest.raises(error) as caught:
        make(kerasish, f"k.initializers.{code}")
    assert part in str(caught.value) and str(caught.value).endswith(".")
