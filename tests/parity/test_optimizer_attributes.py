"""Every number and flag that an optimizer of Keras has as an attribute."""

import pytest

from .tools.oracle import keras, kerasish

NAMES = sorted(
    name
    for name, value in vars(keras.optimizers).items()
    if isinstance(value, type) and name not in ("Optimizer", "LossScaleOptimizer", "OptimizerMap")
)


def plain(optimizer):
    return {
        name: value
        for name, value in vars(optimizer).items()
        if isinstance(value, (bool, int, float, type(None))) and name[0] != "_" and name != "built"
    }


@pytest.mark.parametrize("name", [name for name in NAMES if name != "MultiOptimizer"])
def test_attributes(name):
    theirs = plain(getattr(keras.optimizers, name)())
    ours = getattr(kerasish.optimizers, name)()
    assert {key: getattr(ours, key) for key in theirs} == theirs
    for key, value in theirs.items():
        if isinstance(value, float):
            setattr(ours, key, value / 2)
            assert getattr(ours, key) == pytest.approx(value / 2)
            assert ours.get_config().get(key, value / 2) == pytest.approx(value / 2)
