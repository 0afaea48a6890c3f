"""How things with settings read when they are printed."""

from __future__ import annotations

import optax
import pytest
from catalogue import INITIALIZERS, LOSSES, METRICS, OPTIMIZERS

from kerasish import callbacks, constraints, initializers, losses, metrics, optimizers, regularizers


def schedule(epoch):
    return 0.1


SHOWN = [
    (optimizers.Adam(), "Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07)"),
    (optimizers.SGD(0.1, nesterov=True), "SGD(learning_rate=0.1, nesterov=True)"),
    (optimizers.SGD(0.1, clipnorm=1.0), "SGD(learning_rate=0.1, clipnorm=1.0)"),
    (
        optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 100)),
        "SGD(learning_rate=CosineDecay(initial_learning_rate=0.1, decay_steps=100))",
    ),
    (losses.MeanSquaredError(), "MeanSquaredError()"),
    (losses.MeanSquaredError(reduction="sum"), "MeanSquaredError(reduction='sum')"),
    (
        losses.SparseCategoricalCrossentropy(from_logits=True),
        "SparseCategoricalCrossentropy(from_logits=True, axis=-1)",
    ),
    (metrics.Mean("speed"), "Mean(name='speed')"),
    (metrics.TopKCategoricalAccuracy(3), "TopKCategoricalAccuracy(k=3)"),
    (initializers.RandomNormal(stddev=0.2, seed=1), "RandomNormal(stddev=0.2, seed=1)"),
    (regularizers.L1L2(0.1, 0.2), "L1L2(l1=0.1, l2=0.2)"),
    (constraints.NonNeg(), "NonNeg()"),
    (callbacks.EarlyStopping("loss", patience=3), "EarlyStopping(monitor='loss', patience=3)"),
    (callbacks.LearningRateScheduler(schedule), "LearningRateScheduler(schedule=schedule)"),
    (callbacks.LambdaCallback(on_epoch_end=schedule), "LambdaCallback(on_epoch_end=schedule)"),
    (callbacks.CSVLogger("log.csv"), "CSVLogger(filename='log.csv')"),
]


@pytest.mark.parametrize(("thing", "text"), SHOWN, ids=[text for _, text in SHOWN])
def test_settings_are_shown(thing, text):
    assert repr(thing) == str(thing) == text


@pytest.mark.parametrize("family", [INITIALIZERS, LOSSES, METRICS, OPTIMIZERS])
def test_everything_is_shown_by_its_class(family):
    for case in family:
        thing = case.make()
        text = repr(thing)
        assert text.startswith(f"{type(thing).__name__}("), text
        assert " at 0x" not in text and len(text) < 500, text


def test_a_class_of_the_users_that_is_not_whole():
    class Half(callbacks.Callback):
        def __init__(self, kept, lost=3):
            self.kept = kept

    class Broken(optimizers.Optimizer):
        def __init__(self):
            pass

    assert repr(Half(1)) == "Half(kept=1)"
    assert repr(Broken()) == "Broken()"
    assert repr(optimizers.get(optax.sgd(0.1))).startswith("OptaxOptimizer(")
