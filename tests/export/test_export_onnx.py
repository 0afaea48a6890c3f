"""ONNX files compute what the model does, for batches of any size, in another runtime."""

from __future__ import annotations

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kerasish import Input, Model, Sequential, layers
from kerasish.errors import ArgumentError, UnknownNameError
from kerasish.export import onnx as exporting
from kerasish.export import onnx_rewrites

pytest.importorskip("jax2onnx", reason="the extra `onnx` is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")

RNG = np.random.default_rng(0)


def data(*shape: int) -> np.ndarray:
    return RNG.random(shape).astype("float32")


def perceptron() -> Model:
    parts = [layers.Dense(8, "gelu"), layers.Dropout(0.5), layers.Dense(3, "softmax")]
    return Sequential([Input((4,)), *parts])


def convnet() -> Model:
    parts = [layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization()]
    parts += [layers.MaxPooling2D(), layers.DepthwiseConv2D(2, padding="same")]
    parts += [layers.SeparableConv2D(6, 2, strides=2), layers.AveragePooling2D(2, padding="same")]
    parts += [layers.Conv2DTranspose(2, 2, strides=2), layers.GlobalAveragePooling2D()]
    return Sequential([Input((12, 12, 3)), *parts, layers.Dense(2)])


def recurrent() -> Model:
    words = Input((None,), dtype="int32")  # the number of steps is open, too
    x = layers.Embedding(9, 4, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    return Model(words, layers.GRU(5)(x))


def transformer() -> Model:
    x = inputs = Input((6, 8))
    attended = layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)
    x = layers.LayerNormalization()(layers.Add()([x, attended]))
    x = layers.Add()([x, layers.Dense(8)(layers.Dense(16, "swish")(x))])
    return Model(inputs, layers.RMSNormalization()(x))


def several() -> Model:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    x = layers.Concatenate()([a, b])
    return Model([a, b], [layers.Dense(2, name="p")(x), layers.Dense(1, name="q")(b), a])


def named() -> Model:
    inputs = {"u": Input((4,)), "v": Input((4,))}
    x = layers.Multiply()([inputs["u"], inputs["v"]])
    return Model(inputs, {"z": layers.Dense(2)(x), "y": x})


class Own(Model):
    """A model with its own `call`."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x, training=None):
        return {"y": self.dense(x["a"]) + x["b"]}


def own() -> Model:
    model = Own()
    model({"a": data(2, 4), "b": data(2, 3)})
    return model


def half() -> Model:
    return Sequential([Input((4,)), layers.Dense(2, dtype="mixed_bfloat16")])


# What makes a model, what makes a batch, and the names of inputs and outputs.
MODELS = [
    (perceptron, lambda n: data(n, 4), ["input_layer"], ["dense_1"]),
    (convnet, lambda n: data(n, 12, 12, 3), ["input_layer"], ["dense"]),
    (recurrent, lambda n: RNG.integers(0, 9, (n, n + 2)).astype("int32"), ["input_layer"], ["gru"]),
    (transformer, lambda n: data(n, 6, 8), ["input_layer"], ["rms_normalization"]),
    (several, lambda n: [data(n, 4), data(n, 3)], ["a", "b"], ["p", "q", "a_1"]),
    (named, lambda n: {"u": data(n, 4), "v": data(n, 4)}, ["u", "v"], ["y", "z"]),
    (own, lambda n: {"a": data(n, 4), "b": data(n, 3)}, ["a", "b"], ["y"]),
    (half, lambda n: data(n, 4), ["input_layer"], ["dense"]),
]


def run(path, x):
    session = onnxruntime.InferenceSession(path)
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, jax.tree.leaves(x), strict=True)))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.onnx"


@pytest.mark.parametrize(("make", "batch", "inputs", "outputs"), MODELS, ids=lambda each: (
    getattr(each, "__name__", "").replace("<lambda>", "")))  # fmt: skip
def test_another_runtime_computes_the_same(path, make, batch, inputs, outputs):
    model = make()
    model.export(path)
    session = onnxruntime.InferenceSession(path)
    assert [each.name for each in session.get_inputs()] == inputs
    assert [each.name for each in session.get_outputs()] == outputs
    close = 1e-5 if make is not half else 2e-2
    for size in (2, 5):
        x = batch(size)
        found, expected = run(path, x), jax.tree.leaves(model.predict(x, verbose=0))
        for one, two in zip(found, expected, strict=True):
            assert one.shape == two.shape
            np.testing.assert_allclose(one, np.asarray(two, "float32"), rtol=close, atol=close)


def test_convolutions_are_convolutions(path):
    import onnx

    convnet().export(path)
    there = [node.op_type for node in onnx.load(path).graph.node]
    assert there.count("Conv") == 6  # the separable one is two, and so are averages at a border
    assert there.count("ConvTranspose") == 1


def test_a_trained_model_is_as_it_was(path, capsys):
    model = convnet()
    model.compile("sgd", "mse")
    x, y = data(8, 12, 12, 3), data(8, 2)
    model.fit(x, y, verbose=0)
    before = model.get_weights()
    expected = model.predict(x, verbose=0)
    model.export(path, format="onnx", opset_version=21, verbose=True)
    assert "as onnx" in capsys.readouterr().out
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    # The converter puts its own functions in the place of JAX's while it traces.
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    model.fit(x, y, verbose=0)
    np.testing.assert_allclose(run(path, x)[0], expected, rtol=1e-5, atol=1e-5)


def test_sizes_can_be_given(path):
    model = Sequential([Input((None, 2)), layers.GRU(3)])
    model.export(path, input_signature=[Input((4, 2), batch_size=3)])
    assert onnxruntime.InferenceSession(path).get_inputs()[0].shape == [3, 4, 2]
    x = data(3, 4, 2)
    np.testing.assert_allclose(run(path, x)[0], model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


def test_what_onnx_has_not_is_told(path):
    values = lambda x: jax.numpy.linalg.svd(x[:, :, None] * x[:, None])[1]
    model = Sequential([Input((4,)), layers.Dense(3), layers.Lambda(values, name="values")])
    with pytest.raises(ArgumentError, match=r"JAX's 'svd' in layer 'sequential/values'.*stablehlo"):
        model.export(path)
    double = lambda x: jax.pure_callback(lambda a: a * 2, jax.ShapeDtypeStruct((2, 4), x.dtype), x)
    model = Sequential([Input((4,), batch_size=2), layers.Lambda(double)])
    with pytest.raises(ArgumentError, match="'pure_callback' in layer"):
        model.export(path)
    assert not path.exists()


def test_wrong_conversions_are_refused(path, monkeypatch):
    path.write_bytes(b"as before")
    monkeypatch.setitem(onnx_rewrites._RULES, "tanh", lambda x, **_: x)
    model = Sequential([Input((4,)), layers.Dense(3, "tanh")])
    with pytest.raises(ArgumentError, match="does not compute what the model does"):
        model.export(path)
    monkeypatch.undo()
    monkeypatch.setattr(exporting, "_tidied", lambda model: b"no program")
    with pytest.raises(ArgumentError, match="does not run"):
        model.export(path)
    assert path.read_bytes() == b"as before"


@pytest.mark.parametrize(
    ("name", "kwargs", "error", "words"),
    [
        ("m.onnx", {"platforms": ["cpu"]}, UnknownNameError, "platforms"),
        ("m.onnx", {"opset_version": 2}, ArgumentError, "does not run"),
        ("m.onnx", {"format": "tf_saved_model"}, ArgumentError, "there is 'stablehlo'"),
        ("m.model", {"format": "onnx"}, ArgumentError, "must end in '.onnx'"),
        ("none/m.onnx", {}, ArgumentError, "There is no folder"),
    ],
)
def test_what_cannot_be_is_told(tmp_path, name, kwargs, error, words):
    with pytest.raises(error, match=words):
        half().export(tmp_path / name, **kwargs)
    assert not list(tmp_path.iterdir())


def test_the_extra_is_named(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax2onnx", None)
    with pytest.raises(ArgumentError, match=r"pip install kerasish\[onnx\]"):
        half().export(path)


def test_jax_is_left_as_it_was(tmp_path):
    modules = (jax, jax.lax, jax.nn, jnp, jnp.linalg, jnp.fft)
    before = [dict(vars(module)) for module in modules]
    Sequential([Input((3,)), layers.Dense(2)]).export(tmp_path / "m.onnx")
    for module, names in zip(modules, before, strict=True):
        assert [name for name in names if getattr(module, name) is not names[name]] == []
