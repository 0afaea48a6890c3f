"""Steps of one's own in Keras's form, the stateless API, and what models are made of."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from kerasish import Input, Layer, Model, Sequential, callbacks, errors, layers, metrics, models
from kerasish.utils.plot import model_to_dot, plot_model

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 4)).astype("float32"), RNG.normal(size=(24, 1)).astype("float32")


def trained(model, **kwargs):
    kwargs = {"batch_size": 8, "epochs": 2, "verbose": 0} | kwargs
    return model.fit(X, Y, **kwargs).history


class Halved(Sequential):
    """A built-in step on half of the inputs, with random numbers, and the step it is counted."""

    def train_step(self, state, data):
        x, y = data
        logs, state = super().train_step(state, (0.5 * x, y))
        return logs | {"steps": state[2][0]}, state


def halved(**kwargs):
    model = Halved([Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"], **kwargs)
    return model


def test_one_dispatch_or_many():
    weights = []
    for together in (True, False):
        model = halved()
        model.set_weights([np.full(w.shape, 0.1) for w in model.get_weights()])
        model._kerasish_engine.seed = 7
        each = callbacks.LambdaCallback(on_train_batch_end=lambda *_: None)
        history = trained(model, callbacks=[] if together else [each])
        assert history["steps"] == [3, 6]
        weights.append([*model.get_weights(), np.float32(history["loss"])])
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_second_epoch_compiles_nothing(compiled):
    model = halved()
    trained(model, epochs=1)
    compiled.clear()
    trained(model, epochs=3)
    assert not [name for name in compiled if "train" in name]


def test_a_generator_against_a_discriminator():
    # Two optimizers are one: optax takes each weight to its own.
    class Gan(Model):
        def __init__(self):
            super().__init__()
            self.generator = Sequential([Input((2,)), layers.Dense(4)], name="generator")
            self.critic = Sequential([Input((4,)), layers.Dense(1)], name="critic")

        def train_step(self, state, data):
            weights, rest, slots, sums = state
            of_generator = len(self.generator.trainable_variables)
            key = jax.random.fold_in(jax.random.key(0), self.optimizer.iterations.value)
            noise = jax.random.normal(key, (data.shape[0], 2))

            def score(weights, x):
                return jnp.mean(self.critic.stateless_call(weights[of_generator:], [], x)[0])

            def made(weights):
                return self.generator.stateless_call(weights[:of_generator], [], noise)[0]

            def losses(weights):
                fake = made(weights)
                fixed = [*weights[:of_generator], *map(jax.lax.stop_gradient, weights[2:])]
                critic = score(weights, jax.lax.stop_gradient(fake)) - score(weights, data)
                return critic - score(fixed, fake), critic

            grads, critic = jax.grad(losses, has_aux=True)(weights)
            weights, slots = self.optimizer.stateless_apply(slots, grads, weights)
            return {"critic": critic}, (weights, rest, slots, sums)

    model = Gan()
    which = {"generator": optax.adam(0.1), "critic": optax.sgd(0.01)}
    label = lambda path, _: path[0].key
    labels = lambda params: jax.tree_util.tree_map_with_path(label, params)
    model.compile(optax.multi_transform(which, labels))
    before = model.get_weights()
    history = model.fit(X, batch_size=8, epochs=1, verbose=0).history
    assert list(history) == ["critic"] and np.isfinite(history["critic"]).all()
    moved = [np.abs(a - b).max() for a, b in zip(before, model.get_weights(), strict=True)]
    assert min(moved[:2]) > 0.1 > max(moved[2:]) > 0


def test_penalties_and_metrics_of_layers():
    class Watched(Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.seen = metrics.Mean(name="seen")

        def call(self, x):
            self.seen.update_state(x)
            self.add_loss(jnp.mean(x**2))
            return x

    model = Sequential([Input((4,)), layers.Dense(3), Watched(), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert [m.name for m in model.metrics] == ["loss", "compile_metrics", "seen"]
    history = trained(model, epochs=1, validation_data=(X, Y))
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    inner = model.layers[0](X)
    assert found["seen"] == pytest.approx(float(inner.mean()), abs=1e-5)
    penalty = float((inner**2).mean())
    assert found["loss"] == pytest.approx(float(((model(X) - Y) ** 2).mean()) + penalty, rel=1e-5)
    assert model.losses[0] == pytest.approx(penalty, rel=1e-5)
    assert set(history) == {"loss", "seen", "val_loss", "val_seen"}
    assert model.get_metrics_result()["seen"] == pytest.approx(found["seen"])


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (lambda self, s, d: ({"loss": d[0]}, s), errors.ArgumentError, "logs are scalars"),
        (lambda self, s, d: (s, {"loss": 0}), errors.ArgumentError, "logs as a dict"),
        (
            lambda self, s, d: (self.count.update_state(1.0), ({}, s))[1],
            errors.PurityError,
            "stateless_update_state",
        ),
    ],
)
def test_mistakes_in_steps(step, error, message):
    class Wrong(Sequential):
        train_step = step

    model = Wrong([Input((4,)), layers.Dense(1)])
    model.count = metrics.Mean(name="count")
    model.compile("sgd", "mse")
    with pytest.raises(error, match=message):
        trained(model)


def test_own_predictions():
    class Doubled(Sequential):
        def predict_step(self, state, data):
            outputs, rest = super().predict_step(state, data)
            return 2 * outputs, rest

    model = Doubled([Input((4,)), layers.Dense(1)])
    np.testing.assert_allclose(model.predict(X, verbose=0), 2 * model(X), rtol=1e-5)


def test_random_numbers_of_a_loop_of_ones_own():
    model = Sequential([Input((4,)), layers.Dropout(0.5)])
    rest = model.non_trainable_variables
    assert [v.name for v in rest] == ["seed_generator_state"] and not model.weights
    call = jax.jit(lambda rest: model.stateless_call([], rest, jnp.ones((3, 4)), training=True))
    one, after = call(rest)
    two, _ = call(after)
    assert int(after[0][1]) == 1 and (np.asarray(one) != np.asarray(two)).any()
    np.testing.assert_array_equal(one, call(rest)[0])
    with pytest.raises(errors.ShapeError, match="must be 1"):
        model.stateless_call([], [], jnp.ones((3, 4)))


def test_a_state_tree():
    model = Sequential([Input((4,)), layers.Dense(1)], name="m")
    model.compile("adam", "mse")
    trained(model, epochs=1)
    tree = model.get_state_tree("numpy_array")
    assert list(tree["trainable_variables"]["m"]["dense"]) == ["bias", "kernel"]
    kept = model.get_weights()
    trained(model, epochs=1)
    model.set_state_tree(tree)
    for a, b in zip(kept, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert int(model.optimizer.iterations) == 3
    with pytest.raises(errors.UnknownNameError, match="kernell"):
        model.set_state_tree({"trainable_variables": {"m": {"dense": {"kernell": 0}}}})
    with pytest.raises(errors.ArgumentError, match="value_format"):
        model.get_state_tree("list")


def test_rematerialized_calls_change_nothing():
    class Block(Layer):
        def __init__(self, saves, **kwargs):
            super().__init__(**kwargs)
            self.inner = Sequential([layers.BatchNormalization(), layers.Dropout(0.5)])
            self.saves = saves

        def call(self, x):
            def run(x):
                self.add_loss(jnp.mean(x))
                return self.inner(x)

            return (self.rematerialized_call(run) if self.saves else run)(x)

    found = []
    for saves in (False, True):
        model = Sequential([Input((4,)), Block(saves, name="block")])

        def loss(params, model=model):
            with model._kerasish_bound(
                params, model.state, training=True, rng=jax.random.key(1)
            ) as scope:
                total = jnp.sum(model(X) ** 2) + sum(model.losses)
                return total, model._kerasish_new_state(scope)

        found.append(jax.jit(jax.value_and_grad(loss, has_aux=True))(model.params))
        model.compile("sgd")
        trained(model, epochs=1)
    for a, b in zip(*map(jax.tree.leaves, found), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def graph():
    a = Input((4,), name="a")
    shared = layers.Dense(4, name="shared")
    inner = Sequential([layers.Dense(4, name="in1")], name="inner")
    return Model(a, {"p": inner(shared(shared(a))), "q": layers.Dense(1, name="q")(a)}, name="g")


def test_clones():
    model = graph()
    copy = models.clone_model(model)
    assert [v.path for v in copy.weights] == [v.path for v in model.weights]
    copy.set_weights(model.get_weights())
    np.testing.assert_allclose(copy(X)["p"], model(X)["p"], rtol=1e-6)
    wider = lambda layer: layers.Dense(4, "tanh", name=layer.name)
    clone = models.clone_model(model, clone_function=wider, recursive=True)
    assert clone.get_layer("inner").layers[0].get_config()["activation"] == "tanh"

    def call(layer, *args, **kwargs):
        y = layer(*args, **kwargs)
        return layers.ReLU()(y) if layer.name == "shared" else y

    longer = models.clone_model(model, Input((4,), name="b"), lambda layer: layer, call)
    assert sum(isinstance(layer, layers.ReLU) for layer in longer.layers) == 2
    assert longer.get_layer("shared") is model.get_layer("shared")
    stack = models.clone_model(Sequential([Input((4,)), layers.Dense(2)]))
    assert stack.output_shape == (None, 2)
    with pytest.raises(errors.ArgumentError, match="Sequential"):
        models.clone_model(stack, call_function=call)
    with pytest.raises(errors.ArgumentError, match="own `call`"):
        models.clone_model(layers.Dense(2))
    with pytest.raises(errors.ArgumentError, match="1 inputs; got 2"):
        models.clone_model(stack, [Input((4,)), Input((4,))])


def test_models_as_text():
    model = graph()
    model.compile("adam", {"p": "mse", "q": "mae"}, metrics={"q": ["mae"]})
    again = models.model_from_json(model.to_json(indent=1))
    assert [v.path for v in again.weights] == [v.path for v in model.weights]
    assert again.output_shape == model.output_shape
    assert again.get_compile_config() == model.get_compile_config()
    assert again.compiled and type(again.optimizer).__name__ == "Adam"
    with pytest.raises(errors.FileFormatError, match="not JSON"):
        models.model_from_json("{")


def test_summaries_of_a_part():
    told = []
    part = ["shared", "in.*"]
    graph().summary(print_fn=told.append, layer_range=part, positions=[40, 60, 70, 90])
    assert "shared" in told[0] and "q (Dense)" not in told[0]
    with pytest.raises(errors.ArgumentError, match="nothing"):
        graph().summary(layer_range=["nothing", "q"])
    with pytest.raises(errors.ArgumentError, match="positions"):
        graph().summary(positions=[0.5, 1.0])


def test_pictures(tmp_path):
    pytest.importorskip("matplotlib")
    model = graph()
    for direction in ("TB", "LR", "BT"):
        file = tmp_path / f"{direction}.png"
        plot_model(model, file, show_shapes=True, expand_nested=True, rankdir=direction, dpi=20)
        assert file.stat().st_size > 500
    text = model_to_dot(model, show_shapes=True, show_dtype=True).to_string()
    assert text.count("->") == 4 and "(None, 4)" in text
    with pytest.raises(errors.ArgumentError, match="rankdir"):
        plot_model(model, tmp_path / "x.png", rankdir="up")


def test_freezing_between_two_fits():
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.compile("adam", "mse")
    trained(model, epochs=1)
    model.layers[0].trainable = False
    before = model.get_weights()
    trained(model, epochs=1)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert (before[2] != after[2]).any()


def test_what_layers_tell_of_themselves():
    model = Sequential([Input((4,)), layers.Dense(3, dtype="mixed_bfloat16")], name="m")
    dense = model.layers[0]
    assert (model.path, dense.path) == ("m", "m/dense")
    assert (dense.input_dtype, dense.dtype, dense.dtype_policy.name) == (
        *("bfloat16", "float32"),
        "mixed_bfloat16",
    )
    dense.dtype_policy = "float32"
    assert dense.input_dtype == "float32" and dense.metrics == []
    again = layers.Dense.from_config(dense.get_config())
    again.build_from_config(json.loads(json.dumps(dense.get_build_config())))
    store = {}
    dense.save_own_variables(store)
    again.load_own_variables(store)
    np.testing.assert_array_equal(again.get_weights()[0], dense.get_weights()[0])
    assert dense.compute_output_spec(Input((4,))).shape == (None, 3)
    assert dense.symbolic_call(Input((4,))).shape == (None, 3)
    with pytest.raises(errors.ArgumentError, match="no quantization"):
        dense.quantize("int8")
    with pytest.raises(errors.ArgumentError, match="inside the `call`"):
        model.add_loss(model.outputs[0])
    with pytest.raises(errors.ShapeError, match="the store holds 1"):
        again.load_own_variables({"0": store["0"]})


def losses_written_otherwise():
    """Return classes whose `compute_loss` takes its arguments in several ways, as Keras allows."""

    class Documented(Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            assert isinstance(training, bool)
            return jnp.mean((y - y_pred) ** 2)

    class Older(Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return jnp.mean((y - y_pred) ** 2)

    class Renamed(Sequential):
        def compute_loss(self, data, wanted, found, weights=None):
            return jnp.mean((wanted - found) ** 2)

    class Passing(Sequential):
        def compute_loss(self, *args, **kwargs):
            assert (len(args), kwargs) == (4, {})
            return super().compute_loss(*args, **kwargs)

    return [Documented, Older, Renamed, Passing]


@pytest.mark.parametrize("kind", losses_written_otherwise(), ids=lambda kind: kind.__name__)
def test_compute_loss_is_called_as_keras_calls_it(kind):
    model = kind([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), "float32")
    assert model.test_on_batch(x, x[:, :1]) == pytest.approx(1.0)
    assert model.train_on_batch(x, x[:, :1]) == pytest.approx(1.0)


class Composing(layers.Layer):
    """Makes layers without weights where it needs them."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, inputs):
        flat = layers.Flatten()(inputs)
        joined = layers.concatenate([flat, layers.Activation("relu")(flat)])
        dropped = layers.Dropout(0.5)(joined)
        each = layers.TimeDistributed(self.dense)(inputs)
        return layers.Reshape((-1,))(each)[:, :1] + dropped


def test_layers_without_weights_may_be_made_in_call():
    x = np.ones((4, 3, 2), "float32")
    layer = Composing()
    assert layer(x).shape == (4, 12)
    model = Sequential([Input((3, 2)), layer])
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(x, np.zeros((4, 12)), verbose=0)
    assert abs(before[0] - model.get_weights()[0]).max() > 0
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-5)


def test_layers_with_weights_may_not():
    class Wrong(layers.Layer):
        def call(self, inputs):
            return layers.Dense(2)(inputs)

    for layer in (Wrong(), Sequential([Input((3,)), Wrong()])):
        with pytest.raises(errors.NotBuiltError, match="Make it in `__init__` or `build`"):
            layer(np.ones((2, 3), "float32"))
