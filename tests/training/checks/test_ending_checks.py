"""Warnings about models whose end does not suit the loss or the metrics, and about NaN."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import kerasish
from kerasish import Input, Model, Sequential, callbacks, layers, losses, ops
from kerasish.errors import ArgumentError

X = np.linspace(0.1, 1, 16, dtype="float32").reshape(8, 2)
CLASSES, YES_OR_NO, REAL = np.arange(8) % 3, np.arange(8) % 2, X[:, 0] * 10
SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"
SPARSE_LOGITS = losses.SparseCategoricalCrossentropy(from_logits=True)
BINARY_LOGITS = losses.BinaryCrossentropy(from_logits=True)
CATEGORICAL_LOGITS = losses.CategoricalCrossentropy(from_logits=True)


def fit(model, loss, y, metrics=None):
    """Return the warnings of two fits and an evaluation."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.compile("sgd", loss, metrics=metrics)
        for _ in range(2):
            model.fit(X, y, batch_size=5, verbose=0, validation_data=(X, y))
    assert all(each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


def stacked(*above):
    return Sequential([Input((2,)), *above])


def nested(units, activation=None):
    x = Input((2,))
    return Model(x, stacked(layers.Dense(4), layers.Dense(units, activation, name="end"))(x))


WRONG = {
    "softmax": (lambda: stacked(layers.Dense(3, "softmax")), SPARSE_LOGITS, CLASSES, "the softmax"),
    "layer": (
        lambda: stacked(layers.Dense(3), layers.Softmax()),
        SPARSE_LOGITS,
        CLASSES,
        "softmax",
    ),
    "activation": (
        lambda: stacked(layers.Dense(3), layers.Activation("softmax")),
        CATEGORICAL_LOGITS,
        np.eye(3)[CLASSES],
        "drop the softmax of the layer, or the `from_logits=True`",
    ),
    "sigmoid": (lambda: stacked(layers.Dense(1, "sigmoid")), BINARY_LOGITS, YES_OR_NO, "sigmoid"),
    "none": (lambda: stacked(layers.Dense(3)), SPARSE, CLASSES, "activation='softmax'"),
    "none, binary": (lambda: stacked(layers.Dense(1)), BINARY, YES_OR_NO, "activation='sigmoid'"),
    "nested": (lambda: nested(3), SPARSE, CLASSES, "Layer `end` has no activation"),
    "one unit": (
        lambda: stacked(layers.Dense(1, "softmax")),
        BINARY,
        YES_OR_NO,
        "softmax over one unit is always 1; use sigmoid.",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_an_end_that_contradicts_the_loss(case):
    make, loss, y, part = case
    (said,) = fit(make(), loss, y)
    assert part in said


class OwnSoftmax(Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, inputs):
        return ops.softmax(self.dense(inputs))


def with_operation():
    x = Input((2,))
    return Model(x, ops.softmax(layers.Dense(3)(x)))


RIGHT = {
    "softmax": (lambda: stacked(layers.Dense(3, "softmax")), SPARSE, CLASSES),
    "logits": (lambda: stacked(layers.Dense(3)), SPARSE_LOGITS, CLASSES),
    "activation": (
        lambda: stacked(layers.Dense(3), layers.Activation("softmax")),
        SPARSE,
        CLASSES,
    ),
    "lambda": (lambda: stacked(layers.Dense(3), layers.Lambda(ops.softmax)), SPARSE, CLASSES),
    "operation": (with_operation, SPARSE, CLASSES),
    "subclass": (OwnSoftmax, SPARSE, CLASSES),
    "function": (lambda: stacked(layers.Dense(3, lambda x: ops.softmax(x))), SPARSE, CLASSES),
    "shares": (
        lambda: stacked(layers.Dense(3, use_bias=False, kernel_constraint="non_neg")),
        "categorical_crossentropy",
        np.eye(3)[CLASSES],
    ),
    "margins": (lambda: stacked(layers.Dense(1, "tanh")), "hinge", YES_OR_NO * 2 - 1),
    "squares": (lambda: stacked(layers.Dense(1, "sigmoid")), "mse", YES_OR_NO),
}


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_an_end_that_suits_the_loss_or_is_not_known(case):
    make, loss, y = case
    assert fit(make(), loss, y, ["accuracy"]) == []


@pytest.mark.parametrize("y", [REAL, np.arange(8) * 100])
def test_accuracy_of_a_regression(y):
    (said,) = fit(stacked(layers.Dense(1)), "mse", y, ["accuracy"])
    assert "`accuracy` counts" in said and "`mae`" in said
    assert fit(stacked(layers.Dense(1)), "mse", y, ["mae"]) == []


def test_a_loss_that_becomes_nan_is_reported_once():
    model = stacked(layers.Dense(1))
    model.compile(kerasish.optimizers.SGD(1e30), "mse")
    with pytest.warns(UserWarning, match="since epoch 1.*explain=True") as caught:
        model.fit(X, REAL, batch_size=2, epochs=4, verbose=0)
    assert len(caught) == 1


def test_a_loss_that_a_callback_stops_at_is_not_reported(capsys):
    model = stacked(layers.Dense(1))
    model.compile(kerasish.optimizers.SGD(1e30), "mse")
    model.fit(X, REAL, batch_size=2, epochs=4, verbose=0, callbacks=[callbacks.TerminateOnNaN()])
    assert "training ends here" in capsys.readouterr().out


def test_a_class_in_the_place_of_a_layer():
    for make in (lambda: Sequential([layers.Flatten]), lambda: Sequential().add(layers.Flatten)):
        with pytest.raises(ArgumentError, match=r"You gave the class; write `Flatten\(\)`"):
            make()
