"""What `compile` takes for models of several outputs: the same names and numbers in the history."""

from __future__ import annotations

import numpy as np
import pytest

from .tools.oracle import draw, keras, kerasish

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
    ("list", {"loss": [["mse"], ["mae"]], "metrics": [["mae"], ["mse"]]}),
    ("list", {"loss": ("mse", "mae"), "loss_weights": (1.0, 0.5), "metrics": ("mae", ("mse",))}),
    ("dict", {"loss": {"p": ["mse"], "q": ["mae"]}, "metrics": {"q": ["mae", "mse"]}}),
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


# For one output, in every nesting.
ALONE = [
    {"loss": ["mse"], "metrics": [["mae"]]},
    {"loss": ["mse"], "metrics": [["mae", "mse"]], "loss_weights": [2.0]},
    {"loss": ("mse",), "metrics": ["mae", ["mse"]], "weighted_metrics": [["mae"]]},
    {"loss": {"pp": ["mse"]}, "metrics": {"pp": [["mae"]]}},
    {"loss": [["mse"]], "metrics": [[]]},
]


@pytest.mark.parametrize("settings", ALONE, ids=str)
def test_one_output(settings):
    x, y = draw((10, 4)), draw((10, 1), seed=1)
    logs = []
    for k in LIBRARIES:
        a = k.Input((4,), name="a")
        model = k.Model(a, k.layers.Dense(1, name="pp", kernel_initializer="ones")(a))
        model.compile("sgd", **settings)
        logs.append(model.fit(x, y, batch_size=10, verbose=0, shuffle=False).history)
    assert list(logs[0]) == list(logs[1])
    for name, values in logs[1].items():
        np.testing.assert_allclose(logs[0][name], values, rtol=1e-5)


def test_targets_in_nested_lists():
    """Each goes with the output in its place, and is not broadcast against it."""
    x, y = draw((10, 4)), [draw((10, 1), seed=1), [draw((10, 2), seed=2)]]
    logs = []
    for k in LIBRARIES:
        a = k.Input((4,), name="a")
        p = k.layers.Dense(1, name="pp", kernel_initializer="ones")(a)
        q = k.layers.Dense(2, name="qq", kernel_initializer="ones")(a)
        model = k.Model(a, [p, [q]])
        model.compile("sgd", ["mse", ["mae"]])
        logs.append(model.fit(x, y, batch_size=10, verbose=0, shuffle=False).history)
    found, expected = (sorted(values[0] for values in each.values()) for each in logs)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
