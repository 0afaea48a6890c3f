"""Layers with a seed draw what Keras's draw, when called and in `fit`, and go on after a resume."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .tools.oracle import close, draw, keras, kerasish

LIBRARIES = (kerasish, keras)
X, Y = draw((6, 4, 3)), draw((6, 1), seed=1)
CELL = {"dropout": 0.4, "recurrent_dropout": 0.3}

# Each makes a layer of a seed, and calls it.
LAYERS = {
    "Dropout": lambda k, seed: k.layers.Dropout(0.4, seed=seed),
    "GaussianNoise": lambda k, seed: k.layers.GaussianNoise(0.4, seed=seed),
    "GaussianDropout": lambda k, seed: k.layers.GaussianDropout(0.4, seed=seed),
    "AlphaDropout": lambda k, seed: k.layers.AlphaDropout(0.4, seed=seed),
    "SpatialDropout1D": lambda k, seed: k.layers.SpatialDropout1D(0.4, seed=seed),
    "LSTM": lambda k, seed: k.layers.LSTM(2, seed=seed, **ones(CELL)),
    "GRU": lambda k, seed: k.layers.GRU(2, seed=seed, **ones(CELL)),
    "SimpleRNN": lambda k, seed: k.layers.SimpleRNN(2, seed=seed, **ones(CELL)),
    "Attention": lambda k, seed: paired(k.layers.Attention(dropout=0.5, seed=seed)),
    "AdditiveAttention": lambda k, seed: paired(
        k.layers.AdditiveAttention(use_scale=False, dropout=0.5, seed=seed)
    ),
    "MultiHeadAttention": lambda k, seed: twice(
        k.layers.MultiHeadAttention(1, 2, dropout=0.5, seed=seed, **ones({}, recurrent=False))
    ),
}
# Keras's bits as well, where it draws one pattern for what is drawn here.
EQUAL = {"Dropout", "GaussianNoise", "GaussianDropout", "SpatialDropout1D", "Attention"}


def ones(settings, recurrent=True):
    more = {"recurrent_initializer": "ones"} if recurrent else {}
    return settings | {"kernel_initializer": "ones"} | more


def paired(layer):
    return lambda x, training: layer([x, x], training=training)


def twice(layer):
    return lambda x, training: layer(x, x, training=training)


def drawn(k, name, seed, calls=2):
    layer = LAYERS[name](k, seed)
    return [np.asarray(layer(X, training=True)) for _ in range(calls)]


@pytest.mark.parametrize("name", LAYERS)
def test_a_seed_counts(name):
    first, again = drawn(kerasish, name, 3)
    same, _ = drawn(kerasish, name, 3)
    other, _ = drawn(kerasish, name, 4)
    close(first, same)
    assert abs(first - other).max() > 1e-4
    assert abs(first - again).max() > 1e-4
    if name in EQUAL:
        close([first, again], drawn(keras, name, 3))


def trained(k, batch_size=2, epochs=2, **fit):
    model = k.Sequential(
        [
            k.Input((4, 3)),
            k.layers.Dropout(0.4, seed=3),
            k.layers.Flatten(),
            k.layers.Dense(1, kernel_initializer="ones"),
        ]
    )
    model.compile(k.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, batch_size=batch_size, epochs=epochs, shuffle=False, verbose=0, **fit)
    return np.array(history.history["loss"], "float32"), model.get_weights()


def test_training_with_a_seed_is_that_of_keras(tmp_path):
    known = trained(kerasish)
    close(known, trained(keras))
    # In single steps, and in a run that was begun again after an epoch.
    each = kerasish.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    close(known, trained(kerasish, callbacks=[each]))
    trained(kerasish, epochs=1, resume=tmp_path)
    close(known, trained(kerasish, resume=tmp_path))


class Jitter(kerasish.Layer):
    """Draws from a generator of its own, under an attribute of any name."""

    def __init__(self, seed=None):
        super().__init__()
        self.source = kerasish.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        noise = kerasish.random.uniform(inputs.shape, seed=self.source)
        return inputs + noise if training else inputs


@pytest.mark.parametrize("seed", [None, 5])
def test_a_generator_of_ones_own_in_pure_calls(seed):
    layer = Jitter(seed)
    layer(X)
    run = jax.jit(lambda rest, x: layer.stateless_call([], rest, x, training=True))
    y, rest = run(layer.non_trainable_variables, X)
    y_next, rest = run(rest, X)
    assert abs(y - y_next).max() > 1e-3
    close(y, run(layer.non_trainable_variables, X)[0])  # pure
    key = jax.random.key(0)
    close(*(layer.apply({}, {}, X, training=True, rng=key)[0] for _ in range(2)))


def test_applied_with_a_key_a_seed_counts_beside_it():
    keys = jax.random.key(0), jax.random.key(1)

    def dropped(seed, key):
        model = kerasish.Sequential(
            [kerasish.Input((50,)), kerasish.layers.Dropout(0.5, seed=seed)]
        )
        return model.apply({}, {}, np.ones((1, 50), "float32"), training=True, rng=key)[0]

    close(dropped(3, keys[0]), dropped(3, keys[0]))
    assert (dropped(3, keys[0]) != dropped(4, keys[0])).any()
    assert (dropped(3, keys[0]) != dropped(3, keys[1])).any()


def test_a_generator_gives_its_numbers():
    ours, theirs = (k.random.SeedGenerator(3) for k in LIBRARIES)
    for _ in range(3):
        assert ours.next().tolist() == theirs.next().tolist()
    assert ours.state.value.tolist() == np.asarray(theirs.state.value).tolist()
    seeds = (k.random.SeedGenerator(2).next() for k in LIBRARIES)
    close(*(k.random.normal((3,), seed=seed) for k, seed in zip(LIBRARIES, seeds, strict=True)))


def test_a_step_draws_from_the_generator_of_its_model():
    class Noisy(kerasish.Sequential):
        def __init__(self, *args):
            super().__init__(*args)
            self.source = kerasish.random.SeedGenerator(1)

        def train_step(self, state, data):
            x, y = data
            noise = kerasish.random.normal(x.shape, seed=self.source)
            return super().train_step(state, (x + noise, y))

    x = X[:, 0]
    layers = [kerasish.Input((3,)), kerasish.layers.Dense(1, kernel_initializer="ones")]
    model = Noisy(layers)
    model.compile(kerasish.optimizers.SGD(0.0), "mse")
    losses = model.fit(x, Y, batch_size=6, epochs=3, shuffle=False, verbose=0).history["loss"]
    source = kerasish.random.SeedGenerator(1)
    noise = [kerasish.random.normal(x.shape, seed=source) for _ in range(3)]
    expected = [np.mean(((x + n).sum(1, keepdims=True) - Y) ** 2) for n in noise]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_initializers_take_a_generator():
    initializers = kerasish.initializers
    one, two = (initializers.GlorotUniform(kerasish.random.SeedGenerator(2)) for _ in range(2))
    close(one((2, 3)), two((2, 3)))
    assert abs(one((2, 3)) - one((2, 3))).max() > 1e-4
    dense = kerasish.layers.Dense(2, kernel_initializer=one)
    assert dense(np.ones((1, 3), "float32")).shape == (1, 2)
