"""Data that come while the device computes, and outputs that go."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

import kerasish
from kerasish import Input, Sequential, callbacks, layers
from kerasish.training.data import block as blocks

RNG = np.random.default_rng(0)
X = RNG.random((107, 6)).astype("float32")
Y = RNG.random((107, 1)).astype("float32")


def net(**settings) -> Sequential:
    kerasish.utils.set_random_seed(1)
    made = Sequential([Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
    made.compile("adam", "mse", metrics=["mae"], **settings)
    return made


def batches(size=10, x=X, y=Y):
    for i in range(0, len(x), size):
        yield x[i : i + size], y[i : i + size]


class Indexed:
    """Batches by number."""

    def __len__(self):
        return 11

    def __getitem__(self, i):
        return X[i * 10 : (i + 1) * 10], Y[i * 10 : (i + 1) * 10]


class Loader:
    """Batches in their order, as often as they are asked for."""

    def __iter__(self):
        return batches()


def result(model, data, **settings):
    history = model.fit(*data, verbose=0, **settings).history
    return history, model.get_weights()


def same(one, other):
    for key in one[0]:
        np.testing.assert_allclose(one[0][key], other[0][key], rtol=0)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=0)


@pytest.mark.parametrize("most", [1, 2, 1024])
def test_batches_from_anywhere_train_as_arrays_do_bit_for_bit(monkeypatch, most):
    settings = {"shuffle": False, "epochs": 2}
    expected = result(net(), (X, Y), batch_size=10, **settings)
    monkeypatch.setattr(blocks, "_MOST_BATCHES", most)
    monkeypatch.setattr(blocks, "_SMALL_BATCHES", most)
    same(result(net(), (Indexed(),), **settings), expected)
    same(result(net(), (Loader(),), **settings), expected)
    endless = (b for _ in range(9) for b in batches())
    same(result(net(), (endless,), steps_per_epoch=11, **settings), expected)
    for source in (Indexed(), Loader()):
        model = net()
        assert model.evaluate(source, verbose=0) == model.evaluate(X, Y, 10, verbose=0)
        found = model.predict(source, verbose=0)
        np.testing.assert_array_equal(found, model.predict(X, batch_size=10, verbose=0))


def test_a_generator_is_read_no_further_than_needed():
    taken = []

    def source():
        for i in range(10**6):
            taken.append(i)
            yield X[:10], Y[:10]

    generator = source()
    model = net()
    model.fit(generator, steps_per_epoch=7, epochs=3, verbose=0)
    assert len(taken) == 21
    model.evaluate(generator, steps=5, verbose=0)
    assert len(taken) == 26
    assert model.predict(generator, steps=2, verbose=0).shape == (20, 1)
    assert len(taken) == 28


def test_memory_is_bounded_however_fast_the_data_come(monkeypatch):
    monkeypatch.setattr(blocks, "_MOST_BATCHES", 4)
    monkeypatch.setattr(blocks, "_SMALL_BATCHES", 4)
    taken, ahead = [0], []

    def source():
        for _ in range(200):
            taken[0] += 1
            yield X[:10], Y[:10]

    class Slow(callbacks.Callback):
        made = 0

        def on_train_batch_end(self, batch, logs=None):
            self.made += 1
            time.sleep(0.001)
            ahead.append(taken[0] - self.made)

    net().fit(source(), verbose=0, callbacks=[Slow()])
    assert 0 < max(ahead) <= 3 * 4 + 1  # one stack in use, one ready, one being filled


def test_slow_data_are_not_kept_waiting_for_more():
    """The first batch is trained on long before the last has come."""
    order = []

    def source():
        for i in range(6):
            time.sleep(0.15)
            order.append(f"read {i}")
            yield X[:10], Y[:10]

    note = callbacks.LambdaCallback(on_train_batch_end=lambda i, _: order.append(f"made {i}"))
    model = net()
    model.fit(X, Y, batch_size=10, verbose=0)
    model.fit(source(), verbose=0, callbacks=[note])
    assert order.index("made 1") < order.index("read 5")


def test_training_that_stops_lets_go_of_its_data():
    def endless():
        while True:
            yield X[:10], Y[:10]

    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 3

    generator = endless()
    model = net()
    model.fit(generator, steps_per_epoch=100, epochs=9, verbose=0, callbacks=[Stop()])
    assert not [t for t in threading.enumerate() if t.name == "kerasish-data"]
    next(generator)  # nobody is inside it any more
    model.fit(generator, steps_per_epoch=2, verbose=0)


def test_predict_writes_where_it_is_told(tmp_path):
    model = net()
    expected = model.predict(X, verbose=0)
    out = np.memmap(tmp_path / "out.bin", "float32", "w+", shape=(107, 1))
    assert model.predict(X, verbose=0, out=out) is out
    np.testing.assert_array_equal(np.fromfile(tmp_path / "out.bin", "float32"), expected[:, 0])
    wide = np.zeros((107, 1), "float64")
    np.testing.assert_array_equal(model.predict(X, verbose=0, out=wide), expected)
    longer = np.full((120, 1), 7, "float32")
    model.predict(batches(), verbose=0, out=longer)
    np.testing.assert_allclose(longer[:107], expected, rtol=1e-6)
    assert (longer[107:] == 7).all()


def test_a_callback_of_predict_sees_each_batch_as_it_is():
    model, seen = net(), []
    note = callbacks.LambdaCallback(
        on_predict_batch_end=lambda batch, logs: seen.append(np.asarray(logs["outputs"]))
    )
    found = model.predict(X, batch_size=10, verbose=0, callbacks=[note])
    assert [len(each) for each in seen] == [10] * 10 + [7]
    np.testing.assert_array_equal(np.concatenate(seen), found)


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (np.zeros((107, 2), "float32"), r"\(107, 1\); got float32 of shape \(107, 2\)"),
        (np.zeros((100, 1), "float32"), r"\(107, 1\); got float32 of shape \(100, 1\)"),
        (np.zeros((107, 1), "int32"), "must be float32 .* got int32"),
        ([np.zeros((107, 1), "float32")], "where each . is an array"),
    ],
)
def test_predict_says_what_does_not_fit(out, told):
    model = net()
    with pytest.raises(kerasish.errors.ShapeError, match=told):
        model.predict(X, verbose=0, out=out)
    with pytest.raises(kerasish.errors.ArgumentError, match="room for 100 samples"):
        model.predict(batches(), verbose=0, out=np.zeros((100, 1), "float32"))


def test_data_that_were_ordered_otherwise_in_memory():
    """Arrays that are no block of memory, and of other dtypes, are gathered as they are."""
    strange = np.asfortranarray(np.repeat(X, 2, axis=0))[::2]
    for x in (strange, X.astype("float64"), X[:, ::-1][:, ::-1]):
        same(result(net(), (x, Y), epochs=2), result(net(), (X, Y), epochs=2))


@pytest.mark.parametrize("steps", [2, 5, 50])
def test_steps_per_execution_is_how_many_steps_there_are_in_a_dispatch(steps):
    seen = []
    note = callbacks.LambdaCallback(on_train_batch_end=lambda batch, _: seen.append(batch))
    one = result(net(steps_per_execution=steps), (X, Y), batch_size=10, callbacks=[note])
    same(one, result(net(), (X, Y), batch_size=10))
    ends = [min(i + steps, 10) - 1 for i in range(0, 10, steps)]
    assert seen == [*ends, 10]
