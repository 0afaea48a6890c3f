"""Callbacks of other libraries: any object with some of the hooks, and logs that are a dict."""

from __future__ import annotations

import copy
import json
import pickle
import warnings

import numpy as np
import pytest

from kerasish import Input, Sequential, callbacks, layers
from kerasish.errors import ArgumentError

from .tools.oracle import keras, kerasish

X = np.linspace(-1, 1, 24, dtype="float32").reshape(12, 2)
Y = (X[:, 0] > 0).astype("int32")
HELD = {"validation_data": (X, Y)}


@pytest.fixture(scope="module")
def model():
    made = Sequential([Input((2,)), layers.Dense(2, "softmax")])
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def fit(model, *given, epochs=2, **settings):
    model.optimizer.learning_rate = 0.25
    return model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, callbacks=given, **settings)


# Logs


class Looks(callbacks.Callback):
    def __init__(self, look):
        super().__init__()
        self.look = look

    def on_train_batch_end(self, batch, logs=None):
        self.look(logs)

    def on_test_batch_end(self, batch, logs=None):
        self.look(logs)

    def on_epoch_end(self, epoch, logs=None):
        self.look(logs)

    on_train_end = on_test_end = on_batch_only = lambda self, logs=None: self.look(logs)


def test_logs_are_a_dict_of_floats(model):
    def look(logs):
        assert isinstance(logs, dict)
        assert all(type(value) is float for value in logs.values())
        plain = {name: logs[name] for name in logs}
        assert plain and json.loads(json.dumps(logs)) == plain
        assert {**logs} == dict(logs) == logs.copy() == logs | {} == plain == logs
        assert copy.deepcopy(logs) == pickle.loads(pickle.dumps(logs)) == plain
        assert "{loss:.1f}".format(**logs) == f"{logs['loss']:.1f}"
        assert int(logs["loss"]) >= 0 and logs.get("none") is None
        seen.append(logs)

    seen = []
    fit(model, Looks(look), **HELD)
    assert len(seen) == 2 * (3 + 3 + 1 + 1) + 1


def test_nothing_is_fetched_for_callbacks_without_batch_hooks(model, monkeypatch):
    from kerasish.training.execution.logs import PendingLogs

    read, reads = PendingLogs.read, []
    monkeypatch.setattr(PendingLogs, "read", lambda logs: reads.append(logs) or read(logs))
    counts = []
    light = [callbacks.EarlyStopping("loss", patience=9), keras.callbacks.LambdaCallback()]
    light += [keras.callbacks.EarlyStopping("loss", mode="min", patience=9)]
    for given in (light, [*light, keras.callbacks.TerminateOnNaN()]):
        reads.clear()
        fit(model, *given, epochs=1)
        counts.append(len({id(each) for each in reads}))
    assert counts == [1, 3]


# Objects with hooks


class OnlyEpochs:
    __slots__ = ("seen",)

    def __init__(self):
        self.seen = []

    def on_epoch_end(self, epoch, logs):
        self.seen.append((epoch, sorted(logs)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("every", "batch_interval"),
        ("remembers", "checkpointed_attributes"),
        ("stops_at_nan", "guard_nan"),
        ("comes_last", "run_last"),
    ],
)
def test_renamed_attributes_are_reported(model, old, new):
    callback = callbacks.Callback()
    setattr(callback, old, 3)
    with pytest.warns(UserWarning, match=f"Callback.{old} has no effect.*`{new}`"):
        fit(model, callback, epochs=1)


class OlderNames:
    """Of the time when batches had one name."""

    every = close = run = "mine"

    def __init__(self):
        self.seen = []

    def on_batch_end(self, batch, logs=None):
        self.seen.append(batch)


def test_an_object_with_some_hooks_is_a_callback(model):
    first, second = OnlyEpochs(), OlderNames()
    fit(model, first, second)
    assert first.seen == [(0, ["accuracy", "loss"]), (1, ["accuracy", "loss"])]
    assert second.seen == [0, 1, 2, 0, 1, 2]
    assert (second.every, second.close, second.run) == ("mine",) * 3
    model.evaluate(X, Y, verbose=0, callbacks=[first])
    model.predict(X, verbose=0, callbacks=second)


def test_an_attribute_of_the_users_stays(model):
    class Tracks(callbacks.Callback):
        def __init__(self):
            self.run = "of a tracker"  # and no super().__init__()

    tracks = Tracks()
    assert tracks.model is None and tracks.params is None
    fit(model, tracks)
    assert tracks.run == "of a tracker" and tracks.model is model
    assert tracks.params == {"epochs": 2, "steps": 3, "verbose": 0}


@pytest.mark.parametrize("given", [callbacks.TerminateOnNaN, keras.callbacks.TerminateOnNaN])
def test_a_class_in_the_place_of_an_instance(model, given):
    with pytest.raises(ArgumentError, match=r"You gave the class; write `TerminateOnNaN\(\)`\."):
        fit(model, given)


@pytest.mark.parametrize("given", ["early", print, 3, object()])
def test_what_has_no_hooks_is_refused(model, given):
    with pytest.raises(ArgumentError, match=r"not a callback.*LambdaCallback"):
        fit(model, given)


# Keras's own

KERAS = {
    "EarlyStopping": lambda k, d: k.EarlyStopping("val_accuracy", patience=0),
    "restoring": lambda k, d: k.EarlyStopping("val_loss", patience=1, restore_best_weights=True),
    "ReduceLROnPlateau": lambda k, d: k.ReduceLROnPlateau("val_loss", patience=1, min_delta=9.0),
    "ModelCheckpoint": lambda k, d: k.ModelCheckpoint(
        f"{d}/best.keras", "val_accuracy", save_best_only=True
    ),
    "weights": lambda k, d: k.ModelCheckpoint(f"{d}/{{epoch}}.weights.h5", save_weights_only=True),
    "CSVLogger": lambda k, d: k.CSVLogger(f"{d}/log.csv"),
    "LambdaCallback": lambda k, d: k.LambdaCallback(on_epoch_end=lambda epoch, logs: dict(logs)),
    "LearningRateScheduler": lambda k, d: k.LearningRateScheduler(lambda epoch, rate: rate / 2),
    "TerminateOnNaN": lambda k, d: k.TerminateOnNaN(),
    "History": lambda k, d: k.History(),
    "Callback": lambda k, d: k.Callback(),
    "BackupAndRestore": lambda k, d: k.BackupAndRestore(f"{d}/backup"),
    "ProgbarLogger": lambda k, d: k.ProgbarLogger(),
}


@pytest.mark.parametrize("name", KERAS)
def test_callbacks_of_keras(model, name, tmp_path):
    """They do with our model what our own callbacks do."""
    start, found = model.get_weights(), []
    for k in (keras, kerasish):
        folder = tmp_path / k.__name__
        folder.mkdir()
        model.set_weights(start)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        callback = KERAS[name](k.callbacks, folder)
        history = fit(model, callback, epochs=4, shuffle=False, **HELD).history
        files = sorted(path.name for path in folder.iterdir())
        found.append((history, files, [w.tolist() for w in model.get_weights()]))
        assert callback.model is model
    np.testing.assert_equal(found[0][1:], found[1][1:])
    assert list(found[0][0]) == list(found[1][0])
    for key, values in found[1][0].items():
        np.testing.assert_allclose(found[0][0][key], values, rtol=1e-6)


def test_a_bar_of_keras_takes_the_place_of_ours(model, capsys):
    model.fit(X, Y, verbose=2, callbacks=[keras.callbacks.ProgbarLogger()])
    assert capsys.readouterr().out.count("1/1") == 1


# Trackers of experiments, in the form of their own callbacks


class Pruning(keras.callbacks.Callback):
    """As Optuna's: reports a number, and ends the run by an exception."""

    class Pruned(Exception):
        pass

    def __init__(self, monitor):
        super().__init__()
        self._monitor, self.reported = monitor, []

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        current = logs.get(self._monitor)
        if current is None:
            warnings.warn("not there", stacklevel=2)
            return
        self.reported.append((float(current), epoch))
        if len(self.reported) == 2:
            raise self.Pruned


class Metrics(keras.callbacks.Callback):
    """As Weights & Biases': logs and the learning rate, by epochs and by batches."""

    def __init__(self):
        super().__init__()
        self.rows, self.global_batch = [], 0

    def on_train_begin(self, logs=None):
        self.config = {**self.params, **self.model.optimizer.get_config()}
        json.dumps(json.loads(self.model.to_json()))

    def on_epoch_end(self, epoch, logs=None):
        row = {} if logs is None else {f"epoch/{k}": v for k, v in logs.items()}
        row["epoch/epoch"] = epoch
        rate = self.model.optimizer.learning_rate
        assert hasattr(rate, "shape") and rate.shape == ()
        row["epoch/learning_rate"] = float(rate.numpy().item())
        self.rows.append(json.loads(json.dumps(row)))

    def on_batch_end(self, batch, logs=None):
        self.global_batch += 1
        assert isinstance(logs, dict) and logs["loss"] > 0

    def on_train_batch_end(self, batch, logs=None):
        self.on_batch_end(batch, logs if logs else {})


class Logger(keras.callbacks.Callback):
    """As MLflow's: params of the optimizer, the summary as text, metrics now and then."""

    def __init__(self):
        super().__init__()
        self.params_logged, self.lines, self.metrics = {}, [], []

    def on_train_begin(self, logs=None):
        config = self.model.optimizer.get_config()
        self.params_logged = {f"optimizer_{name}": str(value) for name, value in config.items()}
        self.model.summary(print_fn=lambda line, *args, **kwargs: self.lines.append(line))

    def on_batch_end(self, batch, logs=None):
        iteration = int(self.model.optimizer.iterations.numpy())
        if iteration % 2 == 0:
            self.metrics.append((iteration, dict(logs)))

    def on_test_end(self, logs=None):
        self.metrics.append({"validation_" + name: value for name, value in logs.items()})


def test_trackers_of_experiments(model):
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    metrics, logger, pruning = Metrics(), Logger(), Pruning("val_accuracy")
    with pytest.raises(Pruning.Pruned):
        fit(model, metrics, logger, pruning, epochs=9, **HELD)
    assert [epoch for _, epoch in pruning.reported] == [0, 1]
    assert metrics.rows[1]["epoch/learning_rate"] == 0.25 and metrics.global_batch == 6
    assert metrics.config["epochs"] == 9 and metrics.config["steps"] == 3
    assert "epoch/val_loss" in metrics.rows[0]
    assert "Dense" in "\n".join(logger.lines) and "optimizer_learning_rate" in logger.params_logged
    assert [each[0] for each in logger.metrics if isinstance(each, tuple)] == [2, 4, 6]


# In a loop of one's own


@pytest.mark.parametrize("k", [kerasish, keras], ids=lambda k: k.__name__)
def test_a_list_of_callbacks_in_a_loop(model, k):
    seen = []
    note = k.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append((epoch, logs)),
        on_train_batch_end=lambda batch, logs: seen.append(batch),
    )
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]) if k is keras else model
    each = k.callbacks.CallbackList(
        [note], add_history=True, add_progbar=True, model=made, epochs=1, steps=1, verbose=0
    )
    each.on_train_begin()
    each.on_epoch_begin(0)
    each.on_train_batch_begin(0)
    each.on_train_batch_end(0, {"loss": 1.0})
    each.on_epoch_end(0, {"loss": 1.0})
    each.on_train_end({"loss": 1.0})
    assert seen == [0, (0, {"loss": 1.0})]
    names = [type(callback).__name__ for callback in each.callbacks]
    assert names == ["LambdaCallback", "History", "ProgbarLogger"]
    assert note.params == each.params == {"epochs": 1, "steps": 1, "verbose": 0}
    assert note.model is each.model is made
    assert made.history is each.callbacks[1] and made.history.history == {"loss": [1.0]}
    assert k.callbacks.CallbackList().params == {}


def test_fit_takes_a_list_of_callbacks(model):
    seen = []
    note = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks.CallbackList([[note], note]))
    assert seen == [0, 0, 1, 1]
