"""Metrics: the same after every batch, whatever the sizes of the batches and the weights."""

from __future__ import annotations

import numpy as np
import pytest

from .test_losses import C, one_hot, probabilities, share
from .tools.oracle import both, check_config, close, draw, keras, kerasish

BATCHES = (4, 4, 1)


def classes(n, *more):
    return draw((n, *more), "int32", seed=2, high=C)


def real(n, *more):
    return draw((n, C, *more)), draw((n, C, *more), seed=n)


def yes_or_no(n, *more):
    return draw((n, *more, 1), "int32", high=2), share(n, *more, 1)


def many_yes_or_no(n, *more):
    return draw((n, *more, C), "int32", high=2), share(n, *more, C)


def hot(n, *more):
    return one_hot(n, *more), probabilities(n, *more, C)


def sparse(n, *more):
    return classes(n, *more), probabilities(n, *more, C)


def equal(n, *more):
    return classes(n, *more, 2), draw((n, *more, 2), "int32", seed=9, high=C)


def logits(kind):
    return lambda *shape: (kind(*shape)[0], 2 * draw(kind(*shape)[1].shape, seed=4))


METRICS = {
    "MeanSquaredError()": real,
    "MeanAbsoluteError()": real,
    "RootMeanSquaredError()": real,
    "Accuracy()": equal,
    "BinaryAccuracy()": yes_or_no,
    "BinaryAccuracy(threshold=0.3)": many_yes_or_no,
    "BinaryAccuracy(threshold=0.0)": many_yes_or_no,
    "CategoricalAccuracy()": hot,
    "SparseCategoricalAccuracy()": sparse,
    "TopKCategoricalAccuracy(2)": hot,
    "TopKCategoricalAccuracy(k=1)": hot,
    "TopKCategoricalAccuracy()": hot,
    "SparseTopKCategoricalAccuracy(k=3)": sparse,
    "SparseTopKCategoricalAccuracy(1)": sparse,
    "BinaryCrossentropy()": yes_or_no,
    "BinaryCrossentropy(label_smoothing=0.1)": many_yes_or_no,
    "BinaryCrossentropy(from_logits=True)": logits(many_yes_or_no),
    "CategoricalCrossentropy()": hot,
    "CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)": logits(hot),
    "SparseCategoricalCrossentropy()": sparse,
    "SparseCategoricalCrossentropy(from_logits=True)": logits(sparse),
    "SparseCategoricalCrossentropy(ignore_class=1)": sparse,
    "MeanMetricWrapper(k.losses.mean_squared_error, name='mse')": real,
    "MeanMetricWrapper(k.losses.binary_crossentropy, 'b', label_smoothing=0.4)": yes_or_no,
}


def positive(*shape):
    return np.abs(draw(shape, seed=8)) + 0.1


WEIGHTS = {
    "none": lambda n: None,
    "(n,)": lambda n: positive(n),
    "(n, 1)": lambda n: positive(n, 1),
    "whole numbers, some zero": lambda n: np.arange(n),
    "all zero": lambda n: np.zeros(n, "float32"),
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("code", METRICS)
def test_metric(code, weights):
    ours, theirs = both(f"k.metrics.{code}")
    close(np.asarray(ours.result()), np.asarray(theirs.result()), what="before the first batch")
    if "ignore_class" in code and weights not in ("none", "all zero"):
        pytest.skip("Keras leaves ignored samples out of the mean only where there are weights")
    for n in BATCHES:
        batch = *METRICS[code](n), WEIGHTS[weights](n)
        ours.update_state(*batch)
        theirs.update_state(*batch)
        close(np.asarray(ours.result()), np.asarray(theirs.result()), what=f"{n} samples")
    assert [v.name for v in ours.variables] == [v.name for v in theirs.variables]
    for metric in (ours, theirs):
        metric.reset_state()
    close(np.asarray(ours.result()), np.asarray(theirs.result()), what="after a reset")


@pytest.mark.parametrize("weights", ["none", "(n,)", "(n, t)"])
@pytest.mark.parametrize("code", METRICS)
def test_metric_of_sequences(code, weights):
    ours, theirs = both(f"k.metrics.{code}")
    if "ignore_class" in code and weights != "none":
        pytest.skip("Keras leaves ignored samples out of the mean only where there are weights")
    for n in (4, 1):
        weight = positive(n, 3) if weights == "(n, t)" else WEIGHTS[weights](n)
        batch = *METRICS[code](n, 3), weight
        if weights == "(n, t)" and METRICS[code] is real:
            batch = *batch[:2], positive(n, C)
        ours.update_state(*batch)
        theirs.update_state(*batch)
    close(np.asarray(ours.result()), np.asarray(theirs.result()))


@pytest.mark.parametrize("code", [*METRICS, "Mean()", "Mean('mine')", "Sum()", "Sum(name='s')"])
def test_metric_config(code):
    if not code.startswith("MeanMetricWrapper"):
        check_config(*both(f"k.metrics.{code}"))
    ours, theirs = both(f"k.metrics.{code}")
    assert ours.name == theirs.name or "name" not in code
    assert ours.name.startswith(theirs.name.rstrip("_0123456789"))


@pytest.mark.parametrize("code", ["Mean()", "Sum()"])
@pytest.mark.parametrize(
    ("values", "weight"),
    [
        (3.0, None),
        (draw((4,)), None),
        (draw((4,)), positive(4)),
        (draw((4, 3)), positive(4, 1)),
        (draw((4, 3)), positive(4, 3)),
        (draw((4, 1)), positive(4)),
        (draw((4,), "int32"), positive(4)),
        (2.0, 0.5),
        ([1.0, 2.0], [1.0, 0.0]),
    ],
    ids=lambda v: str(np.shape(v)),
)
def test_mean_and_sum(code, values, weight):
    ours, theirs = both(f"k.metrics.{code}")
    for metric in (ours, theirs):
        metric.update_state(values, weight)
        metric.update_state(values)
    close(np.asarray(ours.result()), np.asarray(theirs.result()))


# Ties and unusual values.


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_among_equal_predictions(k):
    p = np.array([[0.25, 0.25, 0.25, 0.25], [0.4, 0.1, 0.4, 0.1], [0.1, 0.4, 0.1, 0.4]], "float32")
    for name, targets in (("Sparse", np.arange(4)), ("", np.eye(4, dtype="float32"))):
        ours, theirs = both(f"k.metrics.{name}TopKCategoricalAccuracy({k})")
        for target in targets:
            y = np.array([target] * 3)
            close(np.asarray(ours(y, p)), np.asarray(theirs(y, p)), what=f"{name} {target}")


@pytest.mark.parametrize("name", ["SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy"])
@pytest.mark.parametrize("dtype", ["float32", "uint8", "int32"])
@pytest.mark.parametrize("shape", [(5,), (5, 1)], ids=str)
def test_classes_of_any_dtype(name, dtype, shape):
    y = classes(5).astype(dtype).reshape(shape)
    ours, theirs = both(f"k.metrics.{name}()")
    close(np.asarray(ours(y, probabilities(5, C))), np.asarray(theirs(y, probabilities(5, C))))


@pytest.mark.parametrize("y_shape", [(6,), (6, 1)], ids=str)
@pytest.mark.parametrize("p_shape", [(6,), (6, 1)], ids=str)
@pytest.mark.parametrize("name", ["BinaryAccuracy", "MeanSquaredError"])
def test_a_last_axis_of_one(name, y_shape, p_shape):
    y, p = draw((6,), "int32", high=2).astype("float32"), share(6)
    ours, theirs = both(f"k.metrics.{name}()")
    y, p = y.reshape(y_shape), p.reshape(p_shape)
    close(np.asarray(ours(y, p)), np.asarray(theirs(y, p)))


def test_binary_accuracy_exactly_at_the_threshold():
    y, p = np.array([0.0, 1.0]), np.array([0.5, 0.5], "float32")
    ours, theirs = both("k.metrics.BinaryAccuracy()")
    close(np.asarray(ours(y, p)), np.asarray(theirs(y, p)))


# What "accuracy" means: settled by the shapes of targets and outputs.

TARGETS = {
    "binary, (n,)": ((1,), classes(6).clip(0, 1)),
    "binary, (n, 1)": ((1,), classes(6, 1).clip(0, 1).astype("float32")),
    "sparse, (n,)": ((C,), classes(6)),
    "sparse, (n, 1)": ((C,), classes(6, 1)),
    "sparse, (n, 1), floats": ((C,), classes(6, 1).astype("float32")),
    "one-hot": ((C,), one_hot(6)),
    "one-hot, whole numbers": ((C,), one_hot(6).astype("int32")),
    "sequence, (n, t)": ((3, C), classes(6, 3)),
    "sequence, (n, t, 1)": ((3, C), classes(6, 3, 1)),
    "sequence, one-hot": ((3, C), one_hot(6, 3)),
    "sequence, binary": ((3, 1), classes(6, 3, 1).clip(0, 1)),
}


@pytest.mark.parametrize("target", TARGETS)
def test_accuracy_by_name(target):
    shape, y = TARGETS[target]
    p = probabilities(6, *shape) if shape[-1] > 1 else share(6, *shape)
    if shape[-1] == 1:
        loss = "binary_crossentropy"
    else:
        loss = ("sparse_" if y.shape != p.shape else "") + "categorical_crossentropy"
    found = []
    for library in (kerasish, keras):
        model = library.Sequential([library.Input(shape), library.layers.Activation("linear")])
        model.compile(loss=loss, metrics=["accuracy", "acc"], weighted_metrics=["accuracy"])
        # Keras takes no weights of samples for the steps of a sequence.
        weight = np.arange(6, dtype="float32") if len(shape) == 1 else None
        found.append(model.evaluate(p, y, 6, 0, sample_weight=weight, return_dict=True))
    assert found[0].keys() == found[1].keys()
    for name in found[0]:
        assert found[0][name] == pytest.approx(found[1][name], rel=1e-5), name
