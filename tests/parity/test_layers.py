"""Layers: outputs, gradients, state, shapes, dtypes, penalties and configs equal Keras's."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from .oracle import both, check_config, check_layer, close, draw, keras, kerasish, make, said, twins

IMAGES = (2, 7, 6, 4)


def each(*codes):
    return pytest.mark.parametrize("code", codes)


@each(
    "Dense(3)",
    "Dense(1, use_bias=False)",
    "Dense(4, 'relu')",
    "Dense(4, activation='softmax', bias_initializer='ones')",
    "Dense(2, 'gelu', kernel_initializer='he_normal', bias_initializer='random_normal')",
    "Dense(2, kernel_regularizer='l2', bias_regularizer='l1')",
    "Dense(2, kernel_regularizer=k.regularizers.L1L2(0.1, 0.2), activity_regularizer='l2')",
    "Dense(2, kernel_constraint='non_neg', bias_constraint=k.constraints.MaxNorm(1.5, axis=0))",
    "Dense(2, kernel_initializer=k.initializers.VarianceScaling(2.0, 'fan_out', 'uniform', 3))",
    "Dense(2, trainable=False)",
    "Dense(2, name='mine', dtype='float32')",
)
@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 5)], ids=str)
def test_dense(code, shape):
    check_layer(code, draw(shape))


@each(
    "Conv2D(3, 3)",
    "Conv2D(3, (2, 3), use_bias=False)",
    "Conv2D(3, 3, padding='same')",
    "Conv2D(3, 2, padding='same')",
    "Conv2D(3, 3, strides=2)",
    "Conv2D(3, 3, strides=2, padding='same')",
    "Conv2D(3, (3, 2), (2, 1), 'SAME')",
    "Conv2D(3, 1, strides=3, padding='same')",
    "Conv2D(3, 2, dilation_rate=2)",
    "Conv2D(3, 3, dilation_rate=(2, 1), padding='same')",
    "Conv2D(4, 3, groups=2)",
    "Conv2D(8, 3, groups=4, padding='same', strides=2)",
    "Conv2D(3, 3, activation='relu', bias_initializer='ones')",
    "Conv2D(3, 3, activation='elu', kernel_initializer='he_uniform')",
    "Conv2D(3, 3, kernel_regularizer='l2', bias_regularizer='l1')",
    "Conv2D(3, 3, activity_regularizer=k.regularizers.L1(0.3), kernel_constraint='unit_norm')",
    "Conv2D(3, 3, trainable=False)",
    "Conv2D(3, (7, 6))",
    "Convolution2D(2, 3, name='c')",
    "Conv2D(3, 3, data_format='channels_first')",
    "Conv2D(3, 2, strides=2, padding='same', data_format='channels_first')",
    "Conv2D(14, 3, 1, 'same', 'channels_first', groups=7)",
)
def test_conv2d(code):
    check_layer(code, draw(IMAGES), 2e-5)


POOLS = (
    "(2)",
    "(3, 2)",
    "((2, 3), (1, 2))",
    "(2, padding='same')",
    "(3, 2, 'same')",
    "(3, 1, 'same')",
    "((3, 2), strides=(2, 3), padding='valid')",
    "(5, 4, padding='same')",
    "((7, 6))",
    "(2, data_format='channels_first')",
    "((3, 2), 1, 'same', 'channels_first')",
)


@pytest.mark.parametrize("pool", POOLS)
@each("MaxPooling2D", "AveragePooling2D")
def test_pooling(code, pool):
    check_layer(code + pool, draw(IMAGES))


@pytest.mark.parametrize("pool", ["()", "(3, 2)", "(3, 1, 'same')", "(2, padding='same')"])
def test_of_equal_values_the_same_one_takes_the_gradient_of_max_pooling(pool):
    check_layer("MaxPool2D" + pool, draw(IMAGES, "int32", high=2).astype("float32"))


@pytest.mark.parametrize("pool", ["()", "(3, 2)"])
def test_a_nan_is_not_pooled_away(pool):
    x = draw(IMAGES)
    x[0, 0, 1, 0] = x[1, 1, 0, 2] = np.nan
    ours, theirs = both("MaxPooling2D" + pool)
    close(ours(x), theirs(x))


@each("MaxPooling2D()", "AveragePooling2D(2)", "MaxPooling2D(3, 2, padding='same')")
def test_whole_numbers_are_pooled(code):
    x = draw(IMAGES, "int32", high=9)
    ours, theirs = both(code)
    close(np.asarray(ours(x), "float32"), np.asarray(theirs(x), "float32"))


@each(
    "GlobalAveragePooling2D()",
    "GlobalAveragePooling2D(keepdims=True)",
    "GlobalAveragePooling2D('channels_first')",
    "GlobalAvgPool2D(data_format='channels_first', keepdims=True)",
    "AvgPool2D((2, 2))",
)
def test_global_average_pooling(code):
    check_layer(code, draw(IMAGES))


@each(
    "BatchNormalization()",
    "BatchNormalization(momentum=0.5, epsilon=0.1)",
    "BatchNormalization(axis=1)",
    "BatchNormalization(axis=-2, scale=False)",
    "BatchNormalization(center=False)",
    "BatchNormalization(center=False, scale=False)",
    "BatchNormalization(beta_regularizer='l2', gamma_regularizer='l1')",
    "BatchNormalization(gamma_constraint='non_neg', beta_constraint='max_norm')",
    "BatchNormalization(beta_initializer='ones', gamma_initializer='random_uniform',"
    " moving_mean_initializer='ones', moving_variance_initializer='zeros')",
    "BatchNormalization(trainable=False)",
)
@pytest.mark.parametrize("shape", [(6, 3, 4), (3, 4, 3, 2)], ids=str)
def test_batch_normalization(code, shape):
    check_layer(code, 2 + 3 * draw(shape), 5e-5, training=(False, True))


def test_batch_normalization_of_vectors():
    check_layer("BatchNormalization()", draw((5, 3)), 5e-5, training=(False, True))


@each("BatchNormalization()", "BatchNormalization(momentum=0.7, scale=False)")
@pytest.mark.parametrize("shape", [(4, 5, 3), (4, 5, 2, 3)], ids=str)
def test_batch_normalization_leaves_masked_steps_out(code, shape):
    mask = draw(shape[:-1], "int32", high=2) > 0
    check_layer(code, draw(shape), 5e-5, training=(False, True), mask=mask)


def test_batch_normalization_where_everything_is_masked():
    mask = np.zeros((4, 5), bool)
    check_layer("BatchNormalization()", draw((4, 5, 3)), 5e-5, training=(True,), mask=mask)


def test_batch_normalization_with_a_large_mean():
    # One pass over the data must not lose the variance: 1 at a mean of 1,000.
    check_layer("BatchNormalization()", 1000 + draw((64, 3)), 2e-3, training=(True,))


def test_a_layer_that_is_frozen_later_normalizes_by_its_moving_averages():
    x = draw((8, 3))
    ours, theirs = twins("BatchNormalization()", x)
    for layer in (ours, theirs):
        layer.trainable = False
    close(ours(x, training=True), theirs(x, training=True))
    close([v.numpy() for v in ours.weights], [v.numpy() for v in theirs.weights])


@each(
    "LayerNormalization()",
    "LayerNormalization(epsilon=0.5)",
    "LayerNormalization(axis=1)",
    "LayerNormalization(axis=[1, 2])",
    "LayerNormalization(axis=[-1, -2])",
    "LayerNormalization(axis=(2, 3))",
    "LayerNormalization(axis=[1, 3])",
    "LayerNormalization(axis=[3, 1])",
    "LayerNormalization(axis=[1, 2, 3])",
    "LayerNormalization(center=False)",
    "LayerNormalization(scale=False)",
    "LayerNormalization(axis=[2, 1], center=False, scale=False)",
    "LayerNormalization(beta_initializer='ones', gamma_initializer='random_normal')",
    "LayerNormalization(gamma_regularizer='l2', beta_regularizer='l1', gamma_constraint='non_neg')",
)
def test_layer_normalization(code):
    check_layer(code, 1 + 2 * draw((2, 3, 4, 5)), 2e-5)


@each("LayerNormalization()", "LayerNormalization(axis=[1])")
def test_layer_normalization_of_vectors(code):
    check_layer(code, draw((3, 4)), 2e-5)


@each(
    "Flatten()",
    "Flatten('channels_first')",
    "Flatten(data_format='channels_last')",
    "Reshape((24, 2))",
    "Reshape((-1,))",
    "Reshape((2, -1, 3))",
    "Reshape((48, 1))",
    "Reshape([4, 12])",
    "Rescaling(0.5)",
    "Rescaling(scale=2.0, offset=-1.0)",
    "Rescaling([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])",
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
    "Softmax()",
    "Softmax(axis=1)",
    "Softmax(axis=-2)",
    "Softmax(axis=(1, 2))",
    "Softmax(axis=[2, 3])",
    "Dropout(0.3)",
    "Dropout(0)",
    "Dropout(1.0, seed=3)",
    "Dropout(0.5, noise_shape=(None, 1, 4, 3), seed=7)",
)
def test_layers_without_weights(code):
    check_layer(code, draw((2, 4, 4, 3)))


@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 5), (3, 2, 2)], ids=str)
@each("Flatten()", "Flatten('channels_first')")
def test_flatten_of_few_axes(code, shape):
    check_layer(code, draw(shape))


@each("Rescaling(1 / 255)", "Flatten()", "Reshape((4, -1))")
@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_whole_numbers_keep_or_change_their_dtype_as_in_keras(code, dtype):
    check_layer(code, draw((2, 4, 3), dtype))


@each("Softmax()", "Softmax(axis=1)")
def test_softmax_with_a_mask(code):
    x = draw((3, 4, 5))
    mask = draw(x.shape, "int32", seed=1, high=2) > 0
    mask[0] = False  # nothing is left
    mask[1] = True
    check_layer(code, x, mask=mask)


@each(
    "Embedding(5, 3)",
    "Embedding(5, 3, 'ones')",
    "Embedding(5, 2, embeddings_initializer='uniform', embeddings_regularizer='l2')",
    "Embedding(5, 2, embeddings_constraint='unit_norm', mask_zero=True)",
    "Embedding(5, 1, trainable=False)",
)
@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 2)], ids=str)
def test_embedding(code, shape):
    check_layer(code, draw(shape, "int32"))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_embedding_takes_any_numbers(dtype):
    x = np.array([[0, 3], [4, 1]], dtype)
    ours, theirs = twins("Embedding(5, 3)", x)
    close(ours(x), theirs(x))


@each("Embedding(5, 3, mask_zero=True)", "Embedding(5, 3)")
def test_embedding_makes_a_mask(code):
    x = draw((3, 4), "int32", high=3)
    ours, theirs = both(code)
    found, expected = ours.compute_mask(x, None), theirs.compute_mask(x)
    assert (found is None) == (expected is None)
    if found is not None:
        close(found, expected)


SHAPES = {
    "equal": [(2, 3), (2, 3)],
    "three": [(2, 3, 2)] * 3,
    "ones": [(2, 3, 1), (2, 1, 4)],
    "ranks": [(2, 4), (2, 3, 4)],
    "more ranks": [(2, 3, 2, 4), (2, 4), (2, 1, 4)],
}


@pytest.mark.parametrize("name", SHAPES)
def test_add(name):
    check_layer("Add()", [draw(s, seed=i) for i, s in enumerate(SHAPES[name])])


@each("Concatenate()", "Concatenate(axis=1)", "Concatenate(-2)")
def test_concatenate(code):
    check_layer(code, [draw((2, 3, 4), seed=i) for i in range(3)])


def test_concatenate_of_different_sizes():
    check_layer("Concatenate()", [draw((2, n)) for n in (1, 3, 2)])
    check_layer("Concatenate(1)", [draw((2, n, 3)) for n in (1, 3)])


@each(
    "k.Input((3,))",
    "k.Input((None, 4), name='x')",
    "k.Input((2,), batch_size=5)",
    "k.Input((2, 2), dtype='int32')",
    "k.Input(batch_shape=(None, 3, None))",
    "k.Input(())",
)
def test_input(code):
    ours, theirs = both(code)
    assert (ours.shape, ours.dtype.name) == (theirs.shape, theirs.dtype)
    if "name" in code:
        assert ours.name == theirs.name


@each(
    "InputLayer((3,))",
    "InputLayer(shape=(None, 4), dtype='int32')",
    "InputLayer((2,), batch_size=5, name='x')",
    "InputLayer(batch_shape=(4, 3))",
)
def test_input_layer(code):
    ours, theirs = both(code)
    check_config(ours, theirs)
    assert ours.batch_shape == theirs.batch_shape


def test_the_config_of_any_layer_has_its_activity_regularizer():
    for code in (
        "Embedding(5, 2, activity_regularizer='l2')",
        "BatchNormalization(activity_regularizer='l1')",
        "Activation('relu', activity_regularizer=k.regularizers.L1(0.3))",
    ):
        ours, theirs = (layer.get_config()["activity_regularizer"] for layer in both(code))
        assert said(ours) == said(theirs)


def test_a_config_of_keras_as_it_is():
    for code in ("Dense(2)", "BatchNormalization()", "LayerNormalization()", "Embedding(3, 2)"):
        ours, theirs = both(code)
        again = type(ours).from_config(theirs.get_config())
        assert said(again.get_config()) == said(ours.get_config())


def test_a_setting_that_is_not_there_yet_is_refused():
    layer = keras.layers.BatchNormalization(renorm=True)
    described = keras.saving.serialize_keras_object(layer)
    with pytest.raises(ValueError, match="renorm"):
        kerasish.Sequential.from_config({"name": "s", "layers": [described]})


# Dropout draws other numbers than Keras; what it draws is of the same kind.


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_zeroes_the_same_share_and_scales_the_rest_alike(rate):
    x = np.full((200, 200), 3.0, "float32")
    for library in (kerasish, keras):
        y = np.asarray(make(library, f"Dropout({rate}, seed=1)")(x, training=True))
        assert abs((y == 0).mean() - rate) < 0.01
        np.testing.assert_allclose(y[y != 0], 3 / (1 - rate), rtol=1e-5)


@pytest.mark.parametrize("shape", [(None, 1), (1, None), (50, 1), (1, 1)], ids=str)
def test_noise_shape_means_the_same(shape):
    x = np.ones((50, 40), "float32")
    for library in (kerasish, keras):
        layer = library.layers.Dropout(0.5, noise_shape=shape, seed=1)
        y = np.asarray(layer(x, training=True))
        for axis, size in enumerate(shape):
            spread = np.ptp(y, axis=axis).max()
            assert spread == 0 if size == 1 else spread > 0 or shape == (1, 1)


def test_dropping_everything():
    x = draw((3, 4))
    ours, theirs = both("Dropout(1.0)")
    close(ours(x, training=True), theirs(x, training=True))


# Mixed precision: 16-bit computation on 32-bit weights.


@each(
    "Dense(3)",
    "Dense(3, 'softmax', kernel_regularizer='l2')",
    "BatchNormalization()",
    "LayerNormalization()",
    "LayerNormalization(axis=[1, 2])",
    "Rescaling(0.5, 1.0)",
    "Softmax()",
    "Activation('tanh')",
)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_sixteen_bits(code, policy):
    code = code.removesuffix(")") + f", dtype='{policy}')"
    code = code.replace("(, ", "(")
    check_layer(code, draw((4, 3, 5)), 5e-2, training=(False, True)[: 1 + ("Batch" in code)])


@each("Conv2D(3, 3)", "Conv2D(3, 2, 2, 'same')", "MaxPooling2D()", "AveragePooling2D(3, 2, 'same')")
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_sixteen_bits_of_images(code, policy):
    code = code.removesuffix(")") + f", dtype='{policy}')"
    code = code.replace("(, ", "(")
    check_layer(code, draw(IMAGES), 1e-1)


def test_a_policy_for_all_layers():
    for library in (kerasish, keras):
        policies = library.config if library is kerasish else library.mixed_precision
        policies.set_dtype_policy("mixed_bfloat16")
    try:
        x = draw((2, 4))
        ours, theirs = twins("Dense(3)", x)
        assert ours(x).dtype == theirs(x).dtype == jax.numpy.bfloat16
        close(ours(x), theirs(x), 2e-2)
        check_config(ours, theirs)
    finally:
        kerasish.config.set_dtype_policy("float32")
        keras.mixed_precision.set_dtype_policy("float32")
