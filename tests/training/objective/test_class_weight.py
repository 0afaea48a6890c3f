"""Class weights: what labels are is said by the loss and the outputs, and not by a guess."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerasish import Input, Model, Sequential, layers, optimizers, utils
from kerasish.errors import ArgumentError, DataError

RNG = np.random.default_rng(0)
WEIGHTS = {0: 1.0, 1: 4.0, 2: 0.25}
SPARSE, DENSE, BINARY = (
    *("sparse_categorical_crossentropy", "categorical_crossentropy"),
    "binary_crossentropy",
)


def net(places: tuple[int, ...], classes: int, loss: str, **settings: Any) -> Sequential:
    """Return a model with a choice at each place, which learns nothing."""
    activation = "sigmoid" if loss == BINARY else "softmax"
    model = Sequential([Input((*places, 4)), layers.Dense(classes, activation)])
    model.compile(optimizers.SGD(0.0), loss, **settings)
    return model


def data(places: tuple[int, ...], classes: int, samples: int = 6) -> tuple[np.ndarray, np.ndarray]:
    x = RNG.normal(size=(samples, *places, 4)).astype("float32")
    return x, RNG.integers(0, max(classes, 2), (samples, *places))


def costs(model: Model, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the cross-entropy at each place."""
    p = np.asarray(model(x))
    if p.shape[-1] == 1:
        p = np.concatenate([1 - p, p], -1)
    return -np.log(np.take_along_axis(p, labels[..., None], -1)[..., 0])


def weights_of(labels: np.ndarray) -> np.ndarray:
    return np.vectorize(WEIGHTS.get)(labels)


FORMS = {
    "samples": ((), 3, SPARSE, lambda y: y),
    "samples-of-one": ((), 3, SPARSE, lambda y: y[:, None]),
    "one-hot": ((), 3, DENSE, lambda y: np.eye(3)[y]),
    "smoothed": ((), 3, DENSE, lambda y: np.eye(3)[y] * 0.9 + 0.1 / 3),
    "steps": ((5,), 3, SPARSE, lambda y: y),
    "steps-of-one": ((5,), 3, SPARSE, lambda y: y[..., None].astype("float32")),
    "one-step": ((1,), 3, SPARSE, lambda y: y),
    "one-hot-steps": ((5,), 3, DENSE, lambda y: np.eye(3)[y]),
    "pixels": ((3, 2), 3, SPARSE, lambda y: y),
    "pixels-of-one": ((3, 2), 3, SPARSE, lambda y: y[..., None]),
    "binary": ((), 1, BINARY, lambda y: y),
    "binary-column": ((), 1, BINARY, lambda y: y[:, None].astype("float32")),
    "binary-steps": ((5,), 1, BINARY, lambda y: y[..., None]),
    "binary-pixels": ((3, 2), 1, BINARY, lambda y: y[..., None].astype(bool)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_label_counts_as_its_class(form):
    places, classes, loss, shaped = form
    model, (x, labels) = net(places, classes, loss), data(places, classes)
    smooth = 1 if shaped is not FORMS["smoothed"][3] else None
    found = model.train_on_batch(x, shaped(labels), class_weight=WEIGHTS)
    expected = costs(model, x, labels)
    if smooth is None:
        expected = -(shaped(labels) * np.log(np.asarray(model(x)))).sum(-1)
    np.testing.assert_allclose(found, (expected * weights_of(labels)).mean(), rtol=1e-4)


def test_from_anywhere_and_not_in_validation():
    model, (x, labels) = net((5,), 3, SPARSE), data((5,), 3)
    cost = costs(model, x, labels)
    expected = (cost * weights_of(labels)).mean()

    class Batches(utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return x[2 * i : 2 * i + 2], labels[2 * i : 2 * i + 2]

    once = ((x[i : i + 3], labels[i : i + 3]) for i in (0, 3))
    listed = [[x, labels]]
    sources = [(x, labels), (x, [labels]), (Batches(),), (once,), (iter(listed),)]
    for source in sources:
        history = model.fit(
            *source, class_weight=WEIGHTS, validation_data=(x, labels), verbose=0
        ).history
        np.testing.assert_allclose(history["loss"], [expected], rtol=1e-4)
        np.testing.assert_allclose(history["val_loss"], [cost.mean()], rtol=1e-4)
    history = model.fit(x, labels, class_weight=WEIGHTS, validation_split=0.5, verbose=0).history
    kept = (cost * weights_of(labels))[:3].mean()
    np.testing.assert_allclose(history["loss"], [kept], rtol=1e-4)
    np.testing.assert_allclose(history["val_loss"], [cost[3:].mean()], rtol=1e-4)


def test_with_sample_weights_of_fewer_axes_and_labels_without_a_weight():
    model, (x, labels) = net((5,), 3, SPARSE), data((5,), 3)
    each = np.arange(6.0)
    some = {np.int64(1): 2, 7: 5.0}
    expected = costs(model, x, labels) * np.where(labels == 1, 2, 1)
    for weight in (each, each[:, None], np.repeat(each[:, None], 5, 1), [each]):
        found = model.train_on_batch(x, labels, sample_weight=weight, class_weight=some)
        np.testing.assert_allclose(found, (expected * each[:, None]).mean(), rtol=1e-4)


def test_weights_that_cannot_be(compiled):
    model, (x, labels) = net((), 3, SPARSE), data((), 3)
    for weight in (
        "balanced",
        [1, 2, 3],
        np.ones(3),
        {"cat": 1.0},
        {0: "1"},
        {0: np.nan},
        {0.5: 1},
    ):
        with pytest.raises(
            ArgumentError, match=r"class_weight must be a dict .* \{0: 1.0, 1: 2.5\}"
        ):
            model.fit(x, labels, class_weight=weight, verbose=0)
    with pytest.raises(ArgumentError, match=r"`dict\(enumerate\(class_weight\)\)`"):
        model.fit(x, labels, class_weight=np.ones(3), verbose=0)
    with pytest.raises(DataError, match="single output with class targets"):
        model.fit(x, class_weight=WEIGHTS, verbose=0)
    several = net((), 3, BINARY)
    many = np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]])
    with pytest.raises(
        DataError, match=r"one class for each sample.* several labels.* `sample_weight`"
    ):
        several.fit(x[:3], many, class_weight=WEIGHTS, verbose=0)
    inputs = Input((4,))
    forked = Model(inputs, [layers.Dense(3)(inputs), layers.Dense(3)(inputs)])
    forked.compile("sgd", "mse")
    with pytest.raises(DataError, match="single output; this one has"):
        forked.fit(x, [labels, labels], class_weight=WEIGHTS, verbose=0)
    assert not [name for name in compiled if "train" in name]
    one_of_several = several.train_on_batch(x, np.eye(3)[labels], class_weight={0: 0, 1: 0, 2: 0})
    assert one_of_several == 0


def test_a_step_of_ones_own_gets_them_too():
    class Own(Sequential):
        def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
            return sample_weight.sum()

        def train_step(self, state, data):
            logs, state = super().train_step(state, data)
            return logs, state

    x, labels = data((5,), 3)
    for y in (labels, np.eye(3)[labels]):
        model = Own([Input((5, 4)), layers.Dense(3)])
        model.compile("sgd")
        found = model.train_on_batch(x, y, class_weight=WEIGHTS)
        np.testing.assert_allclose(found, weights_of(labels).sum(), rtol=1e-5)
