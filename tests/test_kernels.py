"""The fast forms give the numbers and the gradients of the plain ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.kernels import batch_normalization, convolution, looping, max_pool

RNG = np.random.default_rng(0)

CONVOLUTIONS = [
    # shape, kernel size, channels, filters, strides, padding, dilation
    ((2, 9), (3,), 3, 4, (1,), "VALID", (1,)),
    ((2, 9), (4,), 1, 4, (2,), "SAME", (1,)),
    ((3, 8, 7), (3, 3), 2, 5, (1, 1), "VALID", (1, 1)),
    ((3, 8, 7), (3, 2), 2, 5, (2, 3), "SAME", (1, 1)),
    ((3, 8, 7), (3, 2), 2, 5, (2, 3), "VALID", (1, 1)),
    ((3, 9, 8), (2, 3), 3, 2, (1, 1), "SAME", (2, 3)),
    ((3, 9, 8), (2, 3), 3, 2, (1, 1), "VALID", (2, 2)),
    ((3, 8, 7), (1, 1), 3, 2, (1, 1), "SAME", (1, 1)),
    ((3, 8, 7), (1, 1), 3, 2, (2, 3), "SAME", (1, 1)),
    ((3, 8, 7), (1, 1), 3, 2, (2, 3), "VALID", (1, 1)),
    ((2, 5, 6, 4), (2, 3, 2), 2, 3, (1, 2, 1), "SAME", (1, 1, 1)),
    # portions of the batch, with and without a rest
    ((32, 5), (3,), 1, 4, (2,), "SAME", (1,)),
    ((37, 6, 5), (3, 2), 2, 3, (1, 2), "SAME", (1, 1)),
    ((33, 6, 5), (2, 2), 1, 3, (1, 1), "VALID", (2, 1)),
]


def _random(shape, dtype="float32"):
    return jnp.asarray(RNG.normal(size=shape), dtype)


def _same(one, other, tolerance=1e-4):
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        assert a.dtype == b.dtype
        wide = np.asarray(a, "float32"), np.asarray(b, "float32")
        np.testing.assert_allclose(*wide, rtol=tolerance, atol=tolerance)


def _layout(rank):
    space = "DHW"[-rank:]
    return f"N{space}C", f"{space}IO", f"N{space}C"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_convolution(case, dtype):
    shape, size, channels, filters, strides, padding, dilation = case
    x, kernel = _random((*shape, channels), dtype), _random((*size, channels, filters), dtype)
    layout = _layout(len(size))

    def plain(x, kernel):
        return jax.lax.conv_general_dilated(
            x, kernel, strides, padding, rhs_dilation=dilation, dimension_numbers=layout
        )

    def ours(x, kernel):
        return convolution(x, kernel, strides, padding, dilation, 1, layout)

    weight = _random(plain(x, kernel).shape, dtype)
    gradient = lambda f: jax.grad(lambda *args: jnp.sum(f(*args) * weight), argnums=(0, 1))
    # The gradients are sums of up to a few hundred numbers.
    tolerance = 1e-4 if dtype == "float32" else 0.2
    outside = ours(x, kernel), gradient(ours)(x, kernel)
    with looping():
        inside = ours(x, kernel), gradient(ours)(x, kernel)
        traced = str(jax.make_jaxpr(ours)(x, kernel))
    assert ("custom_vjp" if max(size) > 1 else "dot_general") in traced
    expected = plain(x, kernel), gradient(plain)(x, kernel)
    _same(outside, expected, tolerance)
    _same(inside, expected, tolerance)


def test_convolution_has_a_second_derivative():
    x, kernel = _random((33, 5, 5, 1)), _random((3, 3, 1, 2))

    def slope(form):
        loss = lambda k: jnp.sum(jnp.sin(form(x, k)))
        return jax.grad(lambda k: jnp.sum(jnp.square(jax.grad(loss)(k))))(kernel)

    ones, layout = (1, 1), _layout(2)
    plain = lambda x, k: jax.lax.conv_general_dilated(x, k, ones, "SAME", dimension_numbers=layout)
    with looping():
        fast = slope(lambda x, k: convolution(x, k, ones, "SAME", ones, 1, layout))
    _same(fast, slope(plain), 1e-3)


POOLINGS = [
    # shape, window, strides, padding
    ((2, 7, 3), (1, 2, 1), (1, 2, 1), "VALID"),
    ((2, 8, 7, 3), (1, 2, 3, 1), (1, 2, 3, 1), "VALID"),
    ((2, 8, 7, 3), (1, 2, 3, 1), (1, 2, 3, 1), "SAME"),
    ((2, 8, 7, 3), (1, 3, 3, 1), (1, 2, 2, 1), "VALID"),
    ((2, 8, 7, 3), (1, 3, 3, 1), (1, 2, 1, 1), "SAME"),
    ((2, 8, 7, 3), (1, 1, 2, 1), (1, 2, 3, 1), "VALID"),
    ((2, 3, 8, 7), (1, 1, 2, 2), (1, 1, 2, 2), "VALID"),
    ((2, 5, 6, 4, 2), (1, 2, 2, 2, 1), (1, 2, 2, 2, 1), "VALID"),
]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("case", POOLINGS, ids=str)
def test_max_pool(case, dtype):
    shape, window, strides, padding = case
    # Few values, so that many are equal: the first takes the gradient.
    x = jnp.asarray(RNG.integers(-3, 3, shape), dtype)
    plain = lambda x: jax.lax.reduce_window(
        x, np.asarray(-np.inf, dtype), jax.lax.max, window, strides, padding
    )
    ours = lambda x: max_pool(x, window, strides, padding)
    y, back = jax.vjp(plain, x)
    y_ours, back_ours = jax.vjp(jax.jit(ours), x)
    weight = _random(y.shape, dtype)
    _same((ours(x), y_ours, back_ours(weight)), (y, y, back(weight)), 2e-2)
    # Forward mode is the transpose of backward mode.
    dx = _random(shape)
    _, dy = jax.jvp(ours, (x.astype("float32"),), (dx,))
    (along,) = jax.vjp(ours, x.astype("float32"))[1](dy)
    np.testing.assert_allclose(jnp.sum(dy * dy), jnp.sum(along * dx), rtol=1e-4)


def test_max_pool_of_numbers_that_are_none():
    x = np.ones((1, 4, 4, 1), "float32")
    x[0, 1, 0] = np.nan
    x[0, 2:, 2:] = -np.inf
    pooled = lambda x: max_pool(x, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    for y in (pooled(x), jax.jit(pooled)(x), jax.vjp(pooled, x)[0]):
        np.testing.assert_array_equal(y[0, ..., 0], [[np.nan, 1], [1, -np.inf]])
    whole = max_pool(np.arange(4).reshape(1, 4, 1), (1, 2, 1), (1, 2, 1), "VALID")
    assert whole.ravel().tolist() == [1, 3]


@pytest.mark.parametrize("mean", [0, 3, 1000])
@pytest.mark.parametrize("channels", [1, 3])
def test_batch_normalization(mean, channels):
    x = _random((4, 5, 3, 5)) + mean
    gamma, beta = _random((5,)), _random((5,))
    weights = _random(x.shape), _random((5,)), _random((5,))

    def loss(x, gamma, beta):
        found = batch_normalization(x, gamma, beta, channels, 1e-3)
        return sum(jnp.sum(w * a) for w, a in zip(weights, found, strict=True)), found

    gradient = jax.jit(jax.grad(loss, (0, 1, 2), has_aux=True))
    plain = gradient(x, gamma, beta)
    jax.clear_caches()
    with looping():
        assert "custom_vjp" in str(jax.make_jaxpr(loss)(x, gamma, beta))
        fast = gradient(x, gamma, beta)
    _same(fast, plain, 1e-4 if mean < 100 else 1e-2)
    wide = np.asarray(x, "float64")
    axes = tuple(i for i in range(4) if i != channels)
    np.testing.assert_allclose(fast[1][2], wide.var(axes), rtol=1e-4)
