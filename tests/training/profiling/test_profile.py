"""`model.profile`: true numbers, and a model that is as it was."""

from __future__ import annotations

import random
from dataclasses import FrozenInstanceError
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import Input, Model, Sequential, errors, layers
from kerasish.models.profile import duration, human
from kerasish.training.execution import engine as engines
from kerasish.training.profiling import profile as profiles
from kerasish.training.profiling.costs import cost

RNG = np.random.default_rng(0)


def some(*shape):
    return RNG.random(shape).astype("float32")


def stack(*inner, loss="mse", **settings) -> Sequential:
    made = Sequential([Input(inner[0]), *inner[1:]])
    made.compile("adam", loss, **settings)
    return made


def mlp(**settings) -> Sequential:
    return stack((20,), layers.Dense(30, activation="relu"), layers.Dense(3), **settings)


def convnet() -> Sequential:
    return stack(
        (12, 12, 3),
        layers.Conv2D(8, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(16, 3),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(4, activation="softmax"),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


# The numbers


def test_operations_of_dense_layers_are_those_of_the_formula():
    b, sizes = 64, (256, 512, 128)
    made = stack((256,), layers.Dense(512), layers.Dense(128))
    forward = [2 * b * one * two for one, two in pairwise(sizes)]
    # Each layer has a gradient for its kernel, and all but the first one for their inputs.
    expected = 3 * sum(forward) - forward[0]
    found = made.profile(some(b, 256), b, verbose=0)
    assert found.kind == "train"
    assert found.flops == pytest.approx(expected, rel=0.05)
    assert found.epoch_flops == found.flops
    made.compile()
    found = made.profile(some(b, 256), b, verbose=0)
    assert (found.kind, found.optimizer) == ("predict", 0)
    assert found.flops == pytest.approx(sum(forward), rel=0.01)


@pytest.mark.parametrize("fused", [True, False])
def test_operations_of_convolutions_are_those_of_the_formula(fused):
    b = 8
    more = {} if fused else {"groups": 2}
    made = stack((16, 16, 4), layers.Conv2D(16, 3), layers.Conv2D(32, 3, **more))
    first, second = 2 * b * 14**2 * 16 * 36, 2 * b * 12**2 * 32 * 144 // more.get("groups", 1)
    found = made.profile(some(b, 16, 16, 4), b, verbose=0)
    assert found.flops == pytest.approx(2 * first + 3 * second, rel=0.06)


def test_each_round_of_a_loop_counts():
    b, units, size = 16, 64, 32
    found = {}
    for steps in (5, 50):
        made = stack((steps, size), layers.LSTM(units), layers.Dense(1))
        found[steps] = made.profile(some(b, steps, size), b, verbose=0)
        kernels = 2 * b * steps * 4 * units * np.array([size, units])
        assert found[steps].flops == pytest.approx(2 * kernels[0] + 3 * kernels[1], rel=0.1)
        assert found[steps].unbounded_loops == 0
    assert 5 < found[50].moved_bytes / found[5].moved_bytes < 15


def test_loops_within_loops_branches_and_open_loops():
    x = jax.ShapeDtypeStruct((64, 64), "float32")
    one = 2 * 64**3

    def inner(x, _):
        return jax.lax.fori_loop(0, 3, lambda _, x: x @ x, x), None

    def both(x):
        x, _ = jax.lax.scan(inner, x, None, 5)
        x = jax.lax.cond(x[0, 0] > 0, lambda x: jax.lax.scan(inner, x, None, 2)[0], lambda x: x, x)
        return jax.lax.while_loop(lambda x: x[0, 0] > 0, lambda x: x @ x, x)

    found = cost(jax.jit(both).trace(x))
    assert found.flops == pytest.approx((5 * 3 + 2 * 3 + 1) * one, rel=0.01)
    assert found.unbounded_loops == 1


def test_weights_are_counted_as_in_the_summary(capsys):
    made, x = convnet(), some(40, 12, 12, 3)
    found = made.profile(x, 16, verbose=0)
    made.fit(x, np.zeros(40), verbose=0)
    made.summary()
    told = capsys.readouterr().out
    assert f"Trainable params: {found.trainable:,} " in told
    assert f"Non-trainable params: {found.other:,} " in told
    assert f"Optimizer params: {found.optimizer:,} " in told
    assert found.trainable_bytes == 4 * found.trainable
    assert (found.samples, found.steps, found.batch_size) == (40, 3, 16)
    assert found.epoch_seconds == 3 * found.step_seconds
    assert found.samples_per_second == 16 / found.step_seconds
    assert found.flops_per_second == found.flops / found.step_seconds
    assert found.epoch_flops == found.flops * 2.5


# Memory

KINDS = {
    "dense": (mlp, (20,)),
    "convolution": (convnet, (12, 12, 3)),
    "recurrent": (lambda: stack((20, 8), layers.GRU(16), layers.Dense(2)), (20, 8)),
    "embedding": (
        lambda: stack(
            (30,), layers.Embedding(50, 16), layers.LayerNormalization(), layers.Dense(2)
        ),
        (30,),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_memory_of_larger_batches_is_foretold(name):
    make, shape = KINDS[name]
    made, x = make(), some(256, *shape)
    small, large = (made.profile(x, size, verbose=0) for size in (64, 256))
    foretold = small.fixed_bytes + 256 * small.sample_bytes
    assert foretold == pytest.approx(large.peak_bytes, rel=0.15)
    assert large.peak_bytes > small.peak_bytes


def test_the_largest_batch_fits_and_hardly_more_would(monkeypatch):
    monkeypatch.setattr(profiles, "free_bytes", lambda: 20_000_000)
    made, x = convnet(), some(4096, 12, 12, 3)
    most = made.profile(x, 16, verbose=0).largest_batch_size
    assert 16 < most < 4096
    assert made.profile(x, most, verbose=0).memory_share == pytest.approx(1, abs=0.06)


def test_what_does_not_fit_is_said_and_not_run(monkeypatch, capsys):
    monkeypatch.setattr(profiles, "free_bytes", lambda: 200_000)
    found = convnet().profile(some(512, 12, 12, 3), 512)
    assert not found.fits and found.memory_share > 1
    assert found.step_seconds is None and found.epoch_seconds is None
    told = " ".join(capsys.readouterr().out.split())
    assert "Warning: a step needs" in told and "Take a batch_size of at most" in told
    assert "Time of" not in told
    assert "not timed" in repr(found)


# The model


@pytest.mark.parametrize("copies", [8, 10**15], ids=["keeps", "gives-away"])
def test_nothing_changes(copies, monkeypatch):
    monkeypatch.setattr(engines, "_COPIES", copies)
    x, y = some(50, 20), some(50, 3)
    ends = []
    for looks in (False, True):
        kerasish.utils.set_random_seed(3)
        made = stack(
            (20,),
            layers.Dense(8),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(3),
            metrics=["mae"],
        )
        made.fit(x, y, epochs=2, batch_size=16, verbose=0)
        owner, history = made._kerasish_engine.owner, made.history
        before = jax.tree.map(np.array, (made.params, made.state, _numbers(owner.train_state)))
        told = dict(history.history), history.epoch, dict(made._kerasish_engine.logs())
        randoms = random.getstate(), np.random.get_state()[1].tolist()
        if looks:
            made.profile(x, 8, verbose=0)
            made.profile(x, 16, y=y, verbose=0)
        assert made._kerasish_engine.owner is owner and made.history is history
        after = jax.tree.map(np.array, (made.params, made.state, _numbers(owner.train_state)))
        jax.tree.map(np.testing.assert_array_equal, before, after)
        assert told == (dict(history.history), history.epoch, dict(made._kerasish_engine.logs()))
        assert randoms == (random.getstate(), np.random.get_state()[1].tolist())
        made.fit(x, y, batch_size=16, verbose=0)
        ends.append([*made.get_weights(), *made.history.history.values(), *mlp().get_weights()])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


def _numbers(train_state):
    return train_state.step, train_state.opt_state, train_state.metrics


def test_a_first_look_settles_nothing():
    x, y = some(50, 6), np.eye(3, dtype="float32")[RNG.integers(0, 3, 50)]
    ends = []
    for looks in (False, True):
        kerasish.utils.set_random_seed(3)
        made = Sequential([layers.Dense(4, activation="relu"), layers.Dense(3)])
        made.compile("adam", "mse", metrics=["accuracy"])
        if looks:
            # As for a single output, accuracy would mean another metric with such targets.
            made.profile(x, y=np.zeros((50, 3)), verbose=0)
            assert made._kerasish_engine.owner is None and not made._kerasish_metrics.entries
            assert not made._kerasish_metrics.resolved
        history = made.fit(x, y, epochs=2, verbose=0).history
        ends.append([*made.get_weights(), history["accuracy"], history["loss"]])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


# Kinds of models


class Own(Model):
    """A subclass with two outputs and a loop that goes round as the data say."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x):
        y = self.dense(x)
        rounds = jax.lax.while_loop(lambda i: i < y[0, 0], lambda i: i + 1, jnp.zeros(()))
        return {"a": y, "b": y + jax.lax.stop_gradient(rounds)}


def test_a_subclass_with_several_outputs(capsys):
    made = Own()
    made.compile("sgd", {"a": "sparse_categorical_crossentropy", "b": "mse"})
    found = made.profile(some(10, 4), 4)
    assert (found.kind, found.made_up, found.unbounded_loops) == ("train", True, 1)
    told = capsys.readouterr().out
    assert "How often a loop will go round is not known" in told
    assert "Targets of zeros were made up" in told


def test_a_graph_with_several_inputs_and_outputs():
    one, two = Input((4,), name="one"), Input((3,), name="two")
    h = layers.Concatenate()([one, two])
    made = Model(
        [one, two], [layers.Dense(2, name="p")(h), layers.Dense(1, "sigmoid", name="q")(h)]
    )
    made.compile("adam", ["mse", "binary_crossentropy"], metrics={"q": ["accuracy"]})
    x = [some(9, 4), some(9, 3)]
    assert made.profile(x, 3, verbose=0).steps == 3
    y = {"p": some(9, 2), "q": np.ones((9, 1))}
    assert not made.profile(x, 3, y=y, sample_weight=np.ones(9), verbose=0).made_up


def test_a_model_with_its_own_loss():
    class Custom(Sequential):
        def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
            return jnp.mean((y_pred - y) ** 2)

    made = Custom([Input((4,)), layers.Dense(2)])
    made.compile("sgd")
    assert made.profile(some(8, 4), verbose=0).kind == "train"


def test_what_runs_eagerly_is_profiled_compiled(capsys):
    made = mlp(run_eagerly=True)
    assert made.profile(some(8, 20)).eager
    assert "run_eagerly" in capsys.readouterr().out


# What is said


def test_the_table(capsys):
    found = mlp().profile(some(100, 20), 256)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'Model: "sequential", training with batches of 100'
    assert len(lines) <= 20 and max(map(len, lines)) <= 80
    assert "batch_size=256 was asked for; x has 100." in lines
    assert (found.batch_size, found.asked_batch_size, found.steps) == (100, 256, 1)
    assert "\n" not in repr(found) and len(repr(found)) <= 100
    with pytest.raises(FrozenInstanceError):
        found.flops = 0


def test_units():
    assert [human(n, "FLOP") for n in (0, 999, 999.7, 1e3, 999_960)] == [
        *("0 FLOP", "999 FLOP", "1.0 kFLOP", "1.0 kFLOP", "1.0 MFLOP")
    ]
    assert [human(n, binary=True) for n in (1, 1023, 2**20, 3.5 * 2**40)] == [
        *("1 B", "1023 B", "1.0 MiB", "3.5 TiB")
    ]
    assert [duration(s) for s in (2e-6, 0.9996, 59.9, 59.97, 60, 3599.9, 86_400)] == [
        *("2 us", "1 s", "59.9 s", "1 min 0 s", "1 min 0 s", "1 h 0 min", "24 h 0 min")
    ]


@pytest.mark.parametrize(
    ("error", "words", "call"),
    [
        (errors.NotCompiledError, "before `profile`", lambda: Sequential([]).profile(some(2, 2))),
        (errors.DataError, "takes arrays", lambda: mlp().profile(iter([1]))),
        (errors.DataError, "takes arrays", lambda: mlp().profile("data")),
        (errors.DataError, "no samples", lambda: mlp().profile(some(0, 20))),
        (errors.ArgumentError, "batch_size", lambda: mlp().profile(some(2, 20), 0)),
        (errors.ArgumentError, "batch_size", lambda: mlp().profile(some(2, 20), 1.5)),
        (errors.ShapeError, "takes input of shape", lambda: mlp().profile(some(2, 21))),
        (errors.DataError, "same number", lambda: mlp().profile(some(2, 20), y=some(3, 3))),
        (errors.DataError, "NaN", lambda: mlp().profile(some(2, 20), y=np.nan * some(2, 3))),
        (
            errors.DataError,
            "give `y`",
            lambda: mlp(loss=lambda y, p: y["no"] * p).profile(some(2, 20)),
        ),
    ],
)
def test_mistakes_are_told_before_anything_compiles(error, words, call, compiled):
    compiled.clear()
    with pytest.raises(error, match=words):
        call()
    assert not [name for name in compiled if "train" in name or "predict" in name]
