"""The code on the first page runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import jax
import numpy as np

BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (Path(__file__).parent.parent / "README.md").read_text(), re.M | re.S
)


def test_the_first_page(capsys):
    page: dict = {}
    exec(BLOCKS[0], page)
    assert "Epoch 10/10" in capsys.readouterr().out
    model, x, y = page["model"], page["x_train"][:32], page["y_train"][:32]
    before = model.get_weights()

    page |= {"x": x, "key": jax.random.key(0)}
    exec(BLOCKS[1], page)
    assert page["y"].shape == (32, 10)

    exec(BLOCKS[2], page)
    params, state = page["params"], page["state"]
    opt_state = page["optimizer"].init(params)
    losses = []
    for _ in range(20):
        params, state, opt_state, loss = page["step"](
            params, state, opt_state, x, y, jax.random.key(1)
        )
        losses.append(float(loss))
    assert losses[-1] < losses[0]
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)  # the model itself is as it was

    exec(BLOCKS[3], page)
    keras = page["keras"]
    inputs = keras.Input((3,))
    custom = page["Model"](inputs, keras.layers.Dense(1)(inputs))
    custom.compile("sgd")
    data = np.ones((8, 3)), np.zeros((8, 1))
    history = custom.fit(*data, epochs=3, verbose=0).history
    assert history["loss"][2] < history["loss"][0]
    assert set(history) == {"loss"}  # what the step returns
    assert len(BLOCKS) == 4
