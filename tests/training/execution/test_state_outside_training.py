"""What `call` assigns and draws goes on from call to call, by one rule for all ways to call."""

from __future__ import annotations

import numpy as np
import pytest

import kerasish
from kerasish import errors, layers

X = np.random.default_rng(0).normal(size=(8, 3, 2)).astype("float32")
Y = X[:, 0, :1]


class Counting(layers.Layer):
    """Counts its calls and multiplies by the count."""

    def build(self, input_shape):
        self.count = self.add_weight((), "zeros", trainable=False, name="count")
        self.other = self.add_weight((), "ones", name="other")

    def call(self, inputs):
        self.count.assign_add(1.0)
        return inputs * self.count * self.other


class OwnSteps(kerasish.Sequential):
    """Makes its steps in Keras's form."""

    def test_step(self, state, data):
        return super().test_step(state, data)

    def predict_step(self, state, data):
        return super().predict_step(state, data)


@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eagerly"])
@pytest.mark.parametrize("kind", [kerasish.Sequential, OwnSteps])
def test_every_way_to_call_counts(kind, eagerly):
    model = kind([kerasish.Input((1,)), Counting()])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    x, count = np.ones((6, 1), "float32"), model.layers[0].count
    assert model.predict(x, batch_size=2, verbose=0).ravel().tolist() == [1, 1, 2, 2, 3, 3]
    assert model.predict_on_batch(x).ravel().tolist() == [4] * 6
    assert model(x).ravel().tolist() == [5] * 6
    # The losses are squares of 5, 6 and 7.
    assert model.evaluate(x, x, batch_size=2, verbose=0) == pytest.approx((25 + 36 + 49) / 3)
    assert model.test_on_batch(x, x) == 64
    assert float(count) == 9
    # A partial last batch is one more.
    model.predict(x[:5], batch_size=2, verbose=0)
    assert float(count) == 12
    count.assign(0.0)
    assert model.predict(x[:2], verbose=0).ravel().tolist() == [1, 1]


def test_validation_within_fit_counts():
    model = kerasish.Sequential([kerasish.Input((1,)), layers.Dense(1), Counting()])
    model.compile(kerasish.optimizers.SGD(0.0), "mse")
    x, count = np.ones((6, 1), "float32"), model.layers[1].count
    history = model.fit(x, x, batch_size=3, epochs=2, validation_data=(x[:2], x[:2]), verbose=0)
    assert float(count) == 6
    w = float(model.layers[0].kernel.numpy()[0, 0])
    assert history.history["val_loss"] == pytest.approx([(3 * w - 1) ** 2, (6 * w - 1) ** 2])


def test_what_is_not_assigned_is_not_replaced():
    model = kerasish.Sequential(
        [kerasish.Input((4,)), layers.BatchNormalization(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    x = np.ones((4, 4), "float32")
    model.fit(x, x[:, :1], verbose=0)
    state = model._kerasish_engine.owner.train_state
    model.predict(x, verbose=0), model.evaluate(x, x[:, :1], verbose=0)
    assert model._kerasish_engine.owner.train_state is state


def stateful(batch=4, kind=layers.LSTM):
    kerasish.utils.set_random_seed(1)
    start = kerasish.Input(batch_shape=(batch, 3, 2))
    model = kerasish.Sequential([start, kind(3, stateful=True), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_a_stateful_layer_goes_on(kind):
    model = stateful(kind=kind)
    # Batch by batch by hand: the state of each call is where the next begins.
    whole = np.concatenate([model(X[:4]), model(X[4:])])
    model.layers[0].reset_states()
    np.testing.assert_allclose(model.predict(X, verbose=0), whole, rtol=1e-5)  # batches of 4
    after = model.predict_on_batch(X[:4])
    assert abs(after - whole[:4]).max() > 1e-5
    model.layers[0].reset_state()
    np.testing.assert_allclose(model.predict_on_batch(X[:4]), whole[:4], rtol=1e-5)


def test_evaluation_goes_on_where_prediction_was():
    model = stateful()
    outputs = model.predict(np.concatenate([X, X]), verbose=0)
    model.layers[0].reset_states()
    model.evaluate(X, Y, verbose=0)
    loss = model.evaluate(X, Y, verbose=0)
    assert loss == pytest.approx(np.mean((outputs[8:] - Y) ** 2), rel=1e-5)


def test_a_partial_batch_of_a_stateful_model():
    model = stateful()
    before = model.get_weights()
    for use in (
        lambda: model.fit(X[:6], Y[:6], verbose=0),
        lambda: model.predict(X[:6], verbose=0),
        lambda: model.evaluate(X[:3], Y[:3], verbose=0),
        lambda: model(X[:1]),
    ):
        with pytest.raises(errors.ShapeError, match=r"stateful.*4 samples.*batches of 4"):
            use()
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    single = stateful(1)
    single.set_weights(before)
    assert single.predict(X[:1], verbose=0).shape == (1, 1)


def test_dropout_that_always_drops_draws_again():
    start = kerasish.Input((50,))
    model = kerasish.Model(start, layers.Dropout(0.5)(start, training=True))
    model.compile("sgd", "mse")
    x = np.ones((4, 50), "float32")
    first = model.predict(x, batch_size=1, verbose=0)
    assert len(np.unique(first, axis=0)) == 4
    assert (first != model.predict(x, batch_size=1, verbose=0)).any()
    assert model.evaluate(x, x, verbose=0) == 1.0
