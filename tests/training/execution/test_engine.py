"""The engine: fused steps are the same steps, one program serves every number of them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time

import jax
import numpy as np
import pytest

import kerasish
from kerasish import Input, Sequential, callbacks, layers
from kerasish.training.data import block as blocks
from kerasish.training.data import device_cache
from kerasish.training.execution.pacing import DispatchPacer

RNG = np.random.default_rng(0)
X = RNG.random((107, 6, 6, 2)).astype("float32")
Y = RNG.integers(0, 3, 107)


def model(**convolution) -> Sequential:
    kerasish.utils.set_random_seed(1)
    made = Sequential(
        [
            Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="relu", **convolution),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3, activation="softmax"),
        ]
    )
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


class EveryBatch(callbacks.Callback):
    def __init__(self, every: int = 1):
        super().__init__()
        self.batch_interval = every
        self.seen: list[tuple[int, float]] = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append((batch, logs["loss"]))


def fit(made: Sequential, *more, **kwargs):
    settings = {"batch_size": 10, "epochs": 3, "verbose": 0} | kwargs
    history = made.fit(X, Y, callbacks=list(more), **settings).history
    return history, made.get_weights()


def same(one, other, **tolerance):
    assert one[0].keys() == other[0].keys()
    for key in one[0]:
        np.testing.assert_allclose(one[0][key], other[0][key], **tolerance or {"rtol": 0})
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, **tolerance or {"rtol": 0})


@pytest.mark.parametrize("every", [1, 3, 7])
def test_fused_steps_are_single_steps_bit_for_bit(every):
    watcher = EveryBatch(every)
    same(fit(model()), fit(model(), watcher))
    numbers = [i for i, _ in watcher.seen]
    assert numbers == [i % 11 for i in range(33) if (i + 1) % every == 0]


def test_data_that_stay_on_the_device_give_the_same(monkeypatch):
    expected = fit(model(), validation_split=0.3)
    monkeypatch.setattr(device_cache, "fits_on_device", lambda arrays: True)
    same(fit(model(), validation_split=0.3), expected)


@pytest.mark.parametrize("convolution", [{"groups": 2}, {"data_format": "channels_first"}])
def test_every_convolution_of_ours_is_fused(convolution, compiled):
    made = model(padding="same", **convolution)
    compiled.clear()
    fit(made)
    assert "jit(train_many)" in compiled


def test_what_a_loop_would_slow_down_is_run_step_by_step(compiled):
    kernel = RNG.random((2, 6, 3, 3)).astype("float32")
    by_hand = layers.Lambda(lambda x: jax.lax.conv(x, kernel, (1, 1), "SAME"))
    made = Sequential([Input((6, 6, 2)), by_hand, layers.Flatten(), layers.Dense(3)])
    made.compile("sgd", "mse")
    compiled.clear()
    made.fit(X, X[:, 0, :3, 0], epochs=1, verbose=0)
    fused = "jit(train_many)" in compiled
    assert fused == (jax.default_backend() != "cpu")


def test_one_program_for_every_number_of_steps(compiled):
    made = model()
    compiled.clear()
    fit(made, validation_split=0.2)
    programs = [name for name in compiled if name.startswith(("jit(train", "jit(test"))]
    assert sorted(programs) == [
        "jit(test_many)",
        "jit(test_many)",
        "jit(train_many)",
        "jit(train_many)",
    ]
    compiled.clear()
    fit(made, EveryBatch(), validation_split=0.2)
    fit(made, EveryBatch(4), validation_split=0.2, epochs=5)
    made.optimizer.learning_rate = 0.01
    fit(made, validation_split=0.2)
    assert [name for name in compiled if "train" in name or "test" in name] == []


def test_predict_in_one_dispatch_is_predict_batch_by_batch():
    made = model()
    whole = made.predict(X, batch_size=10, verbose=0)
    single = [made.predict_on_batch(X[i : i + 10]) for i in range(0, 107, 10)]
    np.testing.assert_allclose(whole, np.concatenate(single), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(whole, made.predict(X, batch_size=10, verbose=0))


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_small_stacks_give_the_same(monkeypatch, batches):
    expected, outputs = fit(model()), model().predict(X, batch_size=10, verbose=0)
    monkeypatch.setattr(blocks, "_MOST_BATCHES", batches)
    monkeypatch.setattr(blocks, "_SMALL_BATCHES", batches)
    same(fit(model()), expected)
    np.testing.assert_array_equal(model().predict(X, batch_size=10, verbose=0), outputs)


def test_ctrl_c_in_the_middle_leaves_the_last_finished_step():
    made = model()
    fit(made)
    steps = int(made.optimizer.iterations.numpy())
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    start = callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: epoch == 1 and timer.start())
    with pytest.raises(KeyboardInterrupt):
        fit(made, start, epochs=100_000)
    done = int(made.optimizer.iterations.numpy()) - steps
    assert done > 0
    # It may come between the last step of an epoch and the note of that epoch.
    assert len(made.history.epoch) in (done // 11, done // 11 - 1)
    assert np.isfinite(made.predict(X, verbose=0)).all()
    fit(made)
    assert int(made.optimizer.iterations.numpy()) == steps + done + 33


def test_what_was_read_before_training_outlives_it():
    made = model()
    fit(made)
    params = made.params
    before = jax.tree.map(np.array, params)
    fit(made)
    jax.tree.map(np.testing.assert_array_equal, params, before)


def test_a_callback_that_asks_for_nothing_waits_for_nothing():
    class Lazy(EveryBatch):
        def on_train_batch_end(self, batch, logs=None):
            self.logs = logs

    lazy = Lazy()
    made = model()
    fit(made, lazy)
    assert lazy.logs["loss"] == pytest.approx(made.history.history["loss"][-1], rel=1e-6)


def test_compile_with_equal_arguments_compiles_nothing(compiled):
    made = model()
    fit(made, validation_split=0.2)
    made.predict(X, batch_size=10, verbose=0)
    made.evaluate(X, Y, batch_size=10, verbose=0)
    untrained = model().get_weights()
    first = model().evaluate(X, Y, batch_size=10, verbose=0)[0]
    expected = fit(model())
    for optimizer in ("adam", kerasish.optimizers.Adam(), kerasish.optimizers.Adam(0.01)):
        compiled.clear()
        made.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        made.set_weights(untrained)
        assert int(made.optimizer.iterations.numpy()) == 0
        found = fit(made, validation_split=0.2)
        made.predict(X, batch_size=10, verbose=0)
        last = made.evaluate(X, Y, batch_size=10, verbose=0)[0]
        assert [name for name in compiled if "many" in name] == []
        assert last < first
    assert expected[0].keys() <= found[0].keys()


def test_compile_with_other_arguments_is_another_training():
    losses = kerasish.losses

    class Scaled(losses.Loss):  # its config does not tell all
        def __init__(self, scale):
            super().__init__()
            self.scale = scale

        def call(self, y_true, y_pred):
            return self.scale * (y_pred[:, 0] - 1) ** 2

    made = model()
    x, y = X[:10], Y[:10]
    found = []
    for loss in (
        Scaled(1.0),
        Scaled(2.0),
        lambda y_true, y_pred: 3 * (y_pred[:, 0] - 1) ** 2,
        lambda y_true, y_pred: 4 * (y_pred[:, 0] - 1) ** 2,
    ):
        made.compile("sgd", loss)
        found.append(made.evaluate(x, y, verbose=0))
    np.testing.assert_allclose(found, found[0] * np.arange(1, 5), rtol=1e-5)
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert len(made.evaluate(x, y, verbose=0)) == 2
    made.compile(kerasish.optimizers.SGD(clipnorm=1e-9), "sparse_categorical_crossentropy")
    before = made.get_weights()[0]
    made.fit(x, y, verbose=0)
    np.testing.assert_allclose(made.get_weights()[0], before, atol=1e-8)


def test_programs_are_kept_on_disk(tmp_path):
    """A second process finds the programs of the first."""
    code = f"""
import numpy as np, kerasish
from kerasish import layers
found = []
import jax
jax.monitoring.register_event_listener(lambda event, **_: found.append(event))
folder = kerasish.config.enable_compilation_cache({str(tmp_path / "programs")!r})
kerasish.utils.set_random_seed(0)
wide = [layers.Dense(64, activation="relu") for _ in range(20)]
model = kerasish.Sequential([kerasish.Input((8,)), *wide, layers.Dense(1)])
model.compile("adam", "mse")
model.fit(np.ones((96, 8)), np.ones((96, 1)), verbose=0)
print(sum(event.endswith("/cache_hits") for event in found), model.predict(np.ones((1, 8)))[0, 0])
"""
    run = [sys.executable, "-c", code]
    told = [subprocess.run(run, capture_output=True, text=True, check=True) for _ in range(2)]
    (hits, first), (more_hits, second) = (each.stdout.split()[-2:] for each in told)
    assert int(hits) == 0 < int(more_hits)
    assert first == second
    # A process that was killed while it wrote leaves part of an entry, which the next one replaces.
    *_, entry = sorted((tmp_path / "programs").glob("*-cache"))
    whole = entry.read_bytes()
    entry.write_bytes(whole[: len(whole) // 2])
    after_a_kill = subprocess.run(run, capture_output=True, text=True, check=True)
    assert after_a_kill.stderr == ""
    assert int(after_a_kill.stdout.split()[-2]) == int(more_hits) - 1
    # Compiling twice need not give the same bytes, only an entry that is complete.
    assert len(entry.read_bytes()) > 0.9 * len(whole)


@pytest.mark.slow
def test_nothing_grows_over_many_fits():
    made = model()
    settings = {"batch_size": 10, "epochs": 2, "verbose": 0, "validation_split": 0.2}

    def held() -> tuple[int, int, int]:
        gc.collect()
        arrays = jax.live_arrays()
        return len(arrays), sum(a.nbytes for a in arrays), len(gc.get_objects())

    for _ in range(3):
        made.fit(X, Y, **settings)
        made.predict(X, verbose=0)
    before = held()
    for _ in range(20):
        made.fit(X, Y, **settings)
        made.predict(X, verbose=0)
    after = held()
    assert after[:2] <= before[:2]
    assert after[2] - before[2] < 2000
    assert threading.active_count() < 10


def test_checkpoints_are_written_beside_training_and_whole_afterwards(tmp_path):
    made, weights = model(), {}
    note = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, _: weights.update({epoch: made.get_weights()})
    )
    save = callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    light = callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)
    fit(made, note, save, light, epochs=6)
    for epoch, expected in weights.items():
        loaded = kerasish.saving.load_model(tmp_path / f"{epoch + 1}.keras")
        assert all(map(np.array_equal, loaded.get_weights(), expected))
        assert int(loaded.optimizer.iterations.numpy()) == (epoch + 1) * 11
        loaded.load_weights(tmp_path / f"{epoch + 1}.weights.h5")
        assert all(map(np.array_equal, loaded.get_weights(), expected))


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    from kerasish.saving import archive

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(archive, "write_weights", full)
    made = model()
    with pytest.raises(OSError, match="No space left"):
        fit(made, callbacks.ModelCheckpoint(tmp_path / "m.keras"))
    assert not list(tmp_path.iterdir())
    assert np.isfinite(made.predict(X, verbose=0)).all()


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="others keep their memory")
@pytest.mark.parametrize(("seconds", "steps"), [(0.01, 10), (0.05, 8), (0.2, 2), (2.0, 1)])
def test_a_dispatch_has_some_steps_if_they_are_not_too_slow(seconds, steps, monkeypatch):
    pace = DispatchPacer()
    assert pace.steps_per_dispatch("train") == 1
    monkeypatch.setattr(time, "perf_counter", lambda: seconds)
    pace.record_dispatch("train", 1, jax.numpy.zeros(()), began=0.0)
    pace.block_until_ready()
    assert pace.steps_per_dispatch("train") == steps
