"""Layers: outputs, gradients, state, shapes, dtypes, penalties and configs equal Keras's."""

from __future__ import annotations

import jax
import pytest

from .tools.oracle import both, check_config, check_layer, close, draw, keras, kerasish, said, twins


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
    quantization = keras.quantizers.Int8QuantizationConfig()
    layer = keras.layers.Dense(2, quantization_config=quantization)
    described = keras.saving.serialize_keras_object(layer)
    with pytest.raises(ValueError, match="quantization_config"):
        kerasish.Sequential.from_config({"name": "s", "layers": [described]})


# Mixed precision: 16-bit computation on 32-bit weights.


@each(
    "Dense(3)",
    "Dense(3, 'softmax', kernel_regularizer='l2')",
    "Rescaling(0.5, 1.0)",
    "Softmax()",
    "Activation('tanh')",
)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_sixteen_bits(code, policy):
    code = code.removesuffix(")") + f", dtype='{policy}')"
    code = code.replace("(, ", "(")
    check_layer(code, draw((4, 3, 5)), 5e-2)


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
