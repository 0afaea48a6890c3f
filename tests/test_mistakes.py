"""What people do wrong most often, and the sentence that they read.

Each row is the code of a mistake and what its message must hold: the fix. A message is an error of
kerasish's own, or a warning where the code may be meant, of at most three lines.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish
from kerasish import Input, Model, Sequential, callbacks, layers, losses, optimizers, utils
from kerasish.errors import KerasishError

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = np.arange(8) % 3
MAX_LINES, LINE = 3, 120


class TensorFlowStep(Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def train_step(self, data: Any) -> Any:  # as for TensorFlow and PyTorch
        return {}


class WithoutSuper(Model):
    def __init__(self) -> None:
        self.dense = layers.Dense(3)


class LayerWithoutSuper(layers.Layer):
    def __init__(self, units: int) -> None:
        self.units = units


class LayersInCall(Model):
    def call(self, inputs: Any) -> Any:
        return layers.Dense(3)(inputs)


def net(loss: Any = "sparse_categorical_crossentropy", last: Any = None, **settings: Any) -> Model:
    last = layers.Dense(3, activation="softmax") if last is None else last
    model = Sequential([Input((4,)), last])
    model.compile(optimizers.SGD(), loss, **settings)
    return model


def fit(x: Any = X, y: Any = Y, model: Model | None = None, **settings: Any) -> None:
    (model or net()).fit(x, y, **{"verbose": 0, "batch_size": 8} | settings)


def compiled(model: Model, loss: str = "mse") -> Model:
    model.compile("sgd", loss)
    return model


def frame(**columns: Any) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def words() -> Model:
    model = Sequential([Input((2,), dtype="int32"), layers.Embedding(10, 2), layers.Flatten()])
    model.add(layers.Dense(1))
    return compiled(model)


def saved_model(folder: Path) -> Any:
    (folder / "saved_model.pb").touch()
    return kerasish.saving.load_model(folder)


# Errors: the code of the mistake, and what the message holds.
ERRORS: dict[str, tuple[Any, ...]] = {
    # Layers and models
    "a class in place of a layer": (
        lambda: Sequential([layers.Flatten, layers.Dense(2)]),
        "class",
        "Flatten()",
    ),
    "layers without a list": (
        lambda: Sequential(layers.Dense(2), layers.Dense(3)),
        "one list",
        "Sequential([a, b])",
    ),
    "a list in place of an array": (lambda: layers.Dense(3)([1, 2]), "array", "np.asarray(x)"),
    "a misspelt layer": (lambda: layers.dense(8), "Dense"),
    "a misspelt model": (lambda: kerasish.Sequental([]), "Sequential"),
    "a misspelt operation": (lambda: kerasish.ops.matmull(X, X), "matmul"),
    "a misspelt argument": (lambda: layers.Dense(3, activations="relu"), "activation"),
    "a misspelt activation": (lambda: layers.Dense(3, activation="rellu"), "relu"),
    "no super().__init__() in a model": (lambda: compiled(WithoutSuper()), "super().__init__()"),
    "no super().__init__() in a layer": (
        lambda: LayerWithoutSuper(3)(X),
        "super().__init__()",
    ),
    "layers made in call": (
        lambda: fit(y=np.zeros((8, 3)), model=compiled(LayersInCall())),
        "`__init__` or `build`",
    ),
    "a step for TensorFlow": (
        lambda: compiled(TensorFlowStep()),
        "train_step(data)",
        "(self, state, data)",
        "example",
    ),
    # Compiling
    "a misspelt metric": (lambda: net(metrics=["f1"]), "F1Score"),
    "lr": (lambda: optimizers.Adam(lr=0.1), "learning_rate"),
    # Fitting
    "not compiled": (lambda: Sequential([Input((4,)), layers.Dense(3)]).fit(X, Y), "compile("),
    "epoch": (lambda: net().fit(X, Y, epoch=3), "epochs"),
    "workers": (lambda: net().fit(X, Y, workers=2), "workers", "Leave it out"),
    "fit_generator": (lambda: net().fit_generator(X), "`fit`"),
    "save_format": (lambda: net().save("m.keras", save_format="h5"), "extension", "model.h5"),
    "a class in place of a callback": (
        lambda: fit(callbacks=[callbacks.TerminateOnNaN]),
        "class",
        "TerminateOnNaN()",
    ),
    "a misspelt monitor": (
        lambda: fit(validation_data=(X, Y), callbacks=[callbacks.EarlyStopping("val_los")]),
        "'val_los'",
        "'val_loss'",
    ),
    "a tuple of inputs and targets": (lambda: net().fit((X, Y), verbose=0), "fit(x, y)"),
    "inputs and targets swapped": (lambda: fit(Y, X), "(None, 4)", "(8,)"),
    "no batch axis": (lambda: net().predict(X[0], verbose=0), "x[None]"),
    "no channel axis": (
        lambda: Sequential([Input((8, 8, 1)), layers.Conv2D(2, 3)]).predict(
            np.ones((2, 8, 8, 3)), verbose=0
        ),
        "(None, 8, 8, 1)",
    ),
    "a sequence for a layer of vectors": (
        lambda: Sequential([Input((3, 4)), layers.LSTM(2), layers.LSTM(2)]),
        "return_sequences=True",
    ),
    # Data
    "columns of texts": (lambda: fit(frame(a=[1.0] * 8, city=["x"] * 8)), "'city'"),
    "texts": (lambda: fit(X.astype(str)), "numbers"),
    "NaN in x": (lambda: fit(np.where(X > 1, np.nan, X)), "NaN"),
    "infinity in x": (lambda: fit(np.where(X > 1, np.inf, X)), "x holds"),
    "complex numbers": (lambda: fit(X + 1j), "complex"),
    "whole numbers above 2**31": (
        lambda: fit((X * 0 + 1).astype("int64") * 2**40),
        "32 bits",
        "x.astype",
    ),
    "a row in place of rows": (lambda: fit(list(X)), "stack"),
    "indices out of range": (
        lambda: fit(np.full((8, 2), 12), np.zeros((8, 1)), words()),
        "12",
        "'embedding'",
        "0 to 9",
    ),
    "negative indices": (lambda: words().predict(np.full((8, 2), -1), verbose=0), "-1", "0 to 9"),
    "targets of binary cross-entropy": (
        lambda: fit(
            y=np.full((8, 1), 2.0),
            model=net("binary_crossentropy", layers.Dense(1, activation="sigmoid")),
        ),
        "0 to 1",
        "2",
    ),
    "classes as texts": (lambda: utils.to_categorical(["a", "b"]), "np.unique", "return_inverse"),
    "NaN in adapt": (
        lambda: layers.Normalization().adapt(np.array([[1, np.nan], [2, 3]], "float32")),
        "NaN in 1 of 2",
    ),
    "one array for named inputs": (
        lambda: compiled(
            Model(
                {"a": (a := Input((1,), name="a")), "b": (b := Input((1,), name="b"))},
                layers.Dense(1)(layers.Concatenate()([a, b])),
            )
        ).fit(X[:, :2], X[:, :1], verbose=0),
        "dict",
    ),
}

# Warnings: the code may be meant.
WARNINGS: dict[str, tuple[Any, ...]] = {
    "softmax and from_logits=True": (
        lambda: fit(model=net(losses.SparseCategoricalCrossentropy(from_logits=True))),
        "softmax",
        "from_logits",
    ),
    "logits and from_logits=False": (
        lambda: fit(model=net(last=layers.Dense(3))),
        "softmax",
        "from_logits=True",
    ),
    "softmax over one unit": (
        lambda: fit(
            y=np.zeros((8, 1)),
            model=net("binary_crossentropy", layers.Dense(1, activation="softmax")),
        ),
        "always 1",
        "sigmoid",
    ),
    "accuracy of a regression": (
        lambda: fit(y=X[:, :1], model=net("mse", layers.Dense(1), metrics=["accuracy"])),
        "accuracy",
    ),
    "a learning rate that is too high": (
        lambda: fit(
            y=X[:, :1] * 1e30,
            model=net("mse", layers.Dense(1)),
            batch_size=4,
            epochs=2,
        ),
        "NaN",
        "TerminateOnNaN(explain=True)",
    ),
}


def check_message(text: str, parts: tuple[str, ...]) -> None:
    for part in parts:
        assert part in text, text
    lines = sum(-(-len(line) // LINE) for line in text.splitlines())
    assert lines <= MAX_LINES, text


@pytest.mark.parametrize("mistake", ERRORS)
def test_errors_hold_the_fix(mistake):
    code, *parts = ERRORS[mistake]
    with pytest.raises((KerasishError, AttributeError, TypeError)) as caught:
        code()
    check_message(str(caught.value), tuple(parts))


def test_a_folder_of_tensorflow(tmp_path):
    with pytest.raises(KerasishError) as caught:
        saved_model(tmp_path)
    check_message(str(caught.value), ("SavedModel", "model.save('model.keras')"))


@pytest.mark.parametrize("mistake", WARNINGS)
def test_warnings_hold_the_fix(mistake):
    code, *parts = WARNINGS[mistake]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        code()
    assert len(caught) == 1, [str(each.message) for each in caught]
    check_message(str(caught[0].message), tuple(parts))
