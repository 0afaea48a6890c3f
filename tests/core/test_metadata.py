"""Losses and metadata of arrays: carried through a call, or refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish import Input, Sequential, layers
from kerasish.core.scope import Scope, get_metadata, set_metadata
from kerasish.errors import PurityError


class PenalizedCell(layers.Layer):
    state_size = 2

    def call(self, x, states, training=False):
        self.add_loss(jnp.sum(x**2))
        return x, states


class RegularizedCell(layers.Layer):
    state_size = 2

    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(2, activity_regularizer="l2")

    def call(self, x, states, training=False):
        return self.inner(x), states


@pytest.mark.parametrize("cell", [PenalizedCell, RegularizedCell])
def test_a_loss_within_a_scan_is_refused(cell):
    with pytest.raises(PurityError, match=r"added a loss .* inside a JAX transformation"):
        layers.RNN(cell())(np.ones((2, 3, 2), "float32"))


@pytest.mark.parametrize("transform", [jax.jit, jax.vmap, jax.checkpoint])
def test_a_loss_within_a_transformation_is_refused(transform):
    class Inner(layers.Layer):
        def call(self, x):
            def penalized(x):
                self.add_loss(jnp.sum(x))
                return x

            return transform(penalized)(x)

    with pytest.raises(PurityError, match="Return its value from the transformed function"):
        Inner()(jnp.ones((2, 3)))


def test_a_loss_after_the_transformation_counts():
    class Outer(layers.Layer):
        def call(self, x):
            y, penalty = jax.jit(lambda x: (x, jnp.sum(x)))(x)
            self.add_loss(penalty)
            return y

    layer = Outer()
    layer(jnp.ones((2, 3)))
    assert [float(loss) for loss in layer.losses] == [6.0]


class Block(layers.Layer):
    """A layer that calls another one on its input."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.LSTM(3)
        self.supports_masking = True

    def call(self, x):
        return self.inner(x)


def test_a_mask_survives_the_cast_to_the_compute_dtype():
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    x[:, 2:] = 0.0
    block = Block(dtype="mixed_bfloat16")
    model = Sequential([Input((4, 3)), layers.Masking(), block])
    shorter = block(x[:, :2])  # without the masked steps: the same last state
    np.testing.assert_array_equal(model(x), shorter)


def test_metadata_is_carried_by_a_cast():
    class Last(layers.Layer):
        def call(self, x):
            assert x.dtype == "bfloat16"
            assert get_metadata(x, "softmax_logits") == "kept"
            return x

    with Scope():
        x = jnp.ones((2, 3))
        set_metadata(x, softmax_logits="kept")
        Last(dtype="bfloat16")(x)
