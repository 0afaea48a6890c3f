"""The fast forms give the numbers and the gradients of the plain ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.kernels import (
    batch_normalization,
    convolution,
    depthwise_convolution,
    looping,
    max_pool,
)
from kerasish.training.execution.fusing import prefers_single_steps

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

    # The gradients are sums of up to a few hundred numbers.
    _same_with_gradients(ours, plain, x, kernel, 1e-4 if dtype == "float32" else 0.2)
    with looping():
        traced = str(jax.make_jaxpr(ours)(x, kernel))
    assert ("custom_vjp" if max(size) > 1 else "dot_general") in traced


def _same_with_gradients(ours, plain, x, kernel, tolerance=1e-4):
    """Check the numbers outside of a loop and inside, and that nothing there is slow."""
    weight = _random(jax.eval_shape(plain, x, kernel).shape, x.dtype)

    def both(f):
        loss = lambda *args: jnp.sum(f(*args) * weight)
        return lambda *args: (f(*args), jax.grad(loss, (0, 1))(*args))

    outside = jax.jit(lambda *args: (both(ours)(*args), both(plain)(*args)))(x, kernel)
    with looping():
        inside = jax.jit(both(ours))(x, kernel)
        assert not prefers_single_steps(jax.make_jaxpr(both(ours))(x, kernel))
    _same(outside[0], outside[1], tolerance)
    _same(inside, outside[1], tolerance)


OTHER_CONVOLUTIONS = [
    # shape (channels last), kernel, strides, padding, dilation, groups, spread, channels first
    ((2, 9, 4), (3, 2, 6), (2,), "SAME", (1,), 2, (1,), False),
    ((2, 6, 5, 6), (2, 3, 2, 9), (1, 2), "VALID", (1, 1), 3, (1, 1), True),
    ((2, 6, 5, 4), (1, 1, 2, 6), (2, 1), "SAME", (1, 1), 2, (1, 1), False),
    ((2, 6, 5, 3), (2, 3, 1, 6), (1, 2), "SAME", (1, 1), 3, (1, 1), True),
    ((2, 6, 5, 3), (3, 2, 3, 4), (2, 1), "SAME", (1, 1), 1, (1, 1), True),
    ((2, 9, 3), (3, 3, 2), (1,), ((4, 0),), (2,), 1, (1,), False),
    # transposed
    ((33, 4, 2), (3, 2, 4), (1,), ((2, 3),), (1,), 1, (2,), False),
    ((2, 4, 3, 2), (2, 3, 2, 5), (1, 1), ((0, 1), (2, -1)), (1, 2), 1, (3, 2), True),
    ((2, 4, 3, 2), (1, 1, 2, 5), (1, 1), ((0, 1), (0, 0)), (1, 1), 1, (2, 1), False),
    ((2, 4, 5, 2), (3, 2, 2, 3), (2, 3), ((2, 1), (1, 1)), (1, 1), 1, (3, 2), False),
]


@pytest.mark.parametrize("case", OTHER_CONVOLUTIONS, ids=str)
def test_other_convolutions_are_brought_to_the_fast_form(case):
    shape, size, strides, padding, dilation, groups, spread, first = case
    x, kernel = _random(shape), _random(size)
    layout = _layout(len(strides))
    if first:
        x = jnp.moveaxis(x, -1, 1)
        turned = f"NC{layout[0][1:-1]}"
        layout = turned, layout[1], turned

    def plain(x, kernel):
        return jax.lax.conv_general_dilated(
            x,
            kernel,
            strides,
            padding,
            lhs_dilation=spread,
            rhs_dilation=dilation,
            dimension_numbers=layout,
            feature_group_count=groups,
        )

    def ours(x, kernel):
        return convolution(x, kernel, strides, padding, dilation, groups, layout, spread)

    _same_with_gradients(ours, plain, x, kernel)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    "case",
    [
        # shape (channels last), kernel, strides, padding, dilation, channels first
        ((2, 9, 3), (4, 3, 1), (1,), "SAME", (1,), False),
        ((2, 9, 3), (2, 3, 3), (3,), ((3, 0),), (1,), True),
        ((2, 6, 5, 4), (3, 2, 4, 2), (1, 2), "SAME", (1, 1), False),
        ((2, 6, 5, 4), (2, 3, 4, 1), (2, 1), "VALID", (2, 1), True),
        ((2, 3, 4, 5, 2), (2, 1, 3, 2, 2), (1, 2, 1), "SAME", (1, 1, 1), False),
    ],
    ids=str,
)
def test_depthwise_convolution(case, dtype):
    shape, size, strides, padding, dilation, first = case
    x, kernel = _random(shape, dtype), _random(size, dtype)
    layout = _layout(len(strides))
    if first:
        x = jnp.moveaxis(x, -1, 1)
        turned = f"NC{layout[0][1:-1]}"
        layout = turned, layout[1], turned

    def plain(x, kernel):
        return jax.lax.conv_general_dilated(
            x,
            kernel.reshape(*kernel.shape[:-2], 1, -1),
            strides,
            padding,
            rhs_dilation=dilation,
            dimension_numbers=layout,
            feature_group_count=shape[-1],
        )

    def ours(x, kernel):
        return depthwise_convolution(x, kernel, strides, padding, dilation, layout)

    _same_with_gradients(ours, plain, x, kernel, 1e-4 if dtype == "float32" else 0.1)


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
    weight, dx = _random(jax.eval_shape(plain, x).shape, dtype), _random(shape)

    @jax.jit
    def everything(x, weight, dx):
        found = [(f(x), *jax.vjp(f, x)[1](weight)) for f in (ours, plain)]
        # Forward mode is the transpose of backward mode.
        wide = x.astype("float32")
        _, dy = jax.jvp(ours, (wide,), (dx,))
        (along,) = jax.vjp(ours, wide)[1](dy)
        return found, (jnp.sum(dy * dy), jnp.sum(along * dx))

    (found, expected), (one, other) = everything(x, weight, dx)
    _same(found, expected, 2e-2)
    np.testing.assert_allclose(one, other, rtol=1e-4)
    if dtype == "float32":
        _same(ours(x), expected[0])


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
