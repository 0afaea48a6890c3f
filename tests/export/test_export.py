"""Exported models run with JAX alone, on batches of any size, and are as they were."""

from __future__ import annotations

import subprocess
import sys

import jax
import numpy as np
import pytest

import kerasish
from kerasish import Input, Model, Sequential, layers
from kerasish.errors import (
    ArgumentError,
    FileFormatError,
    NotBuiltError,
    ShapeError,
    UnknownNameError,
)

RNG = np.random.default_rng(0)


def data(*shape: int) -> np.ndarray:
    return RNG.random(shape).astype("float32")


def convnet() -> Model:
    parts = [layers.Conv2D(2, 3), layers.BatchNormalization(), layers.MaxPooling2D()]
    parts += [layers.Flatten(), layers.Dropout(0.5), layers.Dense(3, activation="softmax")]
    return Sequential([Input((8, 8, 1)), *parts])


def several() -> Model:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    x = layers.Concatenate()([a, b])
    return Model([a, b], [layers.Dense(2)(x), layers.Dense(1)(b)])


def named() -> Model:
    inputs = {"a": Input((4,), name="a"), "b": Input((5,), dtype="int32", name="b")}
    words = layers.LSTM(3)(layers.Embedding(7, 2, mask_zero=True)(inputs["b"]))
    return Model(inputs, {"p": layers.Add()([words, layers.Dense(3)(inputs["a"])])})


def half() -> Model:
    return Sequential([Input((4,)), layers.Dense(2, dtype="mixed_bfloat16")])


class Own(Model):
    """A model with its own `call`."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x, training=None):
        return {"y": self.dense(x["a"]) + x["b"]}


class Pair(Model):
    """A model that takes two arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x, y):
        return self.dense(x) + y


class Fixed(Model):
    """A model that asks for the size of the batch."""

    def call(self, x):
        return x.reshape((int(x.shape[0]) * 2, -1))


def own() -> Model:
    model = Own()
    model({"a": data(2, 4), "b": data(2, 3)})
    return model


INPUTS = {
    convnet: lambda n: data(n, 8, 8, 1),
    several: lambda n: [data(n, 4), data(n, 3)],
    named: lambda n: {"a": data(n, 4), "b": RNG.integers(0, 7, (n, 5)).astype("int32")},
    half: lambda n: data(n, 4),
    own: lambda n: {"a": data(n, 4), "b": data(n, 3)},
}

# Runs beside the files, and has JAX and NumPy only.
ALONE = """
import pathlib, pickle, sys
import numpy as np
from jax import export
class Blocked:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("kerasish", "flax", "optax"):
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.stablehlo")):
    program = export.deserialize(bytearray(path.read_bytes()))
    assert program.platforms == ("cpu", "cuda", "tpu")
    for x in pickle.loads(path.with_suffix(".inputs").read_bytes()):
        y = program.call(x)
        with open(path.with_suffix(".outputs"), "ab") as file:
            pickle.dump(__import__("jax").tree.map(np.asarray, y), file)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.stablehlo"


def test_jax_alone_runs_what_was_exported(tmp_path):
    import pickle

    expected = {}
    for make, inputs in INPUTS.items():
        model = make()
        batches = [inputs(2), inputs(5)]
        expected[make] = [model(x) for x in batches]
        before = model.get_weights()
        model.export(tmp_path / f"{make.__name__}.stablehlo")
        for one, two in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(one, two)
        (tmp_path / f"{make.__name__}.inputs").write_bytes(pickle.dumps(batches))
    run = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    for make, wanted in expected.items():
        with (tmp_path / f"{make.__name__}.outputs").open("rb") as file:
            for y in wanted:
                jax.tree.map(
                    lambda one, two: np.testing.assert_allclose(
                        np.asarray(one, "float32"), np.asarray(two, "float32"), rtol=1e-5, atol=1e-6
                    ),
                    pickle.load(file),
                    y,
                )


def test_load_gives_a_function(path, capsys):
    model = several()
    model.export(str(path), verbose=True)
    assert "was written to" in capsys.readouterr().out
    predict = kerasish.export.load(path)
    for n in (1, 3):
        x = [np.ones((n, 4)), np.ones((n, 3), int)]  # of other dtypes
        for one, two in zip(predict(x), model.predict(x, verbose=0), strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-5)
    for wrong in ([x[0]], [x[1], x[0]], x[0]):
        with pytest.raises(ShapeError, match="takes inputs of shapes"):
            predict(wrong)


def test_a_trained_model_goes_on(path):
    model = half()
    model.compile("sgd", "mse")
    model.fit(data(8, 4), data(8, 2), verbose=0)
    x = data(3, 4)
    y = model.predict(x, verbose=0)
    model.export(path)
    model.fit(data(8, 4), data(8, 2), verbose=0)
    np.testing.assert_array_equal(kerasish.export.load(path)(x), y)


def test_the_signature_can_be_given(path):
    model = Pair()
    x, y = data(2, 4), data(2, 3)
    expected = model(x, y)
    with pytest.raises(ArgumentError, match="input_signature"):
        model.export(path)
    model.export(path, input_signature=[Input((4,)), Input((3,))], platforms=["cpu"])
    np.testing.assert_allclose(kerasish.export.load(path)(x, y), expected, rtol=1e-6)
    sequences = Sequential([Input((None, 2)), layers.GRU(3)])
    sequences.export(path)  # the number of steps is open, too
    run = kerasish.export.load(path)
    assert run(data(2, 4, 2)).shape == run(data(2, 6, 2)).shape == (2, 3)
    sequences.export(path, input_signature=jax.ShapeDtypeStruct((2, 4, 2), "float32"))
    with pytest.raises(ShapeError, match="expected"):
        kerasish.export.load(path)(data(3, 4, 2))


@pytest.mark.parametrize(
    ("kwargs", "error", "words"),
    [
        ({"format": "tf_saved_model"}, ArgumentError, "there is 'stablehlo'"),
        ({"format": "onnx"}, ArgumentError, "must end in '.onnx'"),
        ({"opset_version": 3}, UnknownNameError, "opset_version"),
        ({"input_signature": ["x"]}, ArgumentError, "has a shape and a dtype"),
        ({"input_signature": [Input((4,)), Input((4,))]}, ArgumentError, "of 2 inputs"),
        ({"input_signature": [Input((5,))]}, ShapeError, "takes input of shape"),
        ({"platforms": ["toaster"]}, ArgumentError, "some of"),
        ({"platforms": "cpu"}, ArgumentError, "some of"),
    ],
)
def test_what_cannot_be_is_told(path, kwargs, error, words):
    with pytest.raises(error, match=words):
        half().export(path, **kwargs)
    assert not path.exists()


def test_what_is_not_built_is_told(path):
    with pytest.raises(NotBuiltError, match="cannot be exported"):
        Sequential([layers.Dense(2)]).export(path)
    with pytest.raises(ArgumentError, match="is a folder"):
        half().export(path.parent)
    with pytest.raises(ArgumentError, match="There is no folder"):
        half().export(path / "m.stablehlo")


def test_a_callback_to_python_is_no_program(path):
    double = lambda x: jax.pure_callback(lambda a: a * 2, jax.ShapeDtypeStruct(x.shape, x.dtype), x)
    model = Sequential([Input((4,)), layers.Lambda(double)])
    with pytest.raises(ArgumentError, match="cannot be exported"):
        model.export(path)


def test_a_size_that_must_be_known_is_told(path):
    model, x = Fixed(), data(2, 4)
    model(x)
    with pytest.raises(ArgumentError, match="input_signature"):
        model.export(path)
    model.export(path, input_signature=[x])
    assert kerasish.export.load(path)(x).shape == (4, 2)


def test_a_damaged_file_is_told(path):
    half().export(path)
    whole = path.read_bytes()
    for content in (b"", b"words " * 20, whole[:100], whole[: len(whole) // 2], whole[:-40]):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="no exported program"):
            kerasish.export.load(path)
    with pytest.raises(FileFormatError, match="no file"):
        kerasish.export.load(path.parent)
