"""The pure view, both ways: trees are given out, used in loops of one's own, and put back."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import kerasish
from kerasish import Input, Sequential, errors, layers

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = X[:, :1]


def made(seed=0, **settings):
    kerasish.utils.set_random_seed(seed)
    model = Sequential(
        [
            Input((4,)),
            layers.Dense(3, kernel_regularizer="l2", activity_regularizer="l1", **settings),
            layers.BatchNormalization(),
            layers.Dense(1, use_bias=False),
        ]
    )
    model.compile(kerasish.optimizers.SGD(0.1), "mse")
    return model


def test_trees_are_put_back():
    model, other = made(1), made(2)
    other.params, other.state = model.params, model.state
    np.testing.assert_array_equal(other(X), model(X))
    # The owner of the values is the engine once there was a step.
    model.fit(X, Y, verbose=0)
    other.fit(X, 2 * Y, verbose=0)
    other.params, other.state = model.params, jax.tree.map(np.asarray, model.state)
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    layer = other.layers[0]
    layer.params = {"bias": np.ones(3), "kernel": np.zeros((4, 3))}
    assert layer(X).tolist() == [[1.0] * 3] * 8


def test_trees_that_do_not_fit_change_nothing():
    model = made()
    before = model.get_weights()
    good = model.params
    kernel = good["dense"]["kernel"]
    for wrong, message in (
        ({**good, "more": {}}, "not known \\['more'\\]"),
        ({**good, "dense": {"kernel": kernel}}, "missing \\['bias'\\]"),
        ({**good, "dense": {"bias": kernel, "kernel": kernel}}, "'dense/bias' has shape"),
        ({**good, "dense": kernel}, "at 'dense': missing"),
    ):
        with pytest.raises(errors.ShapeError, match=message):
            model.params = wrong
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_what_is_given_out_may_be_donated():
    model = made()
    model.fit(X, Y, verbose=0)
    outputs = model.predict(X, verbose=0)
    half = jax.jit(lambda tree: jax.tree.map(lambda x: x / 2, tree), donate_argnums=0)
    params = half(model.params)
    half(model.state)
    np.testing.assert_array_equal(model.predict(X, verbose=0), outputs)
    model.params = params
    outputs = model.predict(X, verbose=0)
    half(params)
    np.testing.assert_array_equal(model.predict(X, verbose=0), outputs)
    model.fit(X, Y, verbose=0)


def test_a_loop_of_ones_own_minimizes_what_fit_minimizes():
    model, other = made(), made()
    history = model.fit(X, Y, batch_size=8, epochs=3, verbose=0).history["loss"]
    optimizer = optax.sgd(0.1)

    @jax.jit
    def step(params, state, slots):
        def loss(params):
            y, new, losses = other.apply(params, state, X, training=True, return_losses=True)
            return jnp.mean((y - Y) ** 2) + sum(losses), new

        (value, state), grads = jax.value_and_grad(loss, has_aux=True)(params)
        updates, slots = optimizer.update(grads, slots)
        return optax.apply_updates(params, updates), state, slots, value

    params, state, losses = other.params, other.state, []
    slots = optimizer.init(params)
    for _ in range(3):
        params, state, slots, value = step(params, state, slots)
        losses.append(float(value))
    np.testing.assert_allclose(losses, history, rtol=1e-5)
    other.params, other.state = params, state
    np.testing.assert_allclose(other(X), model(X), rtol=1e-4, atol=1e-6)


def test_leaves_of_a_tree_are_not_the_weights_in_order():
    model = Sequential([Input((4,)), layers.LayerNormalization()])
    leaves = jax.tree.leaves(model.params)
    with pytest.warns(UserWarning, match=r"'layer_normalization/gamma' comes before .*beta"):
        model.set_weights(leaves)
    model.set_weights(model.get_weights())
    model.set_weights([np.asarray(leaf) for leaf in leaves])
    with pytest.raises(errors.ArgumentError, match=r"model.params = tree"):
        model.set_weights(model.params)
    # Where both orders are one, or shapes tell them apart, nothing is said.
    dense = Sequential([Input((4,)), layers.Dense(2)])
    dense.set_weights([v.value for v in dense.weights])
    with pytest.raises(errors.ShapeError, match=r"model.params"):
        dense.set_weights(jax.tree.leaves(dense.params))


def nested(seed):
    kerasish.utils.set_random_seed(seed)
    inner = Sequential([Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="inner")
    x = Input((4,))
    return kerasish.Model(x, layers.Dense(2, kernel_initializer="orthogonal")(inner(x)))


class Own(kerasish.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3, bias_initializer="normal")

    def call(self, inputs):
        return self.dense(inputs)


def grown(seed):
    kerasish.utils.set_random_seed(seed)
    model = Sequential([Input((4,))])
    model.add(layers.Dense(3, bias_initializer=lambda shape, dtype: jnp.ones(shape, dtype)))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(2, kernel_initializer="he_normal"))
    return model


@pytest.mark.parametrize("make", [made, nested, grown])
def test_init_draws_what_building_draws(make):
    model, other = make(3), make(5)
    expected = model.params, model.state
    check = lambda one, two: jax.tree.map(np.testing.assert_array_equal, one, two)
    for source in (model, other):
        check(source.init(jax.random.key(3)), expected)
        check(jax.jit(source.init)(jax.random.key(3)), expected)
    keys = jnp.stack([jax.random.key(3), jax.random.key(5)])
    many = jax.vmap(model.init)(keys)
    check(jax.tree.map(lambda leaf: leaf[0], many), expected)
    check(jax.tree.map(lambda leaf: leaf[1], many), (other.params, other.state))
    check((model.params, model.state), expected)  # nothing has changed


def test_init_builds():
    kerasish.utils.set_random_seed(2)
    built = Own()
    built(X)
    model = Own()
    params, state = jax.jit(model.init)(jax.random.key(2), X)
    jax.tree.map(np.testing.assert_array_equal, params, built.params)
    assert state == {} and model.apply(params, state, X)[0].shape == (8, 3)
    with pytest.raises(errors.NotBuiltError):
        Own().init(jax.random.key(0))
    with pytest.raises(errors.ArgumentError, match=r"key=jax.random.key\(0\)"):
        model.init(0, X)


def test_models_around_the_same_layers_begin_differently():
    kerasish.utils.set_random_seed(1)
    x = Input((4,))
    base = kerasish.Model(x, layers.Dense(3)(x))
    one, two = (kerasish.Model(x, layers.Dense(2)(base(x))) for _ in range(2))
    assert abs(one.layers[-1].kernel.numpy() - two.layers[-1].kernel.numpy()).max() > 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, p, s: m.apply(p, X), r"state .*an array of shape \(8, 4\).*apply\(params, st"),
        (lambda m, p, s: m.apply(p, s), r"takes the inputs after params and state"),
        (lambda m, p, s: m.apply(X, s, X), r"takes the params .* array of shape \(8, 4\)"),
        (lambda m, p, s: m.apply(p, s, X, training=True, rng=0), r"rng=jax.random.key\(0\)"),
        (lambda m, p, s: m.apply(p, s, X, rng=np.ones(3)), r"must be a key of jax.random"),
        (lambda m, p, s: m.apply(p, s, X, train=True), r"'train'.*Did you mean 'training'"),
        (lambda m, p, s: m.apply(p, s, X[0]), r"takes input of shape \(None, 4\)"),
        (lambda m, p, s: m.apply(p, s, [X, X]), r"takes one array .* got a list"),
        (lambda m, p, s: m.apply(p, s, {"a": X, "b": X}), r"takes one array .* got a dict"),
        (lambda m, p, s: m.apply({}, s, X), r"params do not fit .* missing \['batch_normal"),
        (lambda m, p, s: m.apply(p, {}, X), r"state do not fit .* missing \['batch_normal"),
    ],
)
def test_apply_explains(call, message):
    model = made()
    with pytest.raises(errors.KerasishError, match=message):
        call(model, model.params, model.state)


def test_arrays_on_several_devices():
    script = """
        import jax, numpy as np, kerasish
        from jax.sharding import AxisType, NamedSharding, PartitionSpec
        from kerasish import Input, Sequential, layers

        x = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")

        def run(x, y):
            kerasish.utils.set_random_seed(0)
            model = Sequential([Input((4,)), layers.Dense(3, "relu"), layers.Dense(1)])
            model.compile("sgd", "mse")
            losses = model.fit(x, y, batch_size=4, epochs=2, verbose=0).history["loss"]
            found = model.predict(x, batch_size=3, verbose=0), model.predict_on_batch(x)
            return [losses, *found, model.train_on_batch(x, y), model.evaluate(x, y, verbose=0)]

        expected = run(x, x[:, :1])
        mesh = jax.make_mesh((4,), ("data",), axis_types=(AxisType.Explicit,))
        put = lambda a: jax.device_put(a, NamedSharding(mesh, PartitionSpec("data")))
        with jax.set_mesh(mesh):
            found = run(put(x), put(x[:, :1]))
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5)
        print(jax.device_count())
    """
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=os.environ | flags,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "4"
