"""Poolings of windows, of given sizes, and of everything: all equals Keras's."""

from __future__ import annotations

import numpy as np
import pytest

import kerasish

from .tools.oracle import both, check_layer, close, draw

# Sizes of which no two are equal, the channels in the last axis or the first.
INPUTS = {1: draw((2, 9, 4)), 2: draw((2, 7, 6, 4)), 3: draw((2, 5, 4, 6, 2))}


def each(*codes):
    return pytest.mark.parametrize("code", codes)


def check(code, tolerance=1e-5, x=INPUTS):
    rank = next(n for n in INPUTS if f"{n}D" in code)
    check_layer(code, x[rank], tolerance)


@pytest.mark.parametrize(
    "pool",
    (
        "1D(2)",
        "1D(3, 2, 'same')",
        "1D((3,), 1, data_format='channels_first')",
        "2D(2)",
        "2D(3, 2)",
        "2D((2, 3), (1, 2))",
        "2D(2, padding='same')",
        "2D(3, 2, 'same')",
        "2D(3, 1, 'same')",
        "2D((3, 2), strides=(2, 3), padding='valid')",
        "2D(5, 4, padding='same')",
        "2D((7, 6))",
        "2D(2, data_format='channels_first')",
        "2D((3, 2), 1, 'same', 'channels_first')",
        "3D(2)",
        "3D((2, 1, 3), (1, 2, 2), 'same')",
        "3D(2, None, 'valid', 'channels_first')",
    ),
)
@each("MaxPooling", "AveragePooling")
def test_pooling(code, pool):
    check(code + pool)


@each("MaxPool1D()", "MaxPool3D()", "AvgPool1D(2)", "AvgPool2D((2, 2))", "AvgPool3D(2)")
def test_other_names(code):
    ours, theirs = both(code)
    assert type(ours).__name__ == type(theirs).__name__


@pytest.mark.parametrize("pool", ["2D()", "2D(3, 2)", "2D(3, 1, 'same')", "1D(2, padding='same')"])
def test_of_equal_values_the_same_one_takes_the_gradient_of_max_pooling(pool):
    few = {rank: draw(x.shape, "int32", high=2).astype("float32") for rank, x in INPUTS.items()}
    check("MaxPool" + pool, x=few)


@pytest.mark.parametrize("pool", ["()", "(3, 2)"])
def test_a_nan_is_not_pooled_away(pool):
    x = INPUTS[2].copy()
    x[0, 0, 1, 0] = x[1, 1, 0, 2] = np.nan
    ours, theirs = both("MaxPooling2D" + pool)
    close(ours(x), theirs(x))


@each("MaxPooling2D()", "AveragePooling2D(2)", "MaxPooling2D(3, 2, padding='same')")
def test_whole_numbers_are_pooled(code):
    x = draw(INPUTS[2].shape, "int32", high=9)
    ours, theirs = both(code)
    close(np.asarray(ours(x), "float32"), np.asarray(theirs(x), "float32"))


@each(
    "GlobalAveragePooling1D()",
    "GlobalAvgPool1D('channels_first', keepdims=True)",
    "GlobalAveragePooling2D()",
    "GlobalAveragePooling2D(keepdims=True)",
    "GlobalAveragePooling2D('channels_first')",
    "GlobalAvgPool2D(data_format='channels_first', keepdims=True)",
    "GlobalAvgPool3D(keepdims=True)",
    "GlobalMaxPooling1D(keepdims=True)",
    "GlobalMaxPool1D('channels_first')",
    "GlobalMaxPooling2D()",
    "GlobalMaxPool2D('channels_first', True)",
    "GlobalMaxPool3D()",
)
def test_global_pooling(code):
    check(code)


@each(
    "GlobalAveragePooling1D()",
    "GlobalAveragePooling1D(keepdims=True)",
    "GlobalAveragePooling1D('channels_first')",
)
def test_masked_steps_do_not_count(code):
    x = draw((3, 4, 4))
    mask = np.array([[1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]], bool)
    check_layer(code, x, mask=mask)


def test_the_mean_of_no_steps_is_0():
    x, mask = draw((2, 3, 4)), np.zeros((2, 3), bool)
    assert not np.any(kerasish.layers.GlobalAveragePooling1D()(x, mask=mask))


@pytest.mark.parametrize(
    "pool", ["1D(3)", "1D(4)", "2D((3, 4))", "2D((2, 13), 'channels_first')", "3D((2, 4, 4))"]
)
@each("AdaptiveAveragePooling", "AdaptiveMaxPooling")
def test_adaptive_pooling(code, pool):
    check(code + pool)


@each("AdaptiveAveragePooling2D((7, 3))", "AdaptiveMaxPooling2D((7, 3))")
def test_as_many_windows_as_elements_change_nothing(code):
    # In Keras they do: it rounds where windows begin and end.
    x = INPUTS[2]
    layer = eval(code, vars(kerasish.layers))
    pairs = x.reshape(2, 7, 3, 2, 4)
    close(layer(x), pairs.mean(3) if "Average" in code else pairs.max(3))


@each("AdaptiveAveragePooling1D(3)", "AdaptiveMaxPooling1D(3)")
def test_adaptive_pooling_of_whole_numbers(code):
    for steps in (6, 7):
        x = draw((2, steps, 3), "int32", high=9)
        ours, theirs = both(code)
        close(ours(x), theirs(x))


@each(
    "MaxPooling2D()",
    "AveragePooling2D(3, 2, 'same')",
    "GlobalAveragePooling1D()",
    "AdaptiveAveragePooling1D(4)",
    "AdaptiveMaxPooling1D(4)",
)
def test_sixteen_bits(code):
    code = code.removesuffix(")") + ", dtype='mixed_bfloat16')"
    check(code.replace("(, ", "("), 1e-1)


@each(
    "MaxPooling1D()",
    "AveragePooling1D(2, padding='same')",
    "GlobalMaxPooling1D(keepdims=True)",
    "AdaptiveAveragePooling1D(4)",
    "AdaptiveMaxPooling1D(4)",
)
def test_time_of_any_length(code):
    layer = eval(code, vars(kerasish.layers))
    tensor = layer(kerasish.Input((None, 4)))
    expected = layer(INPUTS[1]).shape
    assert tensor.shape[0] is None and tensor.shape[1:] in (expected[1:], (None, 4))


BAD = [
    ("MaxPooling3D(0)", "pool_size must be a positive whole number or 3 of them; got 0"),
    ("AveragePooling1D(2, padding='causal')", "'valid' or 'same'; got 'causal'"),
    ("MaxPooling1D(2, 0)", "strides must be a positive whole number; got 0"),
    ("GlobalMaxPooling1D('first')", "'channels_first'; got 'first'"),
    ("AdaptiveMaxPooling2D((3, None))", "output_size must be .* or 2 of them; got"),
    ("AdaptiveAveragePooling1D(0)", "output_size must be a positive whole number; got 0"),
]


@pytest.mark.parametrize(("code", "words"), BAD, ids=[code for code, _ in BAD])
def test_a_setting_that_cannot_be_is_refused_at_once(code, words):
    with pytest.raises(kerasish.errors.ArgumentError, match=words):
        eval(code, vars(kerasish.layers))


def test_an_input_that_does_not_fit_is_explained():
    with pytest.raises(kerasish.errors.ShapeError, match=r"windows of \(5,\), larger than its"):
        kerasish.layers.AveragePooling1D(5)(np.zeros((1, 4, 1), "float32"))
    with pytest.raises(kerasish.errors.ShapeError, match="of 3 dimensions"):
        kerasish.layers.GlobalMaxPooling1D()(np.zeros((1, 4), "float32"))


def test_unknown_sizes_behind_an_unpadded_convolution():
    x = kerasish.Input((None, None, 3))
    y = kerasish.layers.Conv2D(4, 3, strides=2)(x)
    assert kerasish.layers.GlobalMaxPooling2D(keepdims=True)(y).shape == (None, 1, 1, 4)
