"""The code on the first page, and on that of the documentation, runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)


def test_the_first_page(capsys):
    first, pure, loop, custom = blocks("README.md")
    page: dict = {}
    exec(first, page)
    assert "Epoch 10/10" in capsys.readouterr().out
    model = page["model"]
    before = model.get_weights()

    exec(pure, page)
    assert page["y"].shape == (32, 10)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)  # the model itself is as it was

    accuracy = lambda: (model.predict(page["x"], verbose=0).argmax(1) == page["y_train"][:32]).sum()
    right = accuracy()
    exec(loop, page)
    assert float(page["loss"]) < 1
    assert accuracy() >= right
    assert not all(map(np.array_equal, before, model.get_weights()))

    exec(custom, page)
    history = page["custom"].history.history
    assert set(history) == {"loss"}  # what the step returns
    assert history["loss"][2] < history["loss"][0]


@pytest.mark.parametrize("page", ["docs/index.md"])
def test_the_front_page_of_the_documentation(page):
    names: dict = {}
    for block in blocks(page):
        exec(block, names)
    assert names["y"].shape == (32, 10)
