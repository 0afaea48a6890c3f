"""Convolutional LSTMs: outputs, states, gradients and configs equal Keras's."""

from __future__ import annotations

import numpy as np
import pytest

from .tools.oracle import check_layer, close, draw, kerasish, twins

LINES = (2, 3, 6, 2)
IMAGES = (2, 3, 5, 4, 2)
VOLUMES = (2, 2, 4, 3, 4, 2)


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("ConvLSTM1D(3, 3)", LINES),
        ("ConvLSTM1D(2, 2, strides=2, padding='same', return_sequences=True)", LINES),
        ("ConvLSTM1D(2, 2, dilation_rate=2, use_bias=False, go_backwards=True)", LINES),
        ("ConvLSTM1D(3, 3, data_format='channels_first')", (2, 3, 2, 6)),
        ("ConvLSTM2D(3, 3, padding='same')", IMAGES),
        ("ConvLSTM2D(2, (2, 3), strides=(1, 2), return_sequences=True, return_state=True)", IMAGES),
        ("ConvLSTM2D(2, 2, unit_forget_bias=False, activation='relu', name='c')", IMAGES),
        ("ConvLSTM2D(2, 2, recurrent_activation='hard_sigmoid', kernel_regularizer='l2')", IMAGES),
        ("ConvLSTM2D(2, 2, data_format='channels_first', return_sequences=True)", (2, 3, 2, 5, 4)),
        ("ConvLSTM3D(2, 2)", VOLUMES),
        ("ConvLSTM3D(2, (1, 2, 2), padding='same', return_sequences=True)", VOLUMES),
        ("Bidirectional(ConvLSTM1D(2, 3))", LINES),
    ],
)
def test_conv_lstm(code, shape):
    check_layer(code, draw(shape), 1e-4)


def test_the_first_state_counts():
    ours, theirs = twins("ConvLSTM2D(2, 2)", draw(IMAGES))
    states = [draw((2, 4, 3, 2), seed=s) for s in (3, 4)]
    x = draw(IMAGES)
    close(ours(x, initial_state=states), theirs(x, initial_state=states), 1e-4)


def test_masked_steps_leave_the_state_as_it_is():
    # Keras refuses masks here.
    ours, _ = twins("ConvLSTM1D(2, 3, return_sequences=True)", draw(LINES))
    x = draw(LINES)
    mask = np.array([[1, 1, 0], [1, 0, 1]], bool)
    masked = ours(x, mask=mask)
    np.testing.assert_array_equal(masked[0, 2], masked[0, 1])
    short = ours(x[1:, [0, 2]])
    np.testing.assert_allclose(masked[1, 2], short[0, 1], rtol=1e-5, atol=1e-6)


def test_a_stateful_layer_goes_on():
    x = draw((2, 4, 6, 2))
    whole = kerasish.layers.ConvLSTM1D(2, 3)
    parts = kerasish.layers.ConvLSTM1D(2, 3, stateful=True)
    expected = whole(x)
    parts(kerasish.Input(batch_shape=(2, 2, 6, 2)))
    parts.set_weights(whole.get_weights())
    parts(x[:, :2])
    np.testing.assert_allclose(parts(x[:, 2:]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k: k.ConvLSTM2D(2, 3, strides=2, dilation_rate=2), "exclude"),
        (lambda k: k.ConvLSTM1D(0, 3), "filters"),
        (lambda k: k.ConvLSTM1D(2, 3, padding="causal"), "padding"),
        (lambda k: k.ConvLSTM1D(2, 9)(draw(LINES)), "larger"),
        (lambda k: k.ConvLSTM1D(2, 3)(draw(IMAGES)), "conv_lstm1d"),
    ],
)
def test_mistakes_are_told(make, words):
    with pytest.raises(kerasish.errors.KerasishError, match=words):
        make(kerasish.layers)
