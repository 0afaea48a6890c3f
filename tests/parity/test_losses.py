"""Losses: values and gradients equal Keras's, for each reduction and each shape of weights."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .tools.oracle import both, check_config, close, draw, keras, kerasish

N, T, C = 6, 3, 4


def probabilities(*shape):
    """Return positive numbers that sum to 1 along the last axis, far from 0 and 1."""
    e = np.exp(draw(shape))
    return e / e.sum(-1, keepdims=True)


def one_hot(*shape):
    return np.eye(C, dtype="float32")[draw(shape, "int32", seed=3, high=C)]


def share(*shape):
    """Return numbers between 0.05 and 0.95."""
    return 0.05 + 0.9 / (1 + np.exp(-draw(shape)))


# Targets and predictions for each kind of loss, with one and with two batch axes.
REAL = [(draw((N, C)), draw((N, C), seed=1)), (draw((N, T, C)), draw((N, T, C), seed=1))]
YES_OR_NO = [
    (draw((N, C), "int32", high=2), share(N, C)),
    (draw((N, T, 1), "int32", high=2).astype("float32"), share(N, T, 1)),
]
ONE_HOT = [(one_hot(N), probabilities(N, C)), (one_hot(N, T), probabilities(N, T, C))]
CLASSES = [
    (draw((N,), "int32", high=C), probabilities(N, C)),
    (draw((N, T), "int32", high=C), probabilities(N, T, C)),
]
LOGITS = {
    id(YES_OR_NO): [(y, 3 * draw(p.shape, seed=5)) for y, p in YES_OR_NO],
    id(ONE_HOT): [(y, 3 * draw(p.shape, seed=5)) for y, p in ONE_HOT],
    id(CLASSES): [(y, 3 * draw(p.shape, seed=5)) for y, p in CLASSES],
}
LOSSES = {
    "MeanSquaredError(": REAL,
    "MeanAbsoluteError(": REAL,
    "BinaryCrossentropy(": YES_OR_NO,
    "BinaryCrossentropy(label_smoothing=0.2, ": YES_OR_NO,
    "BinaryCrossentropy(from_logits=True, ": LOGITS[id(YES_OR_NO)],
    "BinaryCrossentropy(True, 0.1, ": LOGITS[id(YES_OR_NO)],
    "BinaryCrossentropy(axis=1, ": [YES_OR_NO[0]] * 2,
    "CategoricalCrossentropy(": ONE_HOT,
    "CategoricalCrossentropy(label_smoothing=0.3, ": ONE_HOT,
    "CategoricalCrossentropy(from_logits=True, ": LOGITS[id(ONE_HOT)],
    "CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, ": LOGITS[id(ONE_HOT)],
    "CategoricalCrossentropy(axis=1, ": [tuple(np.moveaxis(a, -1, 1) for a in ONE_HOT[1])] * 2,
    "SparseCategoricalCrossentropy(": CLASSES,
    "SparseCategoricalCrossentropy(from_logits=True, ": LOGITS[id(CLASSES)],
    "SparseCategoricalCrossentropy(ignore_class=2, ": CLASSES,
    "SparseCategoricalCrossentropy(from_logits=True, ignore_class=0, ": LOGITS[id(CLASSES)],
}
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]


def weights(values):
    """Return every kind of sample weight that Keras takes for values of a shape."""
    positive = lambda *shape: np.abs(draw(shape, seed=8)) + 0.1
    if len(values) > 1:
        return [None, positive(N, 1), positive(*values)]
    return [None, positive(N), positive(N, 1), np.arange(N) % 2, np.zeros(N, "float32")]


@pytest.mark.parametrize("axes", [0, 1], ids=["matrix", "sequence"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("code", LOSSES)
def test_loss(code, reduction, axes):
    y_true, y_pred = LOSSES[code][axes]
    ours, theirs = both(f"k.losses.{code}reduction={reduction!r})")
    for weight in weights(theirs.call(y_true, y_pred).shape):
        run = [lambda p, f=loss, w=weight: f(y_true, p, w) for loss in (ours, theirs)]
        if reduction == "sum_over_batch_size":
            found = [jax.value_and_grad(f)(y_pred) for f in run]
        else:
            found = [f(y_pred) for f in run]
        if reduction in (None, "none"):
            # With weights (n, 1) Keras gives (n, 1), here it stays (n,).
            found[1] = found[1].reshape(found[0].shape)
        close(*found, what=f"weights of shape {np.shape(weight)}")


@pytest.mark.parametrize("code", LOSSES)
def test_loss_config(code):
    check_config(*both(f"k.losses.{code}name='mine')"), unknown=("dtype",))


# Shapes that differ by a last axis of size 1.

FLAT = draw((N,), "int32", high=2).astype("float32")
COLUMN = FLAT[:, None]


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy"])
@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [(FLAT, share(N, 1)), (COLUMN, share(N)), (COLUMN, share(N, 1)), (FLAT, share(N))],
    ids=["(n,) (n, 1)", "(n, 1) (n,)", "(n, 1) (n, 1)", "(n,) (n,)"],
)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", None])
def test_a_last_axis_of_one(name, y_true, y_pred, reduction):
    ours, theirs = both(f"k.losses.{name}(reduction={reduction!r})")
    close(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("shape", [(N,), (N, 1)], ids=str)
@pytest.mark.parametrize("dtype", ["int32", "float32", "uint8"])
def test_classes_of_any_dtype(shape, dtype):
    y_true = draw((N,), "int32", high=C).astype(dtype).reshape(shape)
    ours, theirs = both("k.losses.SparseCategoricalCrossentropy()")
    close(ours(y_true, probabilities(N, C)), theirs(y_true, probabilities(N, C)))


@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_predictions_of_sixteen_bits_are_compared_in_thirty_two(name, dtype):
    y_true, y_pred = COLUMN, jax.numpy.asarray(share(N, 1), dtype)
    ours, theirs = both(f"k.losses.{name}()")
    close(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("code", ["MeanSquaredError", "CategoricalCrossentropy"])
def test_loss_in_sixteen_bits(code):
    y_true, y_pred = ONE_HOT[0]
    ours, theirs = both(f"k.losses.{code}(dtype='bfloat16')")
    close(ours(y_true, y_pred), theirs(y_true, y_pred), 2e-2)


# Functions: a value for each sample.

FUNCTIONS = {
    "mean_squared_error(y, p)": REAL,
    "mean_absolute_error(y, p)": REAL,
    "binary_crossentropy(y, p)": YES_OR_NO,
    "binary_crossentropy(y, p, label_smoothing=0.1)": YES_OR_NO,
    "binary_crossentropy(y, p, from_logits=True, axis=0)": LOGITS[id(YES_OR_NO)],
    "categorical_crossentropy(y, p)": ONE_HOT,
    "categorical_crossentropy(y, p, from_logits=True, label_smoothing=0.2)": LOGITS[id(ONE_HOT)],
    "sparse_categorical_crossentropy(y, p)": CLASSES,
    "sparse_categorical_crossentropy(y, p, from_logits=True)": LOGITS[id(CLASSES)],
    "sparse_categorical_crossentropy(y, p, ignore_class=1)": CLASSES,
}


@pytest.mark.parametrize("axes", [0, 1], ids=["matrix", "sequence"])
@pytest.mark.parametrize("call", FUNCTIONS)
def test_function(call, axes):
    y, p = FUNCTIONS[call][axes]
    close(*(eval(f"k.losses.{call}", {"k": k, "y": y, "p": p}) for k in (kerasish, keras)))


def test_unnormalized_probabilities():
    y, p = ONE_HOT[0]
    classes, _ = CLASSES[0]
    for target, name in ((y, "categorical"), (classes, "sparse_categorical")):
        ours, theirs = (getattr(k.losses, f"{name}_crossentropy") for k in (kerasish, keras))
        close(ours(target, 3 * p), theirs(target, 3 * p))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_certain_and_wrong(value):
    # Bare probabilities are clipped alike: 16.1, not infinite.
    y, p = np.array([[1 - value]], "float32"), np.array([[value]], "float32")
    ours, theirs = both("k.losses.BinaryCrossentropy()")
    close(ours(y, p), theirs(y, p), 2e-2)
