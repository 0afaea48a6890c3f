"""The structure of what recurrent layers return with `return_state`."""

import jax
import numpy as np
import pytest

from .tools.oracle import keras, kerasish

CASES = {
    "lstm": lambda k, **s: k.LSTM(2, **s),
    "gru": lambda k, **s: k.GRU(2, **s),
    "simple": lambda k, **s: k.SimpleRNN(2, **s),
    "cell": lambda k, **s: k.RNN(k.GRUCell(2), **s),
    "cells": lambda k, **s: k.RNN([k.GRUCell(2), k.SimpleRNNCell(3)], **s),
    "mixed": lambda k, **s: k.RNN([k.LSTMCell(2), k.GRUCell(3)], **s),
    "stacked": lambda k, **s: k.RNN(k.StackedRNNCells([k.LSTMCell(2), k.LSTMCell(2)]), **s),
    "both ways": lambda k, **s: k.Bidirectional(k.GRU(2, **s)),
    "cells both ways": lambda k, **s: k.Bidirectional(
        k.RNN([k.LSTMCell(2), k.GRUCell(3)], **s), merge_mode=None
    ),
}


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_structure(case, sequences):
    settings = {"return_state": True, "return_sequences": sequences}
    shapes = []
    for library in (keras, kerasish):
        found = CASES[case](library.layers, **settings)(library.Input((3, 4)))
        leaf = lambda x: hasattr(x, "shape")
        shapes.append(jax.tree.map(lambda x: tuple(x.shape), found, is_leaf=leaf))
    assert shapes[0] == shapes[1]
    assert jax.tree.structure(shapes[0]) == jax.tree.structure(shapes[1])


def test_one_cell_in_a_list():
    one = kerasish.layers.RNN([kerasish.layers.GRUCell(2)], return_state=True)
    x = np.ones((1, 3, 4), "float32")
    output, state = one(x)
    np.testing.assert_array_equal(output, state)
    np.testing.assert_array_equal(one(x, initial_state=state)[0], one(x, initial_state=[state])[0])
