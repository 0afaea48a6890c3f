"""The functions of `quantizers`, beside Keras's."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from .tools.oracle import keras, kerasish

X = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")


def same(ours, theirs) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        assert np.shape(mine) == np.shape(other)
        if not isinstance(mine, (tuple, int)):
            assert mine.dtype == other.dtype
        np.testing.assert_allclose(np.asarray(mine, "float32"), np.asarray(other, "float32"), 1e-6)


def jitted(function, *settings, **kwargs):
    """Return a function of one array as one program; its operations one by one take longer."""
    return jax.jit(lambda x: function(x, *settings, **kwargs))


@pytest.mark.parametrize(
    ("axis", "kwargs"),
    [(0, {}), ((0, 1), {"value_range": (-8, 7), "dtype": "float32"}), (None, {})],
)
def test_abs_max(axis, kwargs):
    function = kerasish.quantizers.abs_max_quantize
    for x in (X, X.astype("float16")):
        theirs = keras.quantizers.abs_max_quantize(x, axis, **kwargs, to_numpy=True)
        same(jitted(function, axis, **kwargs)(x), theirs)
    same(function(X, axis, **kwargs, to_numpy=True), function(X, axis, **kwargs))
    assert not np.asarray(function(0 * X, axis, **kwargs)[0]).any()
    quantizer, other = (k.quantizers.AbsMaxQuantizer(axis) for k in (kerasish, keras))
    same(quantizer(X), other(X, to_numpy=True))
    same(quantizer(X, axis=1), other(X, axis=1, to_numpy=True))
    described = keras.quantizers.serialize(other)
    assert quantizer.get_config() == other.get_config()
    assert kerasish.quantizers.get(described).get_config() == other.get_config()


def test_abs_max_by_blocks():
    # Columns around zero, and far from it.
    x = X + np.array([0, 0, 0, 0, 3, -5], "float32")
    function = kerasish.quantizers.abs_max_quantize_grouped_with_zero_point
    for block in (2, 5):
        theirs = keras.quantizers.abs_max_quantize_grouped_with_zero_point(x, block, to_numpy=True)
        same(jitted(function, block)(x), theirs)
    # Of Keras's two ways to compute, that of JAX has no rows of zeros here.
    same(jitted(function, 8)(x), theirs)
    with pytest.raises(ValueError, match="matrix"):
        kerasish.quantizers.abs_max_quantize_grouped_with_zero_point(X[0], 2)


def test_floats_of_8_bits():
    ours, theirs = kerasish.quantizers, keras.quantizers
    history = np.arange(5, dtype="float32")
    same(
        [ours.compute_float8_amax_history(X, history)],
        [theirs.compute_float8_amax_history(X, history)],
    )
    for amax in (2.0, 0.0, np.inf, np.nan):
        for margin in (0, 2):
            given = (np.float32(amax), np.float32(1.5), 448.0, margin)
            same([ours.compute_float8_scale(*given)], [theirs.compute_float8_scale(*given)])
    for dtype in ("float8_e4m3fn", "float8_e5m2"):
        for scale in (0.5, 100.0):
            given = (X * 1000, np.float32(scale), dtype, "float32")
            same([ours.quantize_and_dequantize(*given)], [theirs.quantize_and_dequantize(*given)])


@pytest.mark.parametrize(
    ("least", "greatest", "kwargs"),
    [
        (-1.0, 1.0, {}),
        (0.3, 1.0, {"num_bits": 3, "narrow_range": True}),
        (X.min(0) * 0.5, X.max(0) * 0.5, {"num_bits": 4, "axis": 1}),
    ],
)
def test_fake_quantization(least, greatest, kwargs):
    def run(library):
        def total(x, low, high):
            y = library.quantizers.fake_quant_with_min_max_vars(x, low, high, **kwargs)
            return (y * X).sum(), y

        given = (X, jnp.asarray(least, "float32"), jnp.asarray(greatest, "float32"))
        grads, y = jax.jit(jax.grad(total, argnums=(0, 1, 2), has_aux=True))(*given)
        return y, *grads

    for mine, other in zip(run(kerasish), run(keras), strict=True):
        np.testing.assert_allclose(np.asarray(mine), np.asarray(other), 1e-5, 1e-6)


def test_fake_quantization_by_rows():
    function = jax.jit(
        kerasish.quantizers.fake_quant_with_min_max_vars, static_argnames=("num_bits", "axis")
    )
    by_columns = function(X.T, X.min(1) * 0.5, X.max(1) * 0.5, num_bits=4, axis=1)
    by_rows = function(X, X.min(1) * 0.5, X.max(1) * 0.5, num_bits=4, axis=0)
    np.testing.assert_array_equal(by_rows, by_columns.T)


def test_fake_quantization_to_nothing():
    function = jitted(kerasish.quantizers.fake_quant_with_min_max_vars, 0.0, 0.0)
    assert not np.asarray(function(X)).any()


@pytest.mark.parametrize(
    ("axis", "dtype", "size"), [(0, "int8", 5), (1, "uint8", 5), (-1, "int8", 4)]
)
def test_integers_of_4_bits(axis, dtype, size):
    low = -8 if dtype == "int8" else 0
    x = np.random.default_rng(1).integers(low, low + 16, (size, size)).astype(dtype)
    theirs = keras.quantizers.pack_int4(x, axis, dtype)
    ours = kerasish.quantizers.pack_int4(x, axis, dtype)
    same(ours, theirs)
    assert ours[1:] == theirs[1:]
    back = kerasish.quantizers.unpack_int4(ours[0], size, axis, dtype)
    np.testing.assert_array_equal(back, x)
    assert back.dtype == keras.quantizers.unpack_int4(theirs[0], size, axis, dtype).dtype
    for function in (
        kerasish.quantizers.pack_int4,
        lambda x: kerasish.quantizers.unpack_int4(x, 2),
    ):
        with pytest.raises(ValueError, match="int8 or uint8"):
            function(x.astype("int32"))


def test_quantizers_by_name():
    assert kerasish.quantizers.get(None) is None
    assert kerasish.quantizers.get("AbsMaxQuantizer", axis=1).axis == (1,)
    assert kerasish.Quantizer("int4").get_config() == {"output_dtype": "int4"}
    with pytest.raises(ValueError, match=r"no quantizer called 'abs_max_quantiser'. Did you mean"):
        kerasish.quantizers.get("abs_max_quantiser")
