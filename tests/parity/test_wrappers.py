"""Estimators beside Keras's, with the same first weights and the same steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .tools.oracle import keras, kerasish

pytest.importorskip("sklearn", reason="wrappers are of scikit-learn: not installed")

X = np.random.default_rng(0).normal(size=(20, 3))
WEIGHTS = np.random.default_rng(1).normal(size=(3, 3))
TEXTS = np.array(["c", "a", "b"])[X.argmax(1)]


def estimators(name: str, y: Any, loss: str) -> list[Any]:
    def make(library: Any) -> Any:
        def model(X, y, activation):
            assert X.shape == (20, 3) and y.ndim == 2
            dense = library.layers.Dense(y.shape[1], activation=activation)
            made = library.Sequential([library.Input((3,)), dense])
            made.set_weights([WEIGHTS[:, : y.shape[1]], np.zeros(y.shape[1])])
            made.compile(library.optimizers.SGD(0.1), loss)
            return made

        activation = "softmax" if loss == "categorical_crossentropy" else None
        return getattr(library.wrappers, name)(
            model,
            model_kwargs={"activation": activation},
            fit_kwargs={"epochs": 3, "batch_size": 20, "verbose": 0},
        ).fit(X, y)

    return [make(keras), make(kerasish)]


@pytest.mark.parametrize("y", [TEXTS, X.argmax(1), X[:, 0] > 0], ids=["texts", "numbers", "two"])
def test_classifiers(y):
    theirs, ours = estimators("SKLearnClassifier", y, "categorical_crossentropy")
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    expected = theirs.decision_function(X)
    np.testing.assert_allclose(ours.decision_function(X), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    assert ours.score(X, y) == theirs.score(X, y)


def test_regressors_and_transformers():
    for name in ("SKLearnRegressor", "SKLearnTransformer"):
        theirs, ours = estimators(name, X[:, 1], "mse")
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5, atol=1e-6)
    assert ours.transform(X).shape == theirs.transform(X).shape == (20, 1)
