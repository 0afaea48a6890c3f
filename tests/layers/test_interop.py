"""JAX functions and Flax modules as layers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen, nnx

import kerasish
from kerasish import Sequential, layers
from kerasish.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(48, 3)).astype("float32")
Y = X[:, :2] * 2


@kerasish.saving.register_keras_serializable("tests")
def affine(params, inputs):
    return inputs @ params["kernel"] + params["parts"][0][None]


@kerasish.saving.register_keras_serializable("tests")
def first_affine(rng, inputs):
    kernel = jax.random.normal(rng, (inputs.shape[-1], 2))
    return {"kernel": kernel, "parts": [jnp.zeros(2)]}


def noisy(inputs, params, state, rng, training):
    noise = jax.random.normal(rng, inputs.shape) if training else 0
    return inputs * params[None] + noise, {"calls": state["calls"] + training}


class Linen(linen.Module):
    @linen.compact
    def __call__(self, x, training=False):
        x = linen.BatchNorm(use_running_average=not training)(linen.Dense(4)(x))
        return linen.Dense(2)(linen.Dropout(0.1, deterministic=not training)(x))


class Nnx(nnx.Module):
    def __init__(self, rngs):
        self.first = nnx.Linear(3, 4, rngs=rngs)
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.drop = nnx.Dropout(0.1, rngs=rngs)
        self.last = nnx.Linear(4, 2, rngs=rngs)

    def __call__(self, x):
        return self.last(self.drop(self.norm(self.first(x))))


def trained(layer, epochs=60):
    model = Sequential([kerasish.Input((3,)), layer, layers.Dense(2)])
    model.compile(kerasish.optimizers.Adam(0.05), "mse")
    before = model.get_weights()
    losses = model.fit(X, Y, epochs=epochs, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    for weight, old in zip(model.weights, before, strict=True):
        assert not np.array_equal(weight.numpy(), old), f"{weight.name} is as it was"
    return model


@pytest.mark.parametrize("make", [lambda: Linen(), lambda: Nnx(nnx.Rngs(0))], ids=["linen", "nnx"])
def test_a_module_is_trained_with_its_statistics_and_dropout(make):
    model = trained(layers.FlaxLayer(make()))
    layer = model.layers[0]
    assert len(layer.trainable_weights) == 6 and len(layer.non_trainable_weights) == 2
    # Nothing is drawn and no statistics are taken outside of training.
    state = [v.numpy() for v in layer.non_trainable_weights]
    once, again = (model.predict(X, verbose=0) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    for old, variable in zip(state, layer.non_trainable_weights, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())
    drawn = [
        layer.apply(layer.params, layer.state, X, training=True, rng=jax.random.key(s))[0]
        for s in (1, 1, 2)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_a_linen_layer_is_the_module():
    module = Linen()
    variables = module.init(jax.random.key(3), X)
    given = layers.FlaxLayer(module, variables=variables)
    np.testing.assert_allclose(given(X), module.apply(variables, X), rtol=1e-6)
    by_name = layers.FlaxLayer(linen.Dense(2), method="__call__")
    assert by_name(X).shape == (48, 2)
    by_function = layers.FlaxLayer(linen.Dense(2), method=lambda module, x: module(x) + 1)
    by_function(X)
    by_function.set_weights([np.zeros(2), np.zeros((3, 2))])
    np.testing.assert_array_equal(by_function(X), np.ones((48, 2)))


def test_an_nnx_layer_is_the_module():
    module = Nnx(nnx.Rngs(1))
    found = layers.FlaxLayer(module)(X)
    module.eval()
    np.testing.assert_allclose(found, module(X), rtol=1e-5, atol=1e-6)


def test_weights_of_modules_are_saved(tmp_path):
    model = trained(layers.FlaxLayer(Linen()), epochs=40)
    model.save_weights(tmp_path / "m.weights.h5")
    again = Sequential([kerasish.Input((3,)), layers.FlaxLayer(Linen()), layers.Dense(2)])
    again.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    with pytest.raises(ArgumentError, match="Flax module"):
        model.save(tmp_path / "m.keras")


def test_a_function_is_trained_and_saved(tmp_path):
    model = trained(layers.JaxLayer(affine, first_affine))
    assert [v.name for v in model.layers[0].weights] == ["kernel", "parts.0"]
    model.save(tmp_path / "m.keras")
    again = kerasish.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_given_parameters_survive_a_config():
    params = first_affine(jax.random.key(0), X)
    layer = layers.JaxLayer(affine, params=params)
    again = layers.JaxLayer.from_config(layer.get_config())
    np.testing.assert_array_equal(layer(X), again(X))
    np.testing.assert_allclose(layer(X), affine(params, X), rtol=1e-6)


def test_a_state_is_carried_and_the_rng_is_the_models():
    layer = layers.JaxLayer(noisy, params=np.ones(3, "float32"), state={"calls": np.int32(0)})
    np.testing.assert_array_equal(layer(X), X)
    assert not np.array_equal(layer(X, training=True), X)
    assert [int(v.numpy()) for v in layer.non_trainable_weights] == [1]
    assert [v.name for v in layer.weights] == ["params", "calls"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.JaxLayer(lambda x: x), "`x`"),
        (lambda: layers.JaxLayer(lambda params: params, params={}), "`inputs`"),
        (lambda: layers.JaxLayer(affine), "init_fn"),
        (lambda: layers.JaxLayer(affine, lambda y: y), "`y`"),
        (lambda: layers.JaxLayer(affine, params={"kernel": "a"})(X), "numbers"),
        (lambda: layers.FlaxLayer(layers.Dense(2)), "flax"),
        (lambda: layers.FlaxLayer(Nnx(nnx.Rngs(0)), variables={}), "variables"),
    ],
)
def test_mistakes_are_told(make, words):
    with pytest.raises(ArgumentError, match=words):
        make()


def test_parameters_are_nested_as_flax_has_them():
    linen = pytest.importorskip("flax.linen")

    class Block(linen.Module):
        @linen.compact
        def __call__(self, x, train=False):
            x = linen.BatchNorm(use_running_average=not train)(linen.Dense(3)(x))
            return linen.Dense(2)(x)

    module, x = Block(), np.ones((4, 3), "float32")
    kerasish.utils.set_random_seed(3)
    model = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.FlaxLayer(module)])
    layer = model.layers[0]
    assert set(layer.params) == {"BatchNorm_0", "Dense_0", "Dense_1"}
    assert set(layer.state) == {"batch_stats"}
    # Both ways: Flax's `apply` takes what the layer has, the layer what Flax's `init` gives.
    y = module.apply({"params": layer.params, **layer.state}, x)
    np.testing.assert_allclose(layer(x), y, rtol=1e-6)
    variables = module.init(jax.random.key(1), x)
    layer.params = variables["params"]
    np.testing.assert_allclose(layer(x), module.apply(variables, x), rtol=1e-6)
    # First values depend on the key, and are those of building.
    other = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.FlaxLayer(module)])
    keys = jnp.stack([jax.random.key(3), jax.random.key(4)])
    params, _ = jax.vmap(other.init)(keys)
    kerasish.utils.set_random_seed(3)
    again = kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.FlaxLayer(module)])
    first = jax.tree.map(lambda leaf: leaf[0], params)
    compare = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6)
    jax.tree.map(compare, first, again.params)
    kernel = params["flax_layer"]["Dense_0"]["kernel"]
    assert abs(kernel[0] - kernel[1]).max() > 1e-3
