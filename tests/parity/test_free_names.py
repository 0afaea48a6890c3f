"""Attributes are users': names that Keras's classes leave free are free here, and are saved."""

import numpy as np
import pytest

from kerasish import (
    Input,
    Model,
    Sequential,
    callbacks,
    layers,
    losses,
    metrics,
    optimizers,
    saving,
)
from kerasish.core.surface.reserved import is_reserved
from kerasish.errors import ArgumentError

from .tools.oracle import keras

X = np.random.default_rng(0).normal(size=(4, 2)).astype("float32")


class OursCalled(Model):
    def call(self, x):
        return x


class TheirsCalled(keras.Model):
    def call(self, x):
        return x


def names(thing):
    return {name for name in (*dir(type(thing)), *vars(thing)) if not name.startswith("__")}


def built(model):
    model(X)
    model.compile("sgd", "mse")
    return model


PAIRS = {
    "Layer": (layers.Layer(), keras.layers.Layer()),
    "Model": (built(OursCalled()), built(TheirsCalled())),
    "Sequential": (Sequential([Input((2,))]), keras.Sequential([keras.Input((2,))])),
    "Metric": (metrics.Metric(), keras.metrics.Metric()),
    "Loss": (losses.Loss(), keras.losses.Loss()),
    "Optimizer": (optimizers.Adam(), keras.optimizers.Adam()),
}

# What is there for reading in the place of an attribute of the user's own.
PUBLIC = {
    "Layer": {"apply", "init", "output_shape", "params", "state"},
    "Metric": {"compute", "init", "merge", "update"},
    "Loss": set(),
    "Optimizer": {
        *("hyperparams", "init", "transformation", "update"),
        *("init_slots", "prepare_step", "update_one", "weight_decay_for"),
        *("optional_hyperparams", "shared_slots", "signed_hyperparams", "slot_groups"),
        "slot_switches",
    },
}
PUBLIC["Model"] = PUBLIC["Layer"] | {
    *("checkpoint", "history", "input_shape", "inputs", "operations", "output_names", "outputs"),
    *("profile", "snapshot"),
}
PUBLIC["Sequential"] = PUBLIC["Model"] | {"stop_training"}


@pytest.mark.parametrize("kind", PAIRS)
def test_what_keras_does_not_have_is_reserved_or_gives_way(kind):
    ours, theirs = PAIRS[kind]
    more = {name for name in names(ours) - names(theirs) if not is_reserved(name)}
    assert more <= PUBLIC[kind]


# Every such name at once, in one class, with a layer in each.
FREE = sorted(
    PUBLIC["Model"]
    | {"_engine", "_layers", "_stack", "children", "engine", "graph", "nodes", "objective"}
    | {"optimizer", "sublayers"}
)


def fill(holder, of, names):
    """Give an object a layer in each attribute, in as many ways as there are."""
    for i, name in enumerate(names):
        one = of.Dense(2, name=f"layer_{i}")
        ways = (one, [one], {"key": one}, (one, 3), [{"a": [one]}], [[one], []])
        setattr(holder, name, ways[i % len(ways)])


def found(value):
    """Return the layer in an attribute."""
    while isinstance(value, (dict, list, tuple)):
        value = next(iter(value.values() if isinstance(value, dict) else value))
    return value


def chain(holder, inputs, names):
    for name in names:
        inputs = inputs + found(getattr(holder, name))(inputs)
    return inputs


@saving.register_keras_serializable("tests")
class Holder(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        fill(self, layers, FREE)

    def call(self, inputs):
        return chain(self, inputs, FREE)


@saving.register_keras_serializable("tests")
class Holding(Model):
    # What `compile` assigns holds no layer.
    free = tuple(name for name in FREE if name != "optimizer")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        fill(self, layers, self.free)

    def call(self, inputs):
        return chain(self, inputs, self.free)


@pytest.fixture(scope="module")
def trained():
    models = Sequential([Input((2,)), Holder()]), Holding()
    for model in models:
        model.compile("sgd", "mse", metrics=["mae"])
        model.fit(X, X, verbose=0)
        model.evaluate(X, X, verbose=0)
    return models


def changed(model):
    for weight in model.weights:
        weight.assign(weight.value + 1)


def test_layers_under_any_name_are_in_every_file(trained, tmp_path):
    for model in trained:
        count = len(FREE) if model is trained[0] else len(Holding.free)
        assert len(model.weights) == 2 * count
        expected = model.predict(X, verbose=0)
        model.save(tmp_path / "m.keras")
        again = saving.load_model(tmp_path / "m.keras")
        np.testing.assert_array_equal(again.predict(X, verbose=0), expected)
        for name in ("m.weights.h5", "m.safetensors"):
            model.save_weights(tmp_path / name)
            changed(again)
            again.load_weights(tmp_path / name)
            np.testing.assert_array_equal(again.predict(X, verbose=0), expected)


def test_and_in_checkpoints(trained, tmp_path):
    for i, model in enumerate(trained):
        expected = model.get_weights()
        folder = tmp_path / str(i) / "run"
        keeping = callbacks.OrbaxCheckpoint(folder, save_on_background=False)
        model.optimizer.learning_rate = 0.0
        model.fit(X, X, verbose=0, callbacks=[keeping])
        changed(model)
        model.load_weights(folder)
        for ours, kept in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(ours, kept)


def test_the_layout_is_that_of_keras(trained, tmp_path):
    free = [name for name in FREE if name not in ("_layers", "operations")]

    class Theirs(keras.layers.Layer):
        def __init__(self):
            super().__init__(name="holder")
            fill(self, keras.layers, free)

        def build(self, input_shape):
            for name in free:
                found(getattr(self, name)).build(input_shape)

        def call(self, inputs):
            return chain(self, inputs, free)

    class Ours(layers.Layer):
        def __init__(self):
            super().__init__(name="holder")
            fill(self, layers, free)

        call = Theirs.call

    Ours.__name__ = Theirs.__name__
    model = Sequential([Input((2,)), Ours()])
    other = keras.Sequential([keras.Input((2,)), Theirs()])
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_allclose(other(X), model(X), rtol=1e-5)


def test_the_pure_view_says_where_it_is_hidden():
    layer = layers.Dense(2)
    layer(X)
    layer.params = 3
    with pytest.raises(ArgumentError, match=r"Layer\.params\(layer\)"):
        layer.apply(layer.params, layer.state, X)
    weights = layers.Layer.params(layer)
    np.testing.assert_array_equal(layer.apply(weights, layer.state, X)[0], layer(X))


def test_names_of_metrics_and_losses_are_free():
    class Squared(metrics.MeanSquaredError):
        init = update = merge = compute = counts = None

    class Doubled(losses.MeanSquaredError):
        counts = 2

    model = Sequential([Input((2,)), layers.Dense(2)])
    model.compile("sgd", Doubled(), metrics=[Squared(name="squared")])
    logs = model.fit(X, X, verbose=0).history
    assert set(logs) == {"loss", "squared"}
    assert float(Squared()([1.0], [3.0])) == 4.0


def test_names_of_optimizers_are_free_in_keras_form():
    class Plain(optimizers.Optimizer):
        def build(self, variables):
            if not self.built:
                super().build(variables)
                self.kept = self.add_optimizer_variables(variables, "kept")

        def update_step(self, gradient, variable, learning_rate):
            kept = self.kept[self._get_variable_index(variable)]
            self.assign(kept, 0.5 * kept + gradient)
            self.assign_sub(variable, learning_rate * kept)

    class Half(optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(0.5 * gradient, variable, learning_rate)

    def trained(optimizer):
        model = Sequential([Input((2,)), layers.Dense(2, kernel_initializer="ones")])
        model.compile(optimizer, "mse")
        model.fit(X, X, epochs=2, shuffle=False, verbose=0)
        model.evaluate(X, X, verbose=0)
        return model.get_weights()

    for make in (lambda cls: cls(0.1), lambda cls: cls(0.1, weight_decay=0.1, use_ema=True)):
        for cls in (Plain, Half):
            names = dict.fromkeys(PUBLIC["Optimizer"], 3)
            taken = make(cls)
            for name, value in names.items():
                setattr(taken, name, value)
            inner = make(type("Taken", (cls,), names))
            for optimizer in (taken, inner):
                for ours, expected in zip(trained(optimizer), trained(make(cls)), strict=True):
                    np.testing.assert_array_equal(ours, expected)
