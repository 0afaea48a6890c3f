"""`Normalization` beside that of Keras: given means, means of data, and what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

import kerasish
from kerasish.errors import ArgumentError, ShapeError
from kerasish.layers import Normalization

from .tools.oracle import both, check_config, check_layer, close, draw

X = draw((6, 4, 3)) * 3 + 2


@pytest.mark.parametrize(
    "code",
    [
        "Normalization(None, 1.0, 4.0, invert=True)",
        "Normalization((1, 2), mean=np.ones((4, 3)), variance=np.full((4, 3), 4.0))",
        "Normalization(1, mean=np.arange(4.0), variance=[1.0, 2.0, 0.0, 4.0])",
        "Normalization(mean=3.0, variance=2.0, invert=True)",
        "Normalization(mean=1.0, variance=2.0, dtype='mixed_bfloat16')",
    ],
)
def test_it_computes_what_keras_does(code):
    check_layer(code, X)


@pytest.mark.parametrize("axis", ["-1", "None", "1", "(2, 1)", "0"])
def test_it_adapts_to_data(axis):
    ours, theirs = both(f"Normalization({axis})")
    for layer in (ours, theirs):
        layer.adapt(X[::-1] * 5)  # forgotten
        layer.adapt(X)
    assert [v.name for v in ours.weights] == [v.name for v in theirs.weights]
    close(ours.get_weights(), theirs.get_weights(), 1e-5)
    close(np.asarray(ours(X)), np.asarray(theirs(X)), 1e-4)
    close(np.asarray(ours.mean), np.asarray(theirs.mean))
    close(np.asarray(ours.variance), np.asarray(theirs.variance))
    check_config(ours, theirs)


class Batches(kerasish.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return X[4 * i : 4 * i + 4], np.zeros(3)


@pytest.mark.parametrize(
    "data",
    [[X[:1], X[1:]], (X[i : i + 4] for i in (0, 4)), Batches(), X.tolist()],
    ids=["list", "generator", "dataset", "numbers"],
)
def test_it_adapts_to_batches(data):
    if isinstance(data, list) and isinstance(data[0], np.ndarray):
        data = iter(data)
    layer = Normalization()
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean[0, 0], X.mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(layer.variance[0, 0], X.var((0, 1)), rtol=1e-5)


def test_what_it_has_adapted_to_is_kept():
    layer = Normalization()
    layer.adapt(X)
    model = kerasish.Sequential([kerasish.Input((4, 3)), layer, kerasish.layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((6, 4, 2)), verbose=0)
    np.testing.assert_allclose(layer.get_weights()[0], X.mean((0, 1)), rtol=1e-5)
    assert layer.mean.shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normalization(mean=1.0), "together; got mean=1.0 and variance=None"),
        (lambda: Normalization("a"), "axis must be a whole number"),
        (lambda: Normalization(mean=1.0, variance=1.0).adapt(X), "nothing to adapt"),
        (lambda: Normalization().adapt(3), "something that gives batches; got int"),
        (lambda: Normalization().adapt(X[:0]), "no sample"),
        (lambda: Normalization().adapt(iter(())), "no sample"),
    ],
)
def test_mistakes_are_told(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Normalization(5)(X), "no axis"),
        (lambda: Normalization(1)(kerasish.Input((None, 3))), "must be known"),
        (lambda: Normalization(mean=[1.0, 2.0], variance=1.0)(X), r"got one of shape \(2,\)"),
        (
            lambda: [each.adapt(x) for each in [Normalization()] for x in (X, X[..., 1:])],
            "got data",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_told(make, message):
    with pytest.raises(ShapeError, match=message):
        make()
