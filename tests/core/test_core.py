"""The core: variables, scopes, layers, graphs, and what `fit` does with them."""

from __future__ import annotations

import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import Input, Layer, Model, Sequential, Variable, callbacks, errors, layers, metrics
from kerasish.core.scope import Scope, current_scope, get_metadata, set_metadata

RNG = np.random.default_rng(0)
X = RNG.normal(size=(22, 4)).astype("float32")
Y = (X @ RNG.normal(size=(4, 1)) + 0.5).astype("float32")
CLASSES = np.arange(22) % 3


def line(**settings: Any) -> Sequential:
    """Return a linear model, ready to be trained."""
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile(**({"optimizer": "sgd", "loss": "mse"} | settings))
    return model


def fit(model: Model, x: Any = X, y: Any = Y, **settings: Any) -> dict[str, list[float]]:
    """Train silently and return the history."""
    return model.fit(x, y, **({"batch_size": 8, "verbose": 0} | settings)).history


def equal(a: Any, b: Any) -> bool:
    """Return whether two trees of arrays are equal bit for bit."""
    same = jax.tree.map(np.array_equal, a, b)
    return jax.tree.structure(a) == jax.tree.structure(b) and all(jax.tree.leaves(same))


def mse(model: Model, x: Any = X, y: Any = Y) -> float:
    return float(np.mean((model.predict(x, verbose=0) - y) ** 2))


# Variables

VALUE = np.array([[1.0, -2.0], [3.0, 4.0]], "float32")
OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]


@pytest.fixture
def variable() -> Variable:
    return Variable(VALUE, name="v")


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize(
    "other", [VALUE + 3, jnp.asarray(VALUE) + 3, Variable(VALUE + 3)], ids=type
)
def test_a_variable_has_the_operators_of_an_array(variable, name, other):
    function, plain = getattr(operator, name), np.asarray(other)
    for found, expected in (
        (function(variable, other), function(VALUE, plain)),
        (function(other, variable), function(plain, VALUE)),
    ):
        assert isinstance(found, jax.Array)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_variable_meets_numbers_and_is_compared(variable):
    for found, expected in (
        (2 * variable - 1, 2 * VALUE - 1),
        (1 / variable, 1 / VALUE),
        (-variable, -VALUE),
        (abs(variable), abs(VALUE)),
        (variable > 0, VALUE > 0),
        (variable <= 1, VALUE <= 1),
        (variable[0], VALUE[0]),
        (variable.T, VALUE.T),
        (variable**2, VALUE**2),
    ):
        np.testing.assert_allclose(found, expected)
    assert float(Variable(3.0)) == 3.0
    assert int(Variable(3, dtype="int32")) == 3
    assert not Variable(0.0)
    assert len(variable) == variable.ndim == 2 and variable.size == 4


def test_functions_and_transformations_take_a_variable(variable):
    np.testing.assert_allclose(jnp.exp(variable), np.exp(VALUE), rtol=1e-6)
    np.testing.assert_allclose(jax.nn.relu(variable), np.maximum(VALUE, 0))
    np.testing.assert_allclose(np.sum(variable), VALUE.sum())
    np.testing.assert_allclose(jnp.stack([variable, variable]), [VALUE, VALUE])
    np.testing.assert_allclose(jax.jit(lambda v: v * 2)(variable), VALUE * 2)
    np.testing.assert_allclose(jax.grad(lambda v: jnp.sum(v**2))(variable), 2 * VALUE)
    np.testing.assert_allclose(jax.vmap(jnp.sum)(variable), VALUE.sum(1))
    assert jax.eval_shape(jnp.sum, variable).shape == ()


def test_assignments_change_a_variable(variable):
    variable.assign(2 * VALUE)
    variable.assign_add(np.ones_like(VALUE))
    variable.assign_sub(VALUE)
    np.testing.assert_array_equal(variable.numpy(), VALUE + 1)
    assert "path=v" in repr(variable) and "(2, 2)" in repr(variable)
    with pytest.raises(errors.ShapeError, match=r"has shape \(2, 2\).*shape \(3,\)"):
        variable.assign(np.ones(3))
    copy = variable.numpy()
    copy[:] = 0
    assert np.any(variable.numpy())


def test_a_variable_draws_its_value_when_it_is_first_read():
    drawn = []
    variable = Variable(lambda shape, dtype: drawn.append(1) or np.ones(shape, dtype), (2,))
    assert not drawn
    assert equal(variable.numpy(), variable.numpy())
    assert drawn == [1]


# Scopes


def test_scopes_nest_and_close():
    variable = Variable(1.0)
    assert current_scope() is None
    with Scope() as outer:
        outer.bind(variable, jnp.float32(2.0))
        with Scope(training=True) as inner:
            assert current_scope() is inner
            inner.bind(variable, jnp.float32(3.0))
            variable.assign(variable + 1)
            assert float(variable) == 4.0
        assert float(variable) == 2.0
        assert [float(value) for _, value in inner.updates] == [4.0] and not outer.updates
    assert current_scope() is None
    assert float(variable) == 1.0


def test_a_scope_closes_when_its_block_fails():
    with pytest.raises(ZeroDivisionError), Scope():
        _ = 1 / 0
    assert current_scope() is None


def test_notes_travel_beside_arrays():
    x = jnp.ones(3)
    set_metadata(x, mask="lost without a scope")
    with Scope() as outer:
        set_metadata(x, mask="kept")
        with Scope():
            assert get_metadata(x, "mask") == "kept"
            assert get_metadata(jnp.ones(3), "mask") is None
        assert outer.all_metadata(x) == {"mask": "kept"}
    assert get_metadata(x, "mask") is None


def test_keys_depend_on_the_place_and_not_on_the_order():
    key = jax.random.key(0)
    drops = [layers.Dropout(0.5, name=name) for name in ("a", "b")]
    x = jnp.ones((3, 50))

    class Two(Model):
        def __init__(self, order):
            super().__init__()
            self.drops, self.order = drops, order

        def call(self, x):
            found = {i: self.drops[i](x) for i in self.order}
            return found[0], found[1]

    forward, backward = Two([0, 1]), Two([1, 0])
    first = forward.apply({}, {}, x, training=True, rng=key) if forward(x) else None
    second = backward.apply({}, {}, x, training=True, rng=key) if backward(x) else None
    assert equal(first, second)
    assert not np.array_equal(first[0][0], first[0][1])


# Masks


def padded(**settings: Any) -> Sequential:
    stack = [layers.Embedding(7, 3, mask_zero=True), layers.Dense(4, "tanh"), layers.Dense(2)]
    model = Sequential([Input((None,), dtype="int32"), *stack])
    loss = kerasish.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, **settings)
    return model


def test_a_mask_travels_to_the_loss_and_the_metrics():
    words = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 1, 2, 3, 4], [1, 0, 0, 0, 0]], "int32")
    tags = (words % 2).astype("int32")
    other = np.where(words == 0, 1 - tags, tags)  # differs only where it is masked
    loss = kerasish.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = padded(weighted_metrics=["accuracy"])
    model.compile("sgd", loss, metrics=["accuracy"])
    found = model.evaluate(words, tags, verbose=0)
    assert found == model.evaluate(words, other, verbose=0)
    values = kerasish.losses.sparse_categorical_crossentropy(tags, model(words), from_logits=True)
    assert found[0] == pytest.approx(float(values[words > 0].mean()), rel=1e-5)
    right = np.argmax(model.predict(words, verbose=0), -1) == tags
    assert found[1] == pytest.approx(right[words > 0].mean())


def test_masked_steps_teach_nothing():
    words = np.array([[1, 2, 0], [3, 0, 0]], "int32")
    weights = []
    for tags in ([[0, 1, 0], [1, 0, 0]], [[0, 1, 1], [1, 1, 1]]):
        kerasish.utils.set_random_seed(1)
        model = padded()
        fit(model, words, np.array(tags))
        weights.append(model.get_weights())
    assert equal(*weights)


# Layers of one's own


class Scale(Layer):
    """A layer as the Keras guide writes them, with state and a loss of its own."""

    def __init__(self, power: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.power = power

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=(1, input_shape[-1]), initializer="ones", name="factor")
        self.calls = self.add_weight(initializer="zeros", trainable=False, name="calls")

    def call(self, x: Any, training: Any = None) -> Any:
        if training:
            self.calls.assign_add(1.0)
            self.add_loss(0.5 * jnp.sum(self.factor**2))
        return x * self.factor**self.power


def test_a_layer_of_ones_own():
    layer = Scale(power=2)
    assert layer(X).shape == X.shape and layer.built
    assert layer.count_params() == 5
    assert [w.name for w in layer.weights] == ["factor", "calls"]
    assert layer.get_config()["power"] == 2
    assert sorted(layer.params) == ["factor"] and sorted(layer.state) == ["calls"]
    _, state = layer.apply(layer.params, layer.state, X, training=True, rng=jax.random.key(0))
    assert float(state["calls"]) == 1.0 and float(layer.calls) == 0.0
    layer(X, training=True)
    assert float(layer.calls) == 1.0


def test_what_a_layer_adds_to_the_loss_is_trained_on_and_its_state_moves():
    model = Sequential([Input((4,)), Scale(), layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    history = fit(model, y=0 * Y, epochs=2)
    assert history["loss"][0] == pytest.approx(2.0, rel=0.05)  # half of four ones
    assert history["loss"][1] < history["loss"][0]
    assert float(model.layers[0].calls) == 6.0
    assert model.evaluate(X, 0 * Y, verbose=0) == 0.0


class Noise(Layer):
    """A layer that draws."""

    def call(self, x: Any, training: Any = None) -> Any:
        if not training:
            return x
        return x + jax.random.normal(kerasish.random.next_key(), x.shape)


def test_a_layer_of_ones_own_draws():
    model = Sequential([Input((4,)), Noise(), Noise()])
    apply = lambda seed: model.apply({}, {}, X, training=True, rng=jax.random.key(seed))[0]
    assert equal(apply(0), apply(0))
    assert not equal(apply(0), apply(1))
    assert equal(model(X), jnp.asarray(X))
    first, second = model.layers
    assert not equal(first(X, training=True), second(X, training=True))


class Branches(Model):
    """A subclassed model with a choice in Python, a list of layers, and a flag that travels."""

    def __init__(self, units: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.entry = layers.Dense(units, "relu")
        self.blocks = [layers.Dense(units, "relu") for _ in range(2)]
        self.drop = layers.Dropout(0.5)
        self.head = layers.Dense(1)

    def call(self, x: Any, training: Any = None) -> Any:
        x = self.entry(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(self.drop(x, training=training))


def test_a_subclassed_model_is_built_by_data_and_trained():
    model = Branches()
    with pytest.raises(errors.NotBuiltError, match="no weights yet"):
        _ = model.params
    model.compile("adam", "mse")
    history = fit(model, epochs=20)
    assert history["loss"][-1] < history["loss"][0]
    assert sorted(model.params) == ["dense", "dense_1", "dense_2", "dense_3"]
    assert model.predict(X, verbose=0).shape == (22, 1)
    again = Branches.from_config(model.get_config())
    again(X)
    again.set_weights(model.get_weights())
    assert equal(again(X), model(X))


def test_a_subclassed_model_is_built_by_a_shape():
    model = Branches()
    model.build((None, 4))
    shapes = [weight.shape for weight in model.weights]
    assert shapes
    model(X)
    assert [weight.shape for weight in model.weights] == shapes


def test_a_first_call_that_failed_can_be_made_again():
    class Wrong(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Wrong()
    with pytest.raises(errors.ShapeError, match="dense"):
        model(X[:, 0])
    assert model(X).shape == (22, 2)
    assert [weight.shape for weight in model.weights] == [(4, 2), (2,)]


# Graphs


def test_layers_are_shared_and_models_are_nested():
    inner = Sequential([Input((4,)), layers.Dense(3, "relu"), layers.Dense(2)], name="inner")
    shared = layers.Dense(2, name="shared")
    x = Input((4,))
    a = shared(inner(x))
    model = Model(x, shared(a))
    assert sorted(model.params) == ["inner", "shared"]
    assert len(model.weights) == 6
    expected = shared(shared(inner(X)))
    np.testing.assert_allclose(model(X), expected, rtol=1e-6)
    model.compile("sgd", "mse")
    before = inner.get_weights()
    fit(model, y=np.tile(Y, 2))
    assert not equal(before, inner.get_weights())
    np.testing.assert_allclose(model(X), shared(shared(inner(X))), rtol=1e-6)


def forked(kind: str) -> Model:
    """Return a model of two inputs and two outputs, given as lists or as dicts."""
    a, b = Input((4,), name="a"), Input((2,), name="b")
    hidden = layers.Dense(4, "relu")(layers.Concatenate()([a, b]))
    number = layers.Dense(1, name="number")(hidden)
    kinds = layers.Dense(3, "softmax", name="kinds")(hidden)
    if kind == "list":
        return Model([a, b], [number, kinds])
    return Model({"a": a, "b": b}, {"number": number, "kinds": kinds})


@pytest.mark.parametrize(("kind", "given"), [("list", "list"), ("list", "dict"), ("dict", "dict")])
def test_several_inputs_and_outputs(kind, given):
    model = forked(kind)
    loss = {"number": "mse", "kinds": "sparse_categorical_crossentropy"}
    model.compile("sgd", loss, loss_weights={"number": 2.0}, metrics={"kinds": ["accuracy"]})
    x, y = {"a": X, "b": X[:, :2]}, {"number": Y, "kinds": CLASSES}
    if given == "list":
        x, y = list(x.values()), list(y.values())
    history = fit(model, x, y, epochs=2)
    assert set(history) == {"loss", "number_loss", "kinds_loss", "kinds_accuracy"}
    total = 2 * np.asarray(history["number_loss"]) + history["kinds_loss"]
    np.testing.assert_allclose(history["loss"], total, rtol=1e-5)
    outputs = model.predict(x, verbose=0)
    number, kinds = (outputs["number"], outputs["kinds"]) if kind == "dict" else outputs
    assert (number.shape, kinds.shape) == ((22, 1), (22, 3))
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found["number_loss"] == pytest.approx(np.mean((number - Y) ** 2), rel=1e-4)
    assert found["kinds_accuracy"] == pytest.approx(np.mean(kinds.argmax(-1) == CLASSES))
    assert model.evaluate(x, y, verbose=0) == [found[name] for name in model.metrics_names]


def test_features_are_taken_from_the_middle_of_a_model():
    model = Sequential([Input((4,)), layers.Dense(3, "relu", name="x"), layers.Dense(1)])
    features = Model(model.input, model.get_layer("x").output)
    np.testing.assert_array_equal(features(X), model.get_layer("x")(X))
    both = Model(model.input, [layer.output for layer in model.layers])
    assert [y.shape for y in both.predict(X, verbose=0)] == [(22, 3), (22, 1)]
    tail = Model(model.get_layer("x").output, model.output)
    np.testing.assert_array_equal(tail(features(X)), model(X))


def test_models_that_share_weights_agree_whichever_is_trained():
    model = Sequential([Input((4,)), layers.Dense(3, "relu", name="x"), layers.Dense(1)])
    features = Model(model.input, model.get_layer("x").output)
    model.compile("adam", "mse")
    features.compile("adam", "mse")
    for trained, y in ((model, Y), (features, X[:, :3]), (model, Y)):
        before = model.get_weights()
        fit(trained, y=y)
        assert not equal(before[0], model.get_weights()[0])
        expected = model.get_layer("x")(X)
        np.testing.assert_allclose(features.predict(X, verbose=0), expected, rtol=1e-5)
    assert int(model.optimizer.iterations) == 6
    assert int(features.optimizer.iterations) == 3


def test_a_model_that_shares_weights_may_be_used_in_a_callback():
    weights = []
    for shares in (False, True):
        kerasish.utils.set_random_seed(4)
        model = Sequential([Input((4,)), layers.Dense(3, name="x"), layers.Dense(1)])
        features = Model(model.input, model.get_layer("x").output)
        model.compile("adam", "mse")
        other = features if shares else model
        look = lambda batch, logs, other=other: other.predict(X, verbose=0)
        note = callbacks.LambdaCallback(on_train_batch_end=look)
        fit(model, epochs=2, callbacks=[note])
        weights.append(model.get_weights())
    assert equal(*weights)


def test_a_sequential_is_built_step_by_step():
    model = Sequential(name="steps")
    model.add(Input((4,)))
    model.add(layers.Dense(3))
    model.add(layers.Dense(2))
    assert model.output_shape == (None, 2) or model.outputs[0].shape == (None, 2)
    assert model.pop().units == 2
    assert model.outputs[0].shape == (None, 3)
    late = Sequential([layers.Dense(3)])
    assert not late.built
    late.build((None, 4))
    assert late.count_params() == 15


# Freezing


def test_layers_are_frozen_and_freed_between_fits():
    model = Sequential([Input((4,)), layers.Dense(3, "tanh", name="base"), layers.Dense(1)])
    model.compile("adam", "mse")
    base, head = model.layers

    def moved() -> list[bool]:
        before = base.get_weights(), head.get_weights()
        fit(model)
        return [not equal(a, b.get_weights()) for a, b in zip(before, (base, head), strict=True)]

    assert moved() == [True, True]
    base.trainable = False
    assert sorted(model.params) == ["dense"] and sorted(model.state) == ["base"]
    assert len(model.trainable_weights) == len(model.non_trainable_weights) == 2
    assert moved() == [False, True]
    base.trainable = True
    assert moved() == [True, True]
    base.kernel.trainable = False  # a single weight
    before = base.get_weights()
    fit(model)
    assert [equal([a], [b]) for a, b in zip(before, base.get_weights(), strict=True)] == [
        True,
        False,
    ]
    model.trainable = False
    assert not model.trainable_weights


# Training, piece by piece


def test_a_partial_last_batch_counts_every_sample_once():
    model = line(metrics=["mae"])
    model.optimizer.learning_rate = 0.0
    expected = mse(model)
    history = fit(model, validation_data=(X, Y), validation_batch_size=5)
    error = np.abs(model.predict(X, verbose=0, batch_size=7) - Y).mean()
    assert history["loss"] == pytest.approx([expected])
    assert history["val_loss"] == pytest.approx([expected])
    assert history["mae"] == pytest.approx([error])
    assert model.evaluate(X, Y, batch_size=9, verbose=0) == pytest.approx([expected, error])


def test_one_epoch_of_gradient_descent_by_hand():
    model = line(optimizer=kerasish.optimizers.SGD(0.1))
    kernel, bias = model.get_weights()
    losses = []
    for start in range(0, 22, 8):
        x, y = X[start : start + 8], Y[start : start + 8]
        error = x @ kernel + bias - y
        losses += [(error**2).mean()] * len(x)
        kernel = kernel - 0.1 * 2 * x.T @ error / len(x)
        bias = bias - 0.1 * 2 * error.mean(0)
    assert fit(model, shuffle=False)["loss"] == pytest.approx([np.mean(losses)], rel=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], kernel, rtol=1e-4)
    np.testing.assert_allclose(model.get_weights()[1], bias, rtol=1e-4)


def test_runs_with_one_seed_are_equal_bit_for_bit():
    runs = []
    for _ in range(2):
        kerasish.utils.set_random_seed(7)
        model = Sequential([Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.5)])
        model.add(layers.Dense(1))
        model.compile("adam", "mse")
        history = fit(model, epochs=2, validation_split=0.2)
        runs.append((history, model.get_weights()))
    assert runs[0][0] == runs[1][0]
    assert equal(runs[0][1], runs[1][1])
    kerasish.utils.set_random_seed(8)
    other = line()
    assert fit(other)["loss"] != fit(line())["loss"]


def test_each_epoch_takes_every_sample_once_in_an_order_of_its_own():
    seen: list[Any] = []

    class Look(Model):
        def call(self, x):
            jax.debug.callback(lambda x: seen.extend(np.asarray(x)[:, 0].tolist()), x, ordered=True)
            return x

    model = Look()
    model.compile("sgd", "mse")
    numbers = np.arange(10, dtype="float32")[:, None]
    model(numbers)
    for shuffle in (True, False):
        seen.clear()
        fit(model, numbers, numbers, batch_size=4, epochs=2, shuffle=shuffle)
        jax.effects_barrier()
        epochs = [seen[:10], seen[10:]]
        assert [sorted(each) for each in epochs] == [list(range(10))] * 2
        assert (epochs[0] == list(range(10))) is not shuffle
        assert (epochs[0] == epochs[1]) is not shuffle


def test_epochs_are_counted_from_the_one_asked_for():
    model = line()
    history = model.fit(X, Y, initial_epoch=2, epochs=5, verbose=0)
    assert history.epoch == [2, 3, 4]
    assert len(history.history["loss"]) == 3
    assert fit(model, initial_epoch=5, epochs=5) == {}


def test_an_epoch_has_as_many_steps_as_asked_for():
    batches = [(X[i : i + 4], Y[i : i + 4]) for i in range(0, 20, 4)]

    def endless():
        while True:
            yield from batches

    steps: list[int] = []
    note = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    model = line()
    model.fit(endless(), steps_per_epoch=3, epochs=2, verbose=0, callbacks=[note])
    assert steps == [0, 1, 2] * 2
    assert int(model.optimizer.iterations) == 6
    found = model.evaluate(endless(), steps=5, verbose=0)
    assert found == pytest.approx(mse(model, X[:20], Y[:20]))
    assert model.predict((x for x, _ in endless()), steps=2, verbose=0).shape == (8, 1)


def test_validation_comes_when_it_is_due():
    model = line()
    validation = {"validation_data": (X[:8], Y[:8])}
    assert len(fit(model, epochs=5, validation_freq=2, **validation)["val_loss"]) == 2
    assert len(fit(model, epochs=5, validation_freq=[1, 4, 5], **validation)["val_loss"]) == 3
    assert "val_loss" not in fit(model, epochs=1)
    history = fit(model, validation_split=0.25)
    assert history["val_loss"] == pytest.approx([mse(model, X[16:], Y[16:])])


def test_weights_of_classes_and_samples_count():
    weight = {0: 1.0, 1: 0.0, 2: 2.5}
    table = np.array([weight[c] for c in CLASSES], "float32")
    weights = []
    for settings in ({"class_weight": weight}, {"sample_weight": table}):
        kerasish.utils.set_random_seed(3)
        model = Sequential([Input((4,)), layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
        history = fit(model, y=CLASSES, **settings)
        weights.append((history, model.get_weights()))
    assert weights[0][0] == weights[1][0]
    assert equal(weights[0][1], weights[1][1])
    found = model.evaluate(X, CLASSES, sample_weight=table, verbose=0)
    p = model.predict(X, verbose=0)
    assert found[0] == pytest.approx((-np.log(p[np.arange(22), CLASSES]) * table).mean(), rel=1e-4)
    right = p.argmax(-1) == CLASSES
    assert found[1] == pytest.approx((right * table).sum() / table.sum(), rel=1e-5)


class Indexed:
    """A source of batches that can be indexed, like Keras's PyDataset."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        return X[8 * i : 8 * i + 8], Y[8 * i : 8 * i + 8]


class Tensor:
    """An array that is none of NumPy's or JAX's, as PyTorch has them."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape, self.dtype = array, array.shape, "torch.float32"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.array.astype(dtype or self.array.dtype)


class Loader:
    """Something that can be iterated again and again and gives lists, as PyTorch's loaders do."""

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Any:
        return ([Tensor(X[i : i + 8]), Tensor(Y[i : i + 8])] for i in (0, 8, 16))


def test_sources_of_batches_equal_arrays():
    expected = line()
    start = expected.get_weights()
    history = fit(expected, shuffle=False, epochs=2)
    for source in (Indexed(), Loader()):
        model = line()
        model.set_weights(start)
        found = model.fit(source, epochs=2, shuffle=False, verbose=0).history
        assert found == history
        assert equal(model.get_weights(), expected.get_weights())
        assert model.evaluate(source, verbose=0) == pytest.approx(mse(model))
        assert model.predict(source, verbose=0).shape == (22, 1)
    generator = ((X[i : i + 8], Y[i : i + 8]) for i in (0, 8, 16))
    model = line()
    model.set_weights(start)
    assert model.fit(generator, verbose=0).history["loss"] == history["loss"][:1]


def test_lists_and_other_dtypes_are_taken():
    model = line()
    fit(model, X.tolist(), Y.tolist())
    fit(model, X.astype("float64"), Y.astype("int64"))
    fit(model, jnp.asarray(X), jnp.asarray(Y[:, 0]))
    fit(model, (X > 0), Y)


def test_one_batch_at_a_time():
    model = line(metrics=["mae"])
    loss, mae = model.test_on_batch(X, Y)
    assert loss == pytest.approx(mse(model), rel=1e-5)
    found = model.train_on_batch(X, Y, return_dict=True)
    assert found == pytest.approx({"loss": loss, "mae": mae})
    assert model.test_on_batch(X, Y)[0] < loss
    model.reset_metrics()
    after = model.train_on_batch(X, Y)
    assert after[0] < loss
    np.testing.assert_array_equal(model.predict_on_batch(X), model.predict(X, verbose=0))
    weighted = model.train_on_batch(X, Y, sample_weight=np.zeros(22), return_dict=True)
    assert weighted["loss"] < after[0]


def test_weights_are_read_and_written_in_callbacks():
    read = []

    def halve(epoch, logs):
        kernel = model.layers[0].kernel
        read.append(kernel.numpy())
        kernel.assign(np.full_like(kernel.numpy(), epoch + 1.0))

    model = line(optimizer=kerasish.optimizers.SGD(0.0))
    fit(model, epochs=2, callbacks=[callbacks.LambdaCallback(on_epoch_end=halve)])
    assert np.all(read[1] == 1.0)
    assert np.all(model.get_weights()[0] == 2.0)
    assert np.all(model.params["dense"]["kernel"] == 2.0)


def test_what_is_read_in_training_stays_what_it_was():
    kept = []
    model = line()
    look = lambda batch, logs: kept.append((model.params, model.get_weights()))
    fit(model, epochs=2, callbacks=[callbacks.LambdaCallback(on_train_batch_end=look)])
    assert len(kept) == 6
    for params, weights in kept:
        assert equal([params["dense"]["kernel"], params["dense"]["bias"]], weights)
    assert not equal(kept[0][1], kept[1][1])


def test_a_callback_stops_training_within_an_epoch():
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model = line()
    history = model.fit(X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[Stop()])
    assert history.epoch == [0]
    assert int(model.optimizer.iterations) == 2


def test_logs_are_numbers_and_hooks_come_in_order():
    heard: list[str] = []
    hooks = [name for name in dir(callbacks.Callback) if name.startswith("on_")]
    hooks = [name for name in hooks if "predict" not in name and not name.startswith("on_batch")]

    def hear(name):
        def hook(*args):
            heard.append(name.removeprefix("on_"))
            for value in (args[-1] or {}).values():
                assert isinstance(value, float)

        return hook

    fit(
        line(),
        X[:8],
        Y[:8],
        validation_data=(X[:8], Y[:8]),
        callbacks=callbacks.LambdaCallback(**{name: hear(name) for name in hooks}),
    )
    assert heard == [
        *("train_begin", "epoch_begin", "train_batch_begin", "train_batch_end"),
        *("test_begin", "test_batch_begin", "test_batch_end", "test_end"),
        *("epoch_end", "train_end"),
    ]


def test_eager_steps_print_and_equal_compiled_ones(capsys):
    class Talk(Layer):
        def call(self, x):
            if not isinstance(x, jax.core.Tracer):
                print("mean", float(x.mean()))
            return x

    weights = []
    for eager in (False, True):
        kerasish.utils.set_random_seed(2)
        model = Sequential([Input((4,)), layers.Dense(1), Talk()])
        model.compile("sgd", "mse", run_eagerly=eager)
        model.predict(X, verbose=0)
        assert bool(capsys.readouterr().out) is eager
        fit(model)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


# Training of one's own


class Penalized(Sequential):
    """A loss of one's own, with something for the logs."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.size = metrics.Mean(name="size")

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        size = jnp.mean(jnp.abs(y_pred))
        self.size.update_state(size)
        return jnp.mean((y_pred - y) ** 2) + 0.1 * size


class Signed(Sequential):
    """A step of one's own: by the sign of the gradient, without an optimizer."""

    def train_step(self, state, data):
        trainable, rest, slots, sums = state
        x, y = data

        def loss(trainable):
            return self.stateless_compute_loss(
                trainable, rest, sums, x, y, self.stateless_call(trainable, rest, x)[0]
            )[0]

        found = jax.grad(loss)(trainable)
        trainable = [w - 0.125 * jnp.sign(g) for w, g in zip(trainable, found, strict=True)]
        return {"steepest": jnp.max(jnp.abs(found[0]))}, (trainable, rest, slots, sums)


def test_a_loss_of_ones_own():
    model = Penalized([Input((4,)), layers.Dense(1)])
    model.compile("sgd", metrics=["mae"])
    history = fit(model, epochs=2, validation_data=(X, Y))
    assert set(history) == {f"{v}{n}" for v in ("", "val_") for n in ("loss", "size", "mae")}
    assert history["loss"][1] < history["loss"][0]
    expected = mse(model) + 0.1 * np.abs(model.predict(X, verbose=0)).mean()
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-5)


def test_a_step_of_ones_own():
    model = Signed([Input((4,)), layers.Dense(1)])
    model.compile(loss="mse")
    before = model.get_weights()
    history = fit(model, batch_size=22)
    steps = [np.abs(a - b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert all(np.allclose(step, 0.125) for step in steps)
    assert set(history) == {"steepest"}
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(mse(model), rel=1e-5)
