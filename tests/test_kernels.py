"""The fast forms give the numbers and the gradients of the plain ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish.kernels import convolution, looping

RNG = np.random.default_rng(0)

CASES = [
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
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_convolution(case):
    shape, size, channels, filters, strides, padding, dilation = case
    x = jnp.asarray(RNG.normal(size=(*shape, channels)), "float32")
    kernel = jnp.asarray(RNG.normal(size=(*size, channels, filters)), "float32")
    space = "DHW"[-len(size) :]
    layout = (f"N{space}C", f"{space}IO", f"N{space}C")

    def loss(x, kernel):
        y = convolution(x, kernel, strides, padding, dilation, 1, layout)
        return jnp.sum(jnp.sin(y)), y

    gradient = jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)
    (_, plain), plain_gradients = gradient(x, kernel)
    with looping():
        assert "custom_vjp" in str(jax.make_jaxpr(loss)(x, kernel))
        (_, fast), fast_gradients = gradient(x, kernel)
    np.testing.assert_array_equal(plain, fast)
    for one, other in zip(plain_gradients, fast_gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
