"""Copies by `copy.deepcopy` and by pickle: equal, independent, and they go on where they were."""

import copy
import pickle

import numpy as np
import pytest

from kerasish import (
    Input,
    Model,
    Sequential,
    Variable,
    callbacks,
    layers,
    metrics,
    models,
    ops,
    optimizers,
    saving,
)

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
WAYS = {"deepcopy": copy.deepcopy, "pickle": lambda thing: pickle.loads(pickle.dumps(thing))}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


@saving.register_keras_serializable("tests")
class Own(Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.state = {"parts": [layers.Dense(3), (layers.Dropout(0.5), layers.Dense(2))]}
        self.engine = "steam"

    def call(self, x, training=None):
        first, (drop, last) = self.state["parts"]
        return last(drop(ops.relu(first(x)), training=training))


def shared():
    inputs = {"a": Input((4,)), "b": Input((4,))}
    inner = Sequential([Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    left, right = inner(inputs["a"]), inner(inputs["b"])
    return Model(inputs, {"sum": left + right, "one": layers.Dense(2)(left)[:, 1:]})


def predicted(model, x):
    found = model.predict(x, verbose=0)
    return found if isinstance(found, dict) else {"": found}


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for key in one:
        np.testing.assert_array_equal(one[key], other[key])


def test_graphs_with_shared_layers_and_dicts(way):
    model = shared()
    x = {"a": X, "b": -X}
    before = predicted(model, x)
    twin = way(model)
    assert_equal(predicted(twin, x), before)
    assert [layer.name for layer in twin.layers] == [layer.name for layer in model.layers]
    assert len(twin.weights) == len(model.weights)
    twin.set_weights([w + 1 for w in twin.get_weights()])
    assert_equal(predicted(model, x), before)
    # It is a graph like any other: it can be built on, and saved.
    again = Model.from_config(twin.get_config())
    again.set_weights(model.get_weights())
    assert_equal(predicted(again, x), before)


@pytest.mark.parametrize("make", [Own, lambda: Sequential([layers.Dropout(0.5), layers.Dense(2)])])
def test_a_copy_of_a_trained_model_goes_on_like_the_model(way, make):
    model = make()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, X[:, :2], epochs=2, verbose=0)
    twin = way(model)
    assert twin.optimizer is not model.optimizer
    assert int(twin.optimizer.iterations) == 2
    logs = [each.fit(X, X[:, :2], epochs=2, verbose=0).history for each in (model, twin)]
    assert_equal(*logs)
    before = predicted(model, X)
    twin.fit(X, X[:, :2], verbose=0)
    assert_equal(predicted(model, X), before)


def test_a_deep_graph_is_no_deep_structure(way):
    x = inputs = Input((2,))
    for _ in range(150):
        x = ops.add(layers.Activation("tanh")(x), x)
    model = Model(inputs, x)
    np.testing.assert_array_equal(way(model)(X[:, :2]), model(X[:, :2]))


def test_layers_metrics_and_callbacks(way):
    layer = layers.Dense(3)
    layer(X)
    twin = way(layer)
    np.testing.assert_array_equal(twin(X), layer(X))
    mean = metrics.Mean()
    mean.update_state([1.0, 5.0])
    again = way(mean)
    again.update_state([0.0])
    assert (float(mean.result()), float(again.result())) == (3.0, 2.0)
    stopping = callbacks.EarlyStopping("loss", patience=3)
    model = Sequential([layers.Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(X, X[:, :2], verbose=0, callbacks=[stopping])
    assert way(stopping).patience == 3 and way(stopping).best == stopping.best
    assert way(history).history == history.history


def test_clones_of_layers_that_give_lists_or_hold_code():
    factor = 2.0
    inputs = Input((4,))
    one, two = layers.Lambda(lambda x: [x, x * factor])(inputs)
    model = Model(inputs, layers.Add()([one, layers.Dense(4, activation=lambda x: x + 1)(two)]))
    twin = models.clone_model(model)
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin(X), model(X))
    stacked = models.clone_model(Sequential([Input((4,)), layers.Lambda(lambda x: x * factor)]))
    np.testing.assert_array_equal(stacked(X), X * factor)


def test_an_optimizer_that_was_applied(way):
    weight = Variable([1.0, 2.0])
    optimizer = optimizers.SGD(0.5, momentum=0.5)
    optimizer.apply([[1.0, 1.0]], [weight])
    twin = way(optimizer)
    for ours, theirs in zip(optimizer.variables, twin.variables, strict=True):
        assert theirs is not ours
        np.testing.assert_array_equal(theirs.numpy(), ours.numpy())
    optimizer.apply([[1.0, 1.0]])
    np.testing.assert_array_equal(weight.numpy(), [-0.25, 0.75])
