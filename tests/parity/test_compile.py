"""What `compile` takes for models of several outputs: the same names and numbers in the history."""

from __future__ import annotations

import numpy as np
import pytest

from .oracle import draw, keras, kerasish

LIBRARIES = (kerasish, keras)

ENDS = {
    "list": lambda p, q: [p, q],
    "dict": lambda p, q: {"p": p, "q": q},
    "nested": lambda p, q: {"u": {"p": p}, "v": [q]},
}

# The structure of the outputs, and the arguments of `compile`.
CASES = [
    ("list", {"loss": "mse"}),
    ("list", {"loss": ["mse", "mae"], "loss_weights": [1, 0.5], "metrics": ["mae", ["mse"]]}),
    ("list", {"loss": ["mse", None], "metrics": [["mae", "mae"], None]}),
    (
        "list",
        {
            "loss": {"pp": "mse", "qq": "mae"},
            "loss_weights": {"qq": 0.5, "pp": 2.0},
            "metrics": {"qq": ["mse", "mae"], "pp": "mae"},
            "weighted_metrics": {"pp": "mae"},
        },
    ),
    (
        "dict",
        {
            "loss": {"q": "mae", "p": "mse"},
            "metrics": [["mae"], ["mse", "mae"]],
            "weighted_metrics": [["mae"], []],
        },
    ),
    ("dict", {"loss": {"q": "mae"}, "metrics": {"p": ["mae"]}}),
    ("nested", {"loss": {"u": {"p": "mse"}, "v": ["mae"]}}),
]


def made(k, ends):
    a = k.Input((4,), name="a")
    p, q = k.layers.Dense(1, name="pp")(a), k.layers.Dense(2, name="qq")(a)
    model = k.Model(a, ENDS[ends](p, q))
    model.set_weights([draw(w.shape, seed=i) for i, w in enumerate(model.get_weights())])
    return model


@pytest.mark.parametrize(("ends", "settings"), CASES)
def test_several_outputs(ends, settings):
    x, y = draw((10, 4)), ENDS[ends](draw((10, 1), seed=1), draw((10, 2), seed=2))
    histories, results = [], []
    for k in LIBRARIES:
        model = made(k, ends)
        model.compile("sgd", **settings)
        fitted = model.fit(x, y, batch_size=5, epochs=2, shuffle=False, verbose=0)
        histories.append(fitted.history)
        results.append(model.evaluate(x, y, verbose=0))
    ours, theirs = histories
    assert list(ours) == list(theirs)
    np.testing.assert_allclose(list(ours.values()), list(theirs.values()), rtol=1e-5)
    np.testing.assert_allclose(*results, rtol=1e-5)
