"""Callbacks: called when Keras calls them, told what Keras tells them, deciding what it decides."""

from __future__ import annotations

import csv
import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
from catalogue import METRICS

from .test_fit import CLASSES, REAL, WEIGHT, F, N, X, mlp, same_numbers, same_start, simple
from .tools.oracle import draw, keras, kerasish

LIBRARIES = (kerasish, keras)


class Fake:
    """A model that does nothing: it notes what a callback asks of it."""

    def __init__(self):
        self.optimizer = SimpleNamespace(learning_rate=0.1)
        self.stop_training = False
        self.epoch = -1
        self.restored = None
        self.saved = []

    def get_weights(self):
        return [self.epoch]

    def set_weights(self, weights):
        self.restored = weights[0]

    def save(self, path, overwrite=True, **_):
        self.saved.append((self.epoch, "model", str(path)))

    def save_weights(self, path, overwrite=True, **_):
        self.saved.append((self.epoch, "weights", str(path)))

    def _kerasish_snapshot(self, path, weights_only=False):
        epoch = self.epoch
        kind = "weights" if weights_only else "model"
        return lambda: self.saved.append((epoch, kind, str(path)))


def course(seed, kind):
    """Return the values of a number over the epochs: noisy, with ties, and better at first."""
    rng = random.Random(seed)
    values = [2.0]
    for _ in range(24):
        step = rng.choice([0.0, -0.3, -0.1, 0.05, 0.2, 0.0001, -0.00005])
        values.append(round(values[-1] + step, 5))
    if kind == "nan":
        values[rng.randrange(2, 20)] = math.nan
    return [-v for v in values] if kind == "rising" else values


def follow(callback, values, monitor="val_loss", batches=0):
    """Take a callback through the epochs; return the model it acted on and the rate of each."""
    model = Fake()
    callback.set_params({"epochs": len(values), "steps": batches, "verbose": 0})
    callback.set_model(model)
    callback.on_train_begin({})
    rates, count = [], 0
    every = getattr(callback, "batch_interval", 1)  # batches between two calls
    for epoch, value in enumerate(values):
        model.epoch = epoch
        callback.on_epoch_begin(epoch, {})
        for batch in range(batches):
            callback.on_train_batch_begin(batch, {})
            count += 1
            if every and count % every == 0:
                callback.on_train_batch_end(batch, {"loss": value, monitor: value})
        logs = {"loss": value, monitor: value}
        callback.on_epoch_end(epoch, logs)
        rates.append((float(model.optimizer.learning_rate), logs.get("learning_rate")))
        if model.stop_training:
            break
    callback.on_train_end({})
    return model, rates


@pytest.mark.parametrize("kind", ["falling", "rising", "nan"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"patience": 1},
        {"patience": 3, "restore_best_weights": True},
        {"patience": 2, "min_delta": 0.1},
        {"patience": 2, "min_delta": -0.1, "mode": "max"},
        {"patience": 4, "mode": "max", "restore_best_weights": True},
        {"patience": 2, "baseline": 2.5, "restore_best_weights": True},
        {"patience": 3, "baseline": 5.0, "mode": "min"},
        {"patience": 2, "start_from_epoch": 5},
        {"start_from_epoch": 30, "restore_best_weights": True},
        {"patience": 50, "restore_best_weights": True},
        {"monitor": "loss", "patience": 2, "restore_best_weights": True},
    ],
    ids=str,
)
def test_early_stopping(kwargs, seed, kind):
    found = []
    for k in LIBRARIES:
        callback = k.callbacks.EarlyStopping(**kwargs)
        model, rates = follow(callback, course(seed, kind))
        found.append((len(rates), model.restored, callback.best_epoch, callback.stopped_epoch))
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", ["falling", "rising", "nan"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "kwargs",
    [
        {"patience": 1},
        {"patience": 2, "factor": 0.5},
        {"patience": 1, "cooldown": 2},
        {"patience": 2, "factor": 0.3, "min_lr": 0.02, "cooldown": 1},
        {"patience": 1, "min_delta": 0.2},
        {"patience": 2, "mode": "max", "min_delta": 0.0},
        {"patience": 0},
        {"monitor": "loss", "patience": 3, "factor": 0.2},
        {"patience": 30},
    ],
    ids=str,
)
def test_reduce_lr_on_plateau(kwargs, seed, kind):
    found = []
    for k in LIBRARIES:
        _, rates = follow(k.callbacks.ReduceLROnPlateau(**kwargs), course(seed, kind))
        found.append(rates)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def falling(epoch, rate):
    return rate * 0.9 if epoch > 2 else rate


@pytest.mark.parametrize(
    "schedule",
    [falling, lambda epoch: 0.5 / (1 + epoch), lambda epoch, rate: np.float32(0.01)],
    ids=["both", "epoch only", "numpy"],
)
def test_learning_rate_scheduler(schedule):
    found = []
    for k in LIBRARIES:
        _, rates = follow(k.callbacks.LearningRateScheduler(schedule), [1.0] * 6)
        found.append(rates)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


@pytest.mark.parametrize("kind", ["falling", "rising", "nan"])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"save_best_only": True},
        {"save_best_only": True, "mode": "max"},
        {"save_best_only": True, "initial_value_threshold": 1.5},
        {"save_weights_only": True},
        {"save_weights_only": True, "save_best_only": True, "monitor": "loss"},
        {"save_freq": 5},
        {"save_freq": 3, "save_best_only": True, "monitor": "loss", "mode": "min"},
    ],
    ids=str,
)
def test_model_checkpoint(kwargs, seed, kind, tmp_path):
    ending = ".weights.h5" if kwargs.get("save_weights_only") else ".keras"
    path = str(tmp_path / ("{epoch:02d}-{loss:.3f}" + ending))
    found = []
    for k in LIBRARIES:
        callback = k.callbacks.ModelCheckpoint(path, **kwargs)
        model, _ = follow(callback, course(seed, kind)[:12], batches=4)
        found.append(model.saved)
    assert found[0] == found[1]


METRICS_BY_NAME = {case.thing.__name__: case for case in METRICS}


@pytest.mark.parametrize("name", METRICS_BY_NAME)
def test_whether_more_is_better(name):
    ours = METRICS_BY_NAME[name].make()
    if name == "MeanMetricWrapper":
        pytest.skip("of a mean of anything Keras cannot tell")
    metric = getattr(keras.metrics, name).from_config(ours.get_config())
    if getattr(metric, "_direction", None) is None:
        pytest.skip("Keras cannot tell")
    monitor = f"val_{metric.name}"
    callback = kerasish.callbacks.EarlyStopping(monitor)
    _, rates = follow(callback, [1.0, 2.0, 3.0, 4.0], monitor)
    assert (len(rates) == 4) == (metric._direction == "up")


# The order of the hooks and the keys of the logs.


def recorder(k, events, act=None):
    """Return a callback that notes every hook, its number and the keys of its logs."""

    def hook(name):
        def note(self, *args, logs=None):
            *numbers, told = args if args and not np.isscalar(args[-1]) else (*args, logs)
            events.append((name, *numbers, sorted(told or ())))
            if act:
                act(self.model, name, *numbers)

        return note

    names = [
        f"on_{kind}_{when}"
        for kind in ("train", "test", "predict", "epoch")
        for when in ("begin", "end")
    ]
    names += [
        f"on_{kind}_batch_{when}"
        for kind in ("train", "test", "predict")
        for when in ("begin", "end")
    ]
    return type("Recorder", (k.callbacks.Callback,), {name: hook(name) for name in names})()


def told(use, build=simple, act=None):
    """Return what a callback notes in either library while the model is used."""
    models, found = same_start(build), []
    for k, model in zip(LIBRARIES, models, strict=True):
        events = []
        use(model, recorder(k, events, act))
        found.append(events)
    return found


def test_hooks_of_fit():
    ours, theirs = told(
        lambda model, callback: model.fit(
            X, CLASSES, 8, 2, verbose=0, callbacks=[callback], validation_split=0.4
        )
    )
    assert ours == theirs


def test_hooks_of_fit_with_validation_now_and_then():
    ours, theirs = told(
        lambda model, callback: model.fit(
            X,
            CLASSES,
            10,
            4,
            verbose=0,
            callbacks=[callback],
            validation_data=(X, CLASSES),
            validation_freq=[1, 4],
            initial_epoch=1,
        )
    )
    assert ours == theirs


def test_hooks_of_evaluate_and_predict():
    def use(model, callback):
        model.evaluate(X, CLASSES, 8, 0, callbacks=[callback])
        model.predict(X, 8, 0, callbacks=[callback])

    ours, theirs = told(use)
    assert ours == theirs


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_epoch_begin", "on_epoch_end"])
def test_stopping_from_within_a_hook(hook):
    def act(model, name, *numbers):
        if name == hook and numbers and numbers[0] == 1:
            model.stop_training = True

    ours, theirs = told(
        lambda model, callback: model.fit(
            X, CLASSES, 5, 4, verbose=0, callbacks=[callback], validation_data=(X, CLASSES)
        ),
        act=act,
    )
    assert ours == theirs


def test_params_told_to_callbacks():
    found = []
    for k, model in zip(LIBRARIES, same_start(simple), strict=True):
        callback = recorder(k, [])
        model.fit(X, CLASSES, 8, 3, verbose=0, callbacks=[callback])
        found.append(callback.params)
    assert found[0] == found[1]


# In real runs.


def run(callbacks, epochs=8, **fit):
    """Return models and histories of both libraries after a fit with callbacks."""

    def build(k):
        model = mlp(k)
        rate = 0.3
        model.compile(
            k.optimizers.SGD(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        return model

    models, histories = same_start(build), []
    held = (draw((N, F), seed=9), CLASSES)
    for k, model in zip(LIBRARIES, models, strict=True):
        history = model.fit(
            X,
            CLASSES,
            8,
            epochs,
            shuffle=False,
            verbose=0,
            callbacks=callbacks(k),
            validation_data=held,
            **fit,
        )
        histories.append(history)
    assert list(histories[0].history) == list(histories[1].history)
    assert histories[0].epoch == histories[1].epoch
    for key, values in histories[1].history.items():
        same_numbers(histories[0].history[key], values, key)
    for mine, other in zip(*(m.get_weights() for m in models), strict=True):
        same_numbers(mine, other, "weights")
    return models, histories


def test_a_run_that_stops_early_and_goes_back():
    _, histories = run(
        lambda k: [k.callbacks.EarlyStopping(patience=2, restore_best_weights=True)], epochs=12
    )
    assert len(histories[0].epoch) < 12


def test_a_run_with_a_falling_rate():
    _, histories = run(
        lambda k: [k.callbacks.ReduceLROnPlateau(patience=1, factor=0.5, min_delta=0.01)]
    )
    assert len(set(histories[0].history["learning_rate"])) > 2


def test_a_run_with_a_schedule_by_epoch():
    run(lambda k: k.callbacks.LearningRateScheduler(falling))


def test_a_run_with_checkpoints_and_a_table(tmp_path):
    def callbacks(k):
        folder = tmp_path / k.__name__
        folder.mkdir()
        name = "{epoch}-{val_accuracy:.2f}.weights.h5"
        return [
            k.callbacks.ModelCheckpoint(
                str(folder / name), "val_loss", save_best_only=True, save_weights_only=True
            ),
            k.callbacks.CSVLogger(str(folder / "log.csv")),
        ]

    run(callbacks, epochs=4)
    ours, theirs = (tmp_path / k.__name__ for k in LIBRARIES)
    names = [sorted(p.name for p in folder.iterdir()) for folder in (ours, theirs)]
    assert names[0] == names[1]
    tables = []
    for folder in (ours, theirs):
        with (folder / "log.csv").open() as file:
            tables.append(list(csv.reader(file)))
    assert tables[0][0] == tables[1][0]
    numbers = [[[float(x) for x in row] for row in table[1:]] for table in tables]
    same_numbers(*numbers, "log.csv")


def test_a_run_that_becomes_nan():
    def build(k):
        model = mlp(k, units=1, last=None)
        model.compile(k.optimizers.SGD(1e19), "mse")
        return model

    models, found = same_start(build), []
    for k, model in zip(LIBRARIES, models, strict=True):
        events = []
        callbacks = [k.callbacks.TerminateOnNaN(), recorder(k, events)]
        model.fit(X, REAL, 4, 3, shuffle=False, verbose=0, callbacks=callbacks)
        found.append(events)
    assert found[0] == found[1]


def test_a_run_with_functions_for_callbacks():
    found = []
    for k, model in zip(LIBRARIES, same_start(simple), strict=True):
        events = []
        callback = k.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs, e=events: e.append((epoch, sorted(logs))),
            on_train_begin=lambda logs, e=events: e.append("begin"),
            on_train_batch_end=lambda batch, logs, e=events: e.append((batch, sorted(logs))),
        )
        model.fit(X, CLASSES, 10, 2, verbose=0, callbacks=[callback], sample_weight=WEIGHT)
        found.append(events)
    assert found[0] == found[1]


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_evaluation_by_moving_averages(swap_on_epoch):
    """At each hook, before and after the callback's own, the weights are those of Keras."""

    def build(k):
        model = mlp(k, units=1, last=None)
        model.compile(k.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.5), "mse")
        return model

    found = []
    for k, model in zip(LIBRARIES, same_start(build), strict=True):
        seen = []

        def look(*_, model=model, seen=seen):
            seen.append(model.get_weights())

        hooks = ("on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end")
        hooks += ("on_test_begin", "on_test_end")
        looking = [type("Look", (k.callbacks.Callback,), dict.fromkeys(hooks, look))()]
        looking.append(k.callbacks.SwapEMAWeights(swap_on_epoch))
        looking.append(type(looking[0])())
        data = {"validation_data": (X, REAL), "shuffle": False, "verbose": 0}
        history = model.fit(X, REAL, 10, 2, callbacks=looking, **data).history
        look()
        flat = [np.concatenate([w.ravel() for w in weights]) for weights in seen]
        found.append((flat, history["val_loss"]))
    assert len(found[0][0]) == 21
    for ours, theirs in zip(*found, strict=True):
        same_numbers(ours, theirs, "weights, then losses by averages")
