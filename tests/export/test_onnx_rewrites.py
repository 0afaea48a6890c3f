"""Programs in other words compute what they did."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from kerasish.export.onnx_rewrites import spelled

RNG = np.random.default_rng(0)


def data(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("float32")


def running(x):
    step = lambda carry, now: (carry * 0.5 + now, carry)
    last, each = lax.scan(step, jnp.zeros(x.shape[1:]), x, reverse=True)
    return last, each


def counted(x):
    return lax.scan(lambda carry, _: (jnp.sin(carry) + x, None), x, None, length=3)[0]


def wrapped(x):
    return jax.checkpoint(jax.jit(lambda x: jax.nn.relu(x) + jax.nn.logsumexp(x)))(x)


def padded(x):
    x = lax.pad(x, np.float32(7), [(1, -2, 0), (0, 3, 2), (-1, -1, 1)])
    return lax.pad(x, np.float32(1), [(0, 0, 4), (0, 0, 0), (2, 0, 0)])


def pooled(x):
    size, strides, pads = (1, 3, 2, 2, 1), (1, 2, 1, 2, 1), [(0, 0), (1, 1), (0, 1), (1, 0), (0, 0)]
    return lax.reduce_window(x, np.float32(-np.inf), lax.max, size, strides, pads)


def of_volumes(x):
    kernel = data(2, 3, 2, 1, 4)
    layout = ("NDHWC", "DHWIO", "NDHWC")
    plain = lax.conv_general_dilated(
        x, kernel, (2, 1, 1), "SAME", rhs_dilation=(1, 2, 1), feature_group_count=2,
        dimension_numbers=layout,
    )  # fmt: skip
    spread = lax.conv_general_dilated(
        x, data(3, 2, 2, 2, 3), (1, 1, 2), [(2, 1), (0, 1), (1, 1)], lhs_dilation=(2, 3, 1),
        dimension_numbers=layout,
    )  # fmt: skip
    return plain, spread


def spectrum(x):
    return jnp.abs(jnp.fft.rfft(x, 12)), jnp.fft.rfft(x).imag


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (running, data(5, 3)),
        (counted, data(3)),
        (wrapped, data(3, 4)),
        (padded, data(4, 2, 5)),
        (pooled, data(2, 7, 5, 6, 3)),
        (of_volumes, data(2, 6, 7, 5, 2)),
        (spectrum, data(2, 3, 9)),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_other_words_say_the_same(monkeypatch, function, x):
    # The draws within a function must be the same each time.
    monkeypatch.setitem(globals(), "data", lambda *shape: np.cos(np.arange(np.prod(shape))).reshape(
        shape).astype("float32"))  # fmt: skip
    program = jax.make_jaxpr(function)(x)
    for one, two in zip(spelled(program, x), jax.tree.leaves(function(x)), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "function", [running, padded, pooled, of_volumes], ids=lambda f: f.__name__
)
def test_the_words_are_known(function):
    shape = {running: (5, 3), padded: (4, 2, 5)}.get(function, (2, 6, 7, 5, 2))
    program = jax.make_jaxpr(function)(data(*shape))
    told = str(jax.make_jaxpr(lambda x: spelled(program, x))(data(*shape)))
    assert "reverse=True" not in told
    assert "pad[" not in told
    assert all(f"spec=({', '.join('01234')})" not in line for line in told.splitlines())


def test_floats_have_32_bits():
    half = lambda x: (x.astype("bfloat16") @ jnp.ones((4, 2), "bfloat16")).astype("float16") * 2
    x = data(3, 4)
    (y,) = spelled(jax.make_jaxpr(half)(x), x)
    assert y.dtype == "float32"
    np.testing.assert_allclose(y, half(x), rtol=2e-2)
