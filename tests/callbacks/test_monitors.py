"""Callbacks that watch a number of the logs which some epochs, or all of them, lack."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

import kerasish
from kerasish import Input, Sequential, callbacks, layers
from kerasish.errors import ArgumentError

X = np.linspace(0, 1, 16, dtype="float32").reshape(8, 2)
Y = X[:, :1]
HELD = {"validation_data": (X, Y)}


@pytest.fixture(scope="module")
def model():
    made = Sequential([Input((2,)), layers.Dense(1)])
    made.compile(kerasish.optimizers.SGD(0.0), "mse", metrics=["mae"])
    return made


def fit(model, *watchers, epochs=12, **settings):
    return model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=watchers, **settings)


class NowAndThen(callbacks.Callback):
    """Adds a number to the logs of every other epoch, from the second on."""

    def __init__(self, first=1):
        super().__init__()
        self.first = first

    def on_epoch_end(self, epoch, logs=None):
        if epoch % 2 == self.first:
            logs["score"] = 1.0


def test_patience_counts_validations_and_not_epochs(model, tmp_path):
    best = tmp_path / "{epoch:02d}.weights.h5"
    saved = callbacks.ModelCheckpoint(best, save_best_only=True, save_weights_only=True)
    kept = callbacks.OrbaxCheckpoint(tmp_path / "orbax", save_best_only=True)
    slower = callbacks.ReduceLROnPlateau(patience=1, min_delta=1.0)
    stop = callbacks.EarlyStopping(patience=2)
    model.optimizer.learning_rate = 1e-30
    history = fit(model, saved, kept, slower, stop, epochs=20, validation_freq=3, **HELD).history
    assert len(history["loss"]) == 9 and len(history["val_loss"]) == 3
    assert [path.name for path in tmp_path.glob("*.h5")] == ["03.weights.h5"]
    assert [path.name for path in (tmp_path / "orbax").glob("[0-9]*")] == ["2"]
    # Reduced after the second and the third validation.
    assert history["learning_rate"][5] > history["learning_rate"][6]
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-32)


@pytest.mark.parametrize("freq", [[2, 5], 5, [1]])
def test_a_validation_that_comes_late_or_never_again(model, freq):
    stop = callbacks.EarlyStopping(patience=9, restore_best_weights=True)
    history = fit(model, stop, epochs=6, validation_freq=freq, **HELD).history
    assert len(history["loss"]) == 6
    assert stop.best == history["val_loss"][0]


@pytest.mark.parametrize("first", [0, 1])
def test_a_number_that_another_callback_adds_now_and_then(model, first):
    stop = callbacks.EarlyStopping("score", patience=2)
    if first:
        with pytest.warns(UserWarning, match=r"watches 'score'.*passed over"):
            history = fit(model, NowAndThen(first), stop)
    else:
        history = fit(model, NowAndThen(first), stop)
    assert len(history.epoch) == 5 + first  # the best, and two that were not better
    assert history.history["score"] == [1.0, 1.0, 1.0]


def watching(name, folder):
    return [
        callbacks.EarlyStopping(name),
        callbacks.ReduceLROnPlateau(name),
        callbacks.ModelCheckpoint(folder / "m.keras", monitor=name, save_best_only=True),
        callbacks.OrbaxCheckpoint(folder / "run", monitor=name, save_best_only=True),
    ]


@pytest.mark.parametrize(
    ("name", "settings", "parts"),
    [
        ("val_los", HELD, ["Did you mean 'val_loss'?"]),
        ("val_mea", HELD, ["Did you mean 'val_mae'?"]),
        ("lss", {}, ["Did you mean 'loss'?"]),
        ("val_loss", {}, ["Give `fit` validation data."]),
        ("val_los", {}, ["Did you mean 'val_loss'?", "Give `fit` validation data."]),
        ("throughput", HELD, ["loss, mae, val_loss, val_mae."]),
    ],
)
def test_a_number_that_never_comes_is_refused_before_the_first_step(
    model, tmp_path, name, settings, parts
):
    steps = int(model.optimizer.iterations)
    for watcher in watching(name, tmp_path):
        with pytest.raises(ArgumentError) as caught:
            fit(model, watcher, **settings)
        said = str(caught.value)
        assert said.startswith(f"{type(watcher).__name__} watches {name!r}")
        assert all(part in said for part in parts), said
        assert "validation data" in said or not any("validation data" in part for part in parts)
        if settings:
            assert "validation data" not in said
    assert int(model.optimizer.iterations) == steps
    assert not (tmp_path / "m.keras").exists()


def test_logs_of_batches_have_no_validation(model, tmp_path):
    def saving():
        path = tmp_path / "b.keras"
        return callbacks.ModelCheckpoint(path, save_best_only=True, save_freq=1)

    with pytest.raises(ArgumentError, match=r"of batches.*save_freq='epoch'.*validation_every"):
        fit(model, saving(), **HELD)
    fit(model, saving(), epochs=3, validation_every=2, **HELD)
    assert (tmp_path / "b.keras").exists()


def test_a_checkpoint_of_all_epochs_watches_nothing(model, tmp_path):
    fit(model, callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras", monitor="none"), epochs=1)
    assert (tmp_path / "1.keras").exists()


@pytest.mark.parametrize(("baseline", "patience", "epochs"), [(-1.0, 3, 3), (-1.0, 5, 5)])
def test_a_baseline_that_is_never_reached_ends_the_run(baseline, patience, epochs):
    model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(kerasish.optimizers.SGD(0.01), "mse")
    stop = callbacks.EarlyStopping(
        "loss", baseline=baseline, patience=patience, restore_best_weights=True
    )
    history = fit(model, stop, shuffle=False).history["loss"]
    assert len(history) == epochs and history == sorted(history, reverse=True)
    assert (stop.best_epoch, stop.best) == (epochs - 1, history[-1])


def test_a_baseline_that_is_reached_ends_nothing():
    model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(kerasish.optimizers.SGD(0.01), "mse")
    stop = callbacks.EarlyStopping("loss", baseline=1e9, patience=1)
    assert len(fit(model, stop, epochs=6).epoch) == 6


def test_the_columns_of_a_table_are_those_of_all_epochs(model, tmp_path):
    path = tmp_path / "log.csv"
    fit(model, callbacks.CSVLogger(path), epochs=4, validation_freq=2, **HELD)
    header, *rows = csv.reader(path.read_text().splitlines())
    assert header == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row[3] == "NA" for row in rows] == [True, False, True, False]
    assert all(math.isfinite(float(row[1])) for row in rows)
    fit(model, callbacks.CSVLogger(path, append=True), epochs=1)
    header, *rows = csv.reader(path.read_text().splitlines())
    assert rows[-1][3:] == ["NA", "NA"] and [len(row) for row in rows] == [5] * 5


def test_without_a_run_a_missing_number_is_reported_once():
    stop = callbacks.EarlyStopping("val_loss")
    stop.on_train_begin()
    with pytest.warns(UserWarning, match="EarlyStopping watches 'val_loss'"):
        stop.on_epoch_end(0, {"loss": 1.0})
    stop.on_epoch_end(1, {"loss": 1.0})
