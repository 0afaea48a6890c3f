"""Distillation beside Keras's: the losses, a step of training, and files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .tools.oracle import keras, kerasish

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 5)).astype("float32"), RNG.integers(0, 3, 8)
T, S = RNG.normal(size=(2, 4, 3)).astype("float32")


def network(library: Any, name: str) -> Any:
    inputs = library.Input((5,))
    hidden = library.layers.Dense(4, activation="tanh", name="hidden")(inputs)
    return library.Model(inputs, library.layers.Dense(3, name="out")(hidden), name=name)


def distiller(library: Any, weights: Any) -> Any:
    part = library.distillation
    model = part.Distiller(
        network(library, "teacher"),
        network(library, "student"),
        [part.LogitsDistillation(2.0, "mse"), part.FeatureDistillation("mae", "hidden", "hidden")],
        weights,
        student_loss_weight=0.3,
    )
    model.compile(
        "sgd", library.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"]
    )
    return model


@pytest.mark.parametrize("loss", ["kl_divergence", "mse", "categorical_crossentropy"])
def test_losses(loss):
    for ours, theirs in (
        (k.LogitsDistillation(3.0, loss) for k in (kerasish.distillation, keras.distillation)),
        (k.FeatureDistillation(loss) for k in (kerasish.distillation, keras.distillation)),
    ):
        expected = float(theirs.compute_loss(T, S))
        np.testing.assert_allclose(float(ours.compute_loss(T, S)), expected, 1e-5)


def test_losses_of_several_outputs():
    one = kerasish.distillation.LogitsDistillation(2.0, "mse")
    two = kerasish.distillation.LogitsDistillation(2.0, ["mse", None])
    assert float(two.compute_loss([T, S], [S, S * 0])) == float(one.compute_loss(T, S))


@pytest.mark.parametrize("weights", [None, [1.0, 0.5]])
def test_a_step(weights, tmp_path):
    theirs, ours = distiller(keras, weights), distiller(kerasish, weights)
    for name in ("teacher", "student"):
        getattr(ours, name).set_weights(getattr(theirs, name).get_weights())
    kept = ours.teacher.get_weights()
    settings = {"epochs": 2, "batch_size": 8, "verbose": 0, "shuffle": False}
    expected, history = (m.fit(X, Y, **settings).history for m in (theirs, ours))
    assert set(history) == set(expected)
    for name in expected:
        np.testing.assert_allclose(history[name], expected[name], 1e-4, err_msg=name)
    for mine, other in zip(ours.student.get_weights(), theirs.student.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, 1e-4, 1e-5)
    for before, after in zip(kept, ours.teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    ours.save(tmp_path / "m.keras")
    loaded = kerasish.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(loaded.predict(X, verbose=0), ours.predict(X, verbose=0), 1e-6)
    assert loaded.evaluate(X, Y, verbose=0) == pytest.approx(ours.evaluate(X, Y, verbose=0))


def test_what_does_not_fit():
    part, model = kerasish.distillation, network(kerasish, "one")
    loss = part.LogitsDistillation()
    for wrong, said in (
        (lambda: part.LogitsDistillation(0), "temperature"),
        (lambda: part.LogitsDistillation(loss=[None]), "at least one loss"),
        (lambda: loss.compute_loss([T], [S, S]), "the student"),
        (lambda: part.Distiller(model, model, [loss], [1, 2]), "2 weights for 1 losses"),
        (lambda: part.Distiller(model, model, loss, student_loss_weight=2), "from 0 to 1"),
        (lambda: part.Distiller(model, 3, loss), "student must be a model"),
        (lambda: part.Distiller(model, model, part.FeatureDistillation("mse", "no")), "'no'"),
    ):
        with pytest.raises(ValueError, match=said):
            wrong()
