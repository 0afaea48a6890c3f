"""Whole models in legacy HDF5 go both ways between Keras and here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import jax
import numpy as np
import pytest

from .tools.architectures import ARCHITECTURES
from .tools.interchange import _difference, _fresh
from .tools.oracle import keras, kerasish

# In every run these, in one direction; all, in both, with `-m exhaustive`.
FROM_KERAS = {
    "a_layer_of_ones_own",
    "models_in_models",
    "normalizations",
    "one_layer_many_times",
    "outputs_in_a_list",
    "wide_and_deep",
}
TO_KERAS = {
    "frozen_layers",
    "functions_of_tensors",
    "gru_of_words",
    "images_in_time",
    "outputs_in_a_dict",
    "penalties_and_constraints",
    "siamese",
}
# Without a graph Keras's own files do not say for which shapes a model was built.
SUBCLASSED = {"a_model_of_ones_own", "a_model_that_holds_models"}
NAMES = sorted(set(ARCHITECTURES) - SUBCLASSED)


# In such files Keras knows neither this optimizer nor these dtypes.
UNKNOWN_THERE = {"conv_next", "short_floats"}


def cases(usual: set[str], names: list[str]) -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.slow if name in usual else pytest.mark.exhaustive)
        for name in names
    ]


@pytest.mark.filterwarnings("ignore")  # Keras's, of which there are many
@pytest.mark.parametrize("name", cases(FROM_KERAS, NAMES))
def test_models_of_keras_are_loaded(name: str, tmp_path: Path) -> None:
    which = ARCHITECTURES[name]
    theirs = _fresh(which, keras, seed=0)
    theirs.save(tmp_path / "m.h5")
    which.make(kerasish)  # registers classes of its own
    ours = kerasish.saving.load_model(tmp_path / "m.h5")
    expected = theirs.predict(which.x, verbose=0)
    assert _difference(ours.predict(which.x, verbose=0), expected) <= which.precision
    assert type(ours.optimizer).__name__ == type(theirs.optimizer).__name__


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", cases(TO_KERAS, sorted(set(NAMES) - UNKNOWN_THERE)))
def test_keras_loads_models(name: str, tmp_path: Path) -> None:
    which = ARCHITECTURES[name]
    ours = _fresh(which, kerasish, seed=0)
    ours.save(tmp_path / "m.h5")
    which.make(keras)
    theirs = keras.saving.load_model(tmp_path / "m.h5")
    expected = ours.predict(which.x, verbose=0)
    assert all(abs(each).max() > 1e-3 for each in jax.tree.leaves(expected))
    assert _difference(theirs.predict(which.x, verbose=0), expected) <= which.precision
    assert type(theirs.optimizer).__name__ == type(ours.optimizer).__name__
    again = kerasish.saving.load_model(tmp_path / "m.h5")
    for one, other in zip(again.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


OPTIMIZERS = ["SGD", "RMSprop", "Adamax", "Nadam", "Ftrl"]


@pytest.mark.filterwarnings("ignore")
def test_optimizers_and_what_compile_was_given(tmp_path: Path) -> None:
    """Every optimizer's state comes along, and losses and metrics in each of Keras's forms."""
    x, y = np.ones((2, 3), "float32"), np.ones((2, 2), "float32")
    path = tmp_path / "m.h5"
    given = [
        {"loss": "mse", "metrics": ["mae"]},
        {"loss": ["mae"], "metrics": ["mse"]},
        {"loss": keras.losses.Huber(name="h"), "metrics": [keras.metrics.MeanSquaredError("m")]},
        {
            "loss": {"d": keras.losses.LogCosh()},
            "metrics": {"d": ["mae"]},
            "loss_weights": {"d": 2.0},
        },
        {"loss": keras.losses.mean_absolute_error, "weighted_metrics": ["mse"]},
    ]
    start = keras.Input((3,))
    theirs = keras.Model(start, keras.layers.Dense(2, name="d")(start))
    for i, name in enumerate(OPTIMIZERS):
        theirs.compile(name.lower(), **given[i % len(given)])
        theirs.train_on_batch(x, y)
        theirs.save(path)
        ours = kerasish.saving.load_model(path)
        for mine, known in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
            np.testing.assert_allclose(mine.value, np.asarray(known.value), rtol=1e-6)
        expected = theirs.test_on_batch(x, y)
        np.testing.assert_allclose(ours.evaluate(x, y, verbose=0), expected, rtol=1e-4)
        ours.save(path)
        again = kerasish.saving.load_model(path)
        for mine, known in zip(again.optimizer.variables, ours.optimizer.variables, strict=True):
            np.testing.assert_array_equal(mine.value, known.value)
        assert type(keras.saving.load_model(path).optimizer).__name__ == name


def test_a_file_has_what_keras_writes(tmp_path: Path) -> None:
    """The attributes and groups are those of Keras's file for the same model."""
    found = {}
    for library in (keras, kerasish):
        library.utils.set_random_seed(0)
        inner = library.Sequential(
            [library.Input((2,)), library.layers.BatchNormalization(name="n")], name="inner"
        )
        start = library.Input((3,), name="x")
        model = library.Model(start, inner(library.layers.Dense(2, name="d")(start)), name="m")
        model.compile("sgd", "mean_squared_error")
        model.save(tmp_path / "m.h5")
        with h5py.File(tmp_path / "m.h5") as h5:
            names: dict[str, Any] = {"": set(h5.attrs)}
            h5["model_weights"].visititems(
                lambda name, each, names=names: names.update({name: set(each.attrs)})
            )
            training = json.loads(h5.attrs["training_config"])
        found[library] = names, training.keys(), training["loss"]
    assert found[keras] == found[kerasish]
