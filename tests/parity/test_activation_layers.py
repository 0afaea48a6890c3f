"""Activations as layers equal Keras's."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from kerasish.errors import ArgumentError, ShapeError

from .tools.oracle import both, check_layer, draw, kerasish, make


def each(*codes):
    return pytest.mark.parametrize("code", codes)


@each(
    "Activation('relu')",
    "Activation('softmax')",
    "Activation(k.activations.tanh)",
    "Activation(None)",
    "ReLU()",
    "ReLU(max_value=0.5)",
    "ReLU(negative_slope=0.2)",
    "ReLU(threshold=0.7)",
    "ReLU(1.5, 0.1, 0.3)",
    "ReLU(negative_slope=0.5, max_value=0.25)",
    "ReLU(0.5, 0.5, 1.0)",
    "LeakyReLU()",
    "LeakyReLU(negative_slope=0, name='x')",
    "ELU()",
    "ELU(0.3)",
    "PReLU()",
    "PReLU('random_normal', 'l2', 'non_neg')",
    "PReLU(shared_axes=[1, 2])",
    "PReLU(alpha_initializer='ones', shared_axes=2)",
    "PReLU(shared_axes=[1, 2], dtype='mixed_bfloat16')",
    "LeakyReLU(0.25, dtype='mixed_bfloat16')",
    "Softmax()",
    "Softmax(axis=1)",
    "Softmax(axis=-2)",
    "Softmax(axis=(1, 2))",
    "Softmax(axis=[2, 3])",
)
def test_activations(code):
    check_layer(code, draw((2, 4, 4, 3)), 2e-2 if "16" in code else 1e-5)


@each("Softmax()", "Softmax(axis=1)")
def test_softmax_with_a_mask(code):
    x = draw((3, 4, 5))
    mask = draw(x.shape, "int32", seed=1, high=2) > 0
    mask[0] = False  # nothing is left
    mask[1] = True
    check_layer(code, x, mask=mask)


@each("PReLU()", "LeakyReLU()", "ELU()", "ReLU()", "Activation('tanh')", "Softmax()")
def test_a_mask_goes_through(code):
    ours, theirs = both(code)
    assert ours.supports_masking and theirs.supports_masking
    assert ours.compute_mask(None, "mask") == "mask"


def test_shared_axes_need_no_known_size():
    layer = kerasish.layers.PReLU(shared_axes=[1])
    assert layer(kerasish.Input((None, 3))).shape == (None, None, 3)
    assert layer.alpha.shape == (1, 3)
    assert jax.eval_shape(layer, np.ones((2, 7, 3), "float32")).shape == (2, 7, 3)


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("ReLU(-1)", ArgumentError, "max_value of at least 0"),
        ("LeakyReLU(-0.1)", ArgumentError, "negative_slope of at least 0"),
        ("LeakyReLU(None)", ArgumentError, "negative_slope of at least 0; got None"),
        ("PReLU(shared_axes=[0])", ArgumentError, "counted from 1"),
        ("PReLU(shared_axes=[1, -1])", ArgumentError, "counted from 1"),
        ("PReLU(shared_axes=[3])(np.ones((2, 3)))", ShapeError, "no axes"),
        ("PReLU()(k.Input((None, 3)))", ShapeError, "a size is unknown"),
    ],
)
def test_what_cannot_be_is_refused(code, error, says):
    with pytest.raises(error, match=says):
        make(kerasish, code)
