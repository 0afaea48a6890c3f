"""Convolutions, borders and larger images: all that a layer is and does equals Keras's."""

from __future__ import annotations

import numpy as np
import pytest

import kerasish

from .tools.oracle import both, check_config, check_layer, close, draw, twins

# Sizes of which no two are equal, the channels in the last axis or the first.
INPUTS = {1: draw((2, 9, 4)), 2: draw((2, 7, 6, 4)), 3: draw((2, 5, 4, 6, 2))}


def each(*codes):
    return pytest.mark.parametrize("code", codes)


def check(code, tolerance=2e-5):
    rank = next(n for n in INPUTS if f"{n}D" in code)
    check_layer(code, INPUTS[rank], tolerance)


@each(
    "Conv1D(3, 3)",
    "Conv1D(3, 2, padding='same', use_bias=False)",
    "Conv1D(3, 4, strides=3, padding='same', activation='relu')",
    "Conv1D(3, [3], padding='causal')",
    "Conv1D(3, 2, padding='CAUSAL', dilation_rate=3)",
    "Conv1D(3, 3, strides=2, padding='causal')",
    "Conv1D(4, 2, dilation_rate=2, groups=2)",
    "Conv1D(3, 1, strides=2)",
    "Convolution1D(9, 2, padding='causal', data_format='channels_first', groups=3)",
    "Conv2D(3, 3)",
    "Conv2D(3, 2, padding='same')",
    "Conv2D(3, 3, strides=2, padding='same')",
    "Conv2D(3, (3, 2), (2, 1), 'SAME')",
    "Conv2D(3, 1, strides=3, padding='same')",
    "Conv2D(3, 3, dilation_rate=(2, 1), padding='same')",
    "Conv2D(4, 3, groups=2)",
    "Conv2D(8, 3, groups=4, padding='same', strides=2)",
    "Conv2D(3, 3, activation='relu', bias_initializer='ones')",
    "Conv2D(3, 3, kernel_regularizer='l2', bias_regularizer='l1')",
    "Conv2D(3, 3, activity_regularizer=k.regularizers.L1(0.3), kernel_constraint='unit_norm')",
    "Conv2D(3, 3, trainable=False)",
    "Conv2D(3, (7, 6))",
    "Convolution2D(2, 3, name='c')",
    "Conv2D(3, 3, data_format='channels_first')",
    "Conv2D(3, 2, strides=2, padding='same', data_format='channels_first')",
    "Conv2D(14, 3, 1, 'same', 'channels_first', groups=7)",
    "Conv3D(3, 2)",
    "Conv3D(3, (1, 2, 3), (2, 1, 2), 'same')",
    "Conv3D(2, 2, dilation_rate=(1, 2, 2), groups=2)",
    "Convolution3D(2, (2, 1, 2), data_format='channels_first')",
)
def test_convolutions(code):
    check(code)


@each(
    "Conv1DTranspose(3, 3)",
    "Conv1DTranspose(3, 2, 3)",
    "Conv1DTranspose(3, 2, 3, 'same', activation='relu')",
    "Conv1DTranspose(3, 4, 3, 'same', 1)",
    "Conv1DTranspose(3, 4, 3, 'valid', 2)",
    "Conv1DTranspose(3, 3, dilation_rate=2, padding='same')",
    "Convolution1DTranspose(3, 3, 2, data_format='channels_first', use_bias=False)",
    "Conv2DTranspose(3, (2, 5), (4, 2), 'same')",
    "Conv2DTranspose(3, (5, 2), (2, 4), 'same', (1, 3))",
    "Conv2DTranspose(3, (3, 4), 2, 'same', 0)",
    "Conv2DTranspose(3, 3, (2, 3), 'valid', [1, 0])",
    "Conv2DTranspose(3, 2, dilation_rate=(1, 2))",
    "Conv2DTranspose(3, 1, 2, kernel_regularizer='l2', bias_regularizer='l1')",
    "Conv2DTranspose(3, 1, activity_regularizer='l2', kernel_constraint='non_neg')",
    "Convolution2DTranspose(3, 3, 2, 'same', data_format='channels_first')",
    "Conv3DTranspose(2, 2, 2)",
    "Conv3DTranspose(2, (3, 1, 2), (2, 1, 2), 'same', output_padding=(1, 0, 1))",
    "Convolution3DTranspose(2, 2, 1, 'same', 'channels_first')",
)
def test_transposed_convolutions(code):
    check(code)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_sizes_of_transposed_convolutions(padding):
    """All that kernels, steps and output paddings make of one axis."""
    x = draw((1, 5, 1))
    for size in (2, 3, 4):
        for step in (1, 3):
            for more in (None, *range(step)):
                code = f"Conv1DTranspose(1, {size}, {step}, {padding!r}, {more})"
                ours, theirs = both(code)
                theirs.build(x.shape)
                ours._kerasish_ensure_built(x)
                ours.set_weights(theirs.get_weights())
                close(ours(x), theirs(x), what=code)


@each(
    "DepthwiseConv1D(3)",
    "DepthwiseConv1D(2, 2, 'same', depth_multiplier=3)",
    "DepthwiseConv1D(2, dilation_rate=2, data_format='channels_first', activation='relu')",
    "DepthwiseConv2D(3)",
    "DepthwiseConv2D((2, 3), (2, 1), 'same', 2)",
    "DepthwiseConv2D(2, 1, 'valid', 2, 'channels_first', (2, 1))",
    "DepthwiseConv2D(2, 2, dilation_rate=2, use_bias=False)",
    "DepthwiseConv2D(1, depthwise_regularizer='l2', bias_regularizer='l1')",
    "DepthwiseConv2D(2, depthwise_initializer='ones', activity_regularizer='l2',"
    " depthwise_constraint='non_neg')",
    "SeparableConv1D(3, 3)",
    "SeparableConv1D(3, 2, 2, 'same', depth_multiplier=2)",
    "SeparableConvolution1D(3, 2, data_format='channels_first', dilation_rate=2)",
    "SeparableConv2D(3, 3, activation='relu')",
    "SeparableConv2D(3, (2, 3), (2, 1), 'same', depth_multiplier=3, use_bias=False)",
    "SeparableConv2D(3, 2, 1, 'valid', 'channels_first', 2, 2)",
    "SeparableConv2D(3, 2, depthwise_regularizer='l2', pointwise_regularizer='l1',"
    " pointwise_initializer='he_normal', pointwise_constraint='unit_norm')",
    "SeparableConvolution2D(2, 1, activity_regularizer='l1')",
)
def test_convolutions_of_each_channel(code):
    check(code)


@each(
    "ZeroPadding1D()",
    "ZeroPadding1D((0, 2))",
    "ZeroPadding1D(3, data_format='channels_first')",
    "ZeroPadding2D()",
    "ZeroPadding2D((1, 2), 'channels_first')",
    "ZeroPadding2D([[1, 0], [2, 3]])",
    "ZeroPadding2D(((0, 1), 2))",
    "ZeroPadding3D()",
    "ZeroPadding3D(2, data_format='channels_first')",
    "ZeroPadding3D(((0, 1), (2, 0), (1, 1)))",
    "Cropping1D()",
    "Cropping1D(2)",
    "Cropping1D((0, 3))",
    "Cropping2D()",
    "Cropping2D((2, 1))",
    "Cropping2D(((1, 0), (0, 2)), 'channels_first')",
    "Cropping3D()",
    "Cropping3D((1, 0, 2))",
    "Cropping3D(((0, 1), (1, 1), (0, 0)), data_format='channels_first')",
    "UpSampling1D()",
    "UpSampling1D(3)",
    "UpSampling2D()",
    "UpSampling2D((1, 3), data_format='channels_first')",
    "UpSampling2D((3, 2), interpolation='bilinear')",
    "UpSampling2D(2, 'channels_first', 'bicubic')",
    "UpSampling2D(2, interpolation='lanczos3')",
    "UpSampling2D((1, 2), interpolation='lanczos5')",
    "UpSampling3D()",
    "UpSampling3D((1, 3, 2), 'channels_first')",
)
def test_borders_and_larger_images(code):
    check(code)


@each("ZeroPadding1D()", "Cropping1D()", "UpSampling1D()")
def test_whole_numbers_stay_so(code):
    ours, theirs = both(code)
    x = draw((2, 5, 2), "int32")
    close(ours(x), theirs(x))


def test_interpolated_whole_numbers_are_rounded():
    x = draw((1, 3, 4, 1), "int32", high=90)
    ours, theirs = both("UpSampling2D((2, 3), interpolation='bilinear')")
    close(ours(x), theirs(x))


@each(
    "Conv1D(3, 3, padding='causal')",
    "Conv2D(3, 3)",
    "Conv2D(3, 2, 2, 'same')",
    "Conv2DTranspose(3, 2, 2)",
    "DepthwiseConv2D(3)",
    "SeparableConv1D(3, 2)",
    "UpSampling2D(interpolation='bilinear')",
)
def test_sixteen_bits(code):
    code = code.removesuffix(")") + ", dtype='mixed_bfloat16')"
    check(code.replace("(, ", "("), 1e-1)


def test_the_data_format_of_the_settings():
    settings = kerasish.config
    settings.set_image_data_format("channels_first")
    try:
        made = [eval(code, vars(kerasish.layers)) for code in ("Conv2D(2, 3)", "MaxPooling2D()")]
        made.append(kerasish.layers.Cropping1D())
        assert [layer.compute_output_shape((1, 3, 6, 5)) for layer in made[:2]] == [
            (1, 2, 4, 3),
            (1, 3, 3, 2),
        ]
        assert made[2].compute_output_shape((1, 6, 3)) == (1, 4, 3)
    finally:
        settings.set_image_data_format("channels_last")
    assert made[0].get_config()["data_format"] == "channels_first"


def test_the_last_argument_by_position():
    for code in (
        "Conv3DTranspose(2, 3, 2, 'same', None, 1)",
        "Conv2DTranspose(2, 3, 2, 'same', 1)",
    ):
        check_config(*both(code))


def test_time_of_any_length():
    """What is not known yet changes nothing of what comes out."""
    for code in (
        "Conv1D(3, 3, padding='causal')",
        "Conv1DTranspose(3, 3, 2, 'same')",
        "DepthwiseConv1D(3, padding='same')",
        "SeparableConv1D(3, 3)",
        "ZeroPadding1D(2)",
        "Cropping1D(2)",
        "UpSampling1D(2)",
    ):
        ours, theirs = twins(code, INPUTS[1])
        tensor = kerasish.Input((None, 4))
        assert ours(tensor).shape == (None, None, theirs.compute_output_shape((None, 9, 4))[-1])


BAD = [
    ("Conv1D(2, 3, padding='full')", "'valid' or 'same' or 'causal'; got 'full'"),
    ("Conv2D(2, 3, padding='causal')", "'valid' or 'same'; got 'causal'"),
    ("Conv3D(2, (3, 3))", "kernel_size must be .* or 3 of them; got"),
    ("Conv1D(2, 3, 2, dilation_rate=2)", "exclude each other"),
    ("Conv2DTranspose(2, 3, 2, dilation_rate=2)", "exclude each other"),
    ("Conv1D(3, 3, groups=2)", "3 filters cannot be split into 2 groups"),
    ("Conv2DTranspose(2, 3, 2, output_padding=2)", "less than strides .* strides="),
    ("Conv1DTranspose(2, 3, 2, output_padding=-1)", "output_padding must be a whole number from 0"),
    ("Conv2DTranspose(2, 3, groups=2)", "no argument of Conv2DTranspose called 'groups'"),
    ("DepthwiseConv2D(3, depth_multiplier=0)", "depth_multiplier must be a positive"),
    ("Conv2D(2, 3, data_format='NCHW')", "'channels_first'; got 'NCHW'"),
    ("ZeroPadding1D((1, 2, 3))", "padding must be a whole number from 0 or a pair; got"),
    ("ZeroPadding2D(-1)", "padding must be a whole number from 0, 2 of them or 2 pairs; got -1"),
    ("Cropping3D((1, 2))", "cropping must be .* 3 pairs; got"),
    ("UpSampling1D(0)", "size must be a positive whole number; got 0"),
    ("UpSampling2D(interpolation='area')", "no interpolation called 'area'"),
]


@pytest.mark.parametrize(("code", "words"), BAD, ids=[code for code, _ in BAD])
def test_a_setting_that_cannot_be_is_refused_at_once(code, words):
    with pytest.raises(kerasish.errors.KerasishError, match=words):
        eval(code, vars(kerasish.layers))


@pytest.mark.parametrize(
    ("code", "shape", "words"),
    [
        ("Conv1D(2, 5)", (1, 4, 2), r"kernels of \(5,\), larger than its input"),
        ("DepthwiseConv2D(5)", (1, 4, 6, 2), r"kernels of \(5, 5\), larger than its input"),
        ("Conv1D(2, 3, groups=2)", (1, 4, 3), "that 2 groups divide.* 3 in axis 2"),
        ("SeparableConv2D(2, 3)", (1, 4, 3), "input of 4 dimensions"),
        ("Cropping2D(2)", (1, 4, 8, 1), "leaves nothing of its input"),
    ],
)
def test_an_input_that_does_not_fit_is_explained(code, shape, words):
    layer = eval(code, vars(kerasish.layers))
    with pytest.raises(kerasish.errors.ShapeError, match=words):
        layer(np.zeros(shape, "float32"))


def test_channels_must_be_known():
    for code in ("Conv1D(2, 3)", "DepthwiseConv1D(3)", "Conv1DTranspose(2, 3)"):
        layer = eval(code, vars(kerasish.layers))
        with pytest.raises(kerasish.errors.ShapeError, match="must know how many channels"):
            layer(kerasish.Input((5, None)))
