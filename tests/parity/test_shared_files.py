"""What files cannot say about a graph, in Keras as here."""

from __future__ import annotations

import pytest

from kerasish.errors import ShapeError

from .tools.oracle import close, draw, keras, kerasish


def twice(k):
    """Return a model that uses another one, also within a third."""
    shared = k.Sequential([k.Input((4,)), k.layers.Dense(4)], name="shared")
    start, x = k.Input((4,)), k.Input((4,))
    inner = k.Model(start, k.layers.Dense(4)(shared(start)), name="inner")
    return k.Model(x, inner(x) + shared(x), name="outer")


def test_a_model_in_two_others_is_told_of(tmp_path):
    model = twice(kerasish)
    with pytest.warns(UserWarning, match=r"'shared' is in '.*' and in '.*will not load"):
        model.save(tmp_path / "m.keras")
    with pytest.raises(ShapeError, match="'dense'"):
        kerasish.saving.load_model(tmp_path / "m.keras")
    again, x = twice(kerasish), draw((3, 4))
    again.load_weights(tmp_path / "m.keras")
    close(again(x), model(x))


@pytest.mark.filterwarnings("ignore")
def test_keras_does_not_load_such_a_file_of_its_own(tmp_path):
    twice(keras).save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="could not be loaded"):
        keras.saving.load_model(tmp_path / "m.keras")
