"""Whatever goes wrong, the model keeps the weights of its last finished step, and goes on."""

from __future__ import annotations

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import Input, Sequential, callbacks, layers
from kerasish.training.execution import engine as engines

RNG = np.random.default_rng(0)
X = RNG.random((107, 6)).astype("float32")
Y = RNG.integers(0, 3, 107)


class Failing(layers.Layer):
    """Fails on the device in the step after some others, by a call back to the host."""

    left = 10**9

    def call(self, x):
        def look(value):
            type(self).left -= 1
            if type(self).left < 0:
                raise RuntimeError("the device is on fire")
            return value

        number = jax.lax.stop_gradient(x.sum())
        return x + 0 * jax.pure_callback(look, jax.ShapeDtypeStruct((), "float32"), number)


@pytest.fixture(params=[False, True], ids=["keeps", "gives-away"])
def donates(request, monkeypatch):
    """Whether steps give the arrays of the old state away."""
    if request.param:
        monkeypatch.setattr(engines, "_COPIES", 10**15)
    return request.param


def net(*more, **settings) -> Sequential:
    kerasish.utils.set_random_seed(1)
    made = Sequential([Input((6,)), layers.Dense(8, activation="relu"), *more, layers.Dense(3)])
    loss = kerasish.losses.SparseCategoricalCrossentropy(from_logits=True)
    made.compile("adam", loss, metrics=["accuracy"], **settings)
    return made


def check_usable(model: Sequential) -> None:
    before = model.get_weights()
    assert all(np.isfinite(w).all() for w in before)
    assert np.isfinite(model.predict(X, verbose=0)).all()
    assert all(map(np.array_equal, before, model.get_weights()))
    assert np.isfinite(model.evaluate(X, Y, verbose=0)[0])
    history = model.fit(X, Y, batch_size=10, epochs=2, verbose=0).history
    assert len(history["loss"]) == 2 and np.isfinite(history["loss"]).all()
    assert not all(map(np.array_equal, before, model.get_weights()))


HOOKS = [
    "on_train_begin",
    "on_epoch_begin",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_end",
    "on_epoch_end",
    "on_train_end",
]


@pytest.mark.parametrize("hook", HOOKS)
def test_an_exception_in_a_callback(hook, donates):
    model = net()

    class Fails(callbacks.Callback):
        calls = 0

    def fail(self, *args, logs=None):
        type(self).calls += 1
        if type(self).calls == 2 or hook.endswith(("train_begin", "train_end")):
            raise RuntimeError("not today")

    setattr(Fails, hook, fail)
    with pytest.raises(RuntimeError, match="not today"):
        model.fit(X, Y, batch_size=10, epochs=3, verbose=0, validation_split=0.2, callbacks=Fails())
    finished = {"on_epoch_begin": 1, "on_epoch_end": 1, "on_train_end": 3}.get(hook, 0)
    # The history is the last to be told of an epoch.
    assert len(model.history.epoch) == finished
    check_usable(model)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_an_exception_in_a_callback_beside_training(method, donates):
    model = net()
    model.fit(X, Y, verbose=0)

    def fail(*_):
        raise RuntimeError("not today")

    kind = "test" if method == "evaluate" else method
    failing = callbacks.LambdaCallback(**{f"on_{kind}_batch_end": fail})
    args = (X, Y) if method == "evaluate" else (X,)
    with pytest.raises(RuntimeError, match="not today"):
        getattr(model, method)(*args, callbacks=[failing], verbose=0)
    check_usable(model)


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_an_exception_in_the_data_has_its_own_traceback(method, donates):
    model = net()
    model.fit(X, Y, verbose=0)

    def broken_source():
        yield from [(X[:4], Y[:4])] * 3
        raise OSError("the disk is gone")

    steps = int(model.optimizer.iterations.numpy())
    with pytest.raises(OSError, match="the disk is gone") as caught:
        getattr(model, method)(broken_source(), verbose=0)
    assert "broken_source" in [entry.name for entry in caught.traceback]
    made = int(model.optimizer.iterations.numpy()) - steps
    assert made == (3 if method == "fit" else 0)
    assert not [t for t in threading.enumerate() if t.name == "kerasish-data"]
    check_usable(model)


@pytest.mark.parametrize("fused", [True, False])
def test_a_failure_of_the_device_in_training(fused):
    model = net(Failing(), run_eagerly=False)
    model.fit(X[:100], Y[:100], batch_size=10, verbose=0)
    expected = net(Failing())
    expected.fit(X[:100], Y[:100], batch_size=10, verbose=0)
    steps = int(model.optimizer.iterations.numpy())
    Failing.left = 0 if fused else 4
    batches = ((X[i : i + 10 + i // 50], Y[i : i + 10 + i // 50]) for i in range(0, 90, 10))
    data = (X[:100], Y[:100]) if fused else (batches,)
    settings = {"batch_size": 10} if fused else {}
    with pytest.raises(Exception, match="on fire"):
        model.fit(*data, verbose=0, **settings)
    Failing.left = 10**9
    made = int(model.optimizer.iterations.numpy()) - steps
    assert made == 0 if fused else 0 <= made <= 5
    if fused:  # the state before the dispatch that failed
        assert all(map(np.array_equal, model.get_weights(), expected.get_weights()))
    check_usable(model)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_a_failure_of_the_device_beside_training(method, donates):
    model = net(Failing())
    model.fit(X, Y, verbose=0)
    before = model.get_weights()
    args = (X, Y) if method == "evaluate" else (X,)
    Failing.left = 1
    with pytest.raises(Exception, match="on fire"):
        getattr(model, method)(*args, batch_size=10, verbose=0)
    Failing.left = 10**9
    assert all(map(np.array_equal, before, model.get_weights()))
    check_usable(model)


def test_a_full_device(donates):
    """A batch that asks for more memory than there is fails, and costs nothing but the batch."""

    class Greedy(layers.Layer):
        def call(self, x):
            if x.shape[0] != 9:
                return x
            number = jax.lax.stop_gradient(x.sum())
            write = lambda i, room: room.at[i].add(number)
            room = jnp.zeros((2**25, 2**25))  # four petabytes
            return x + jax.lax.fori_loop(0, 3, write, room)[number.astype("int32"), 0]

    model = net(Greedy())
    model.fit(X, Y, batch_size=10, epochs=2, verbose=0, validation_split=0.3)
    before = model.get_weights()
    for method, args in (("fit", (X[:9], Y[:9])), ("predict", (X[:9],))):
        with pytest.raises(Exception, match=r"(?i)memory|exhausted|alloc"):
            getattr(model, method)(*args, batch_size=9, verbose=0)
    if not donates:
        assert all(map(np.array_equal, before, model.get_weights()))
        check_usable(model)


@pytest.mark.parametrize("batch", [0, 3, 10])
def test_a_loss_that_is_not_finite_stops_at_its_step(batch, donates):
    x = X.copy()
    x[batch * 10] = np.nan
    model, told = net(allow_nan=True), []
    stop = callbacks.TerminateOnNaN()
    note = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: told.append(dict(logs)))
    model.fit(x, Y, batch_size=10, epochs=3, shuffle=False, verbose=0, callbacks=[stop, note])
    assert len(told) == 1 and np.isnan(told[0]["loss"])
    assert int(model.optimizer.iterations.numpy()) == batch + 1
    model.set_weights(net().get_weights())
    model.compile("adam", model._kerasish_objective.given, metrics=["accuracy"])
    check_usable(model)


def test_nan_does_not_stop_who_did_not_ask():
    model = net(allow_nan=True)
    with pytest.warns(UserWarning, match="The loss is nan since epoch 1"):
        history = model.fit(X * np.nan, Y, batch_size=10, epochs=2, verbose=0).history
    assert np.isnan(history["loss"]).all() and len(history["loss"]) == 2


def test_weights_can_be_read_by_the_data(donates):
    """A generator runs in a thread, and may ask the model things while it trains."""
    model, seen = net(), []

    def source():
        for _ in range(60):
            seen.append(float(np.abs(model.get_weights()[0]).sum()))
            yield X[:10], Y[:10]

    model.fit(source(), verbose=0)
    assert len(seen) == 60 and np.isfinite(seen).all()
    check_usable(model)
