"""Files of Keras 2, written here byte by byte as each version did, and what they compute.

Expected values are NumPy's, by the formulas of that time.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerasish import Input, Model, Sequential, layers
from kerasish.errors import FileFormatError, UnsafeModelError
from kerasish.models import model_from_json
from kerasish.saving import load_model

Arrays = dict[str, np.ndarray]
rng = np.random.default_rng(0)


# Writing


def draw(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype("float32")


def h5_file(
    path: Path,
    config: Any,
    weights: dict[str, list[np.ndarray]],
    version: str,
    training: Any = None,
    state: dict[str, Any] | None = None,
    backend: str = "tensorflow",
) -> Path:
    """Write a whole model as Keras 2 did: fixed strings, names like `dense_1/kernel:0`."""
    with h5py.File(path, "w") as h5:
        h5.attrs["keras_version"] = np.bytes_(version.encode())
        h5.attrs["backend"] = np.bytes_(backend.encode())
        # A bytes object, which h5py writes with a variable length.
        h5.attrs["model_config"] = json.dumps(config).encode()
        if training is not None:
            h5.attrs["training_config"] = json.dumps(training).encode()
        root = h5.create_group("model_weights")
        root.attrs["layer_names"] = [name.encode() for name in weights]
        root.attrs["backend"] = np.bytes_(backend.encode())
        root.attrs["keras_version"] = np.bytes_(version.encode())
        for name, values in weights.items():
            group = root.create_group(name)
            names = [f"{name}/weight_{i}:0".encode() for i in range(len(values))]
            group.attrs["weight_names"] = names
            for each, value in zip(names, values, strict=True):
                group[each.decode()] = value
        if state is not None:
            group = h5.create_group("optimizer_weights")
            group.attrs["weight_names"] = [name.encode() for name in state]
            for name, value in state.items():
                group[name] = value
    return path


def zip_file(path: Path, config: Any, weights: dict[str, list[np.ndarray]], version: str) -> Path:
    """Write a `.keras` file as Keras 2.13 to 2.15 did."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as h5:
        for name, values in weights.items():
            for i, value in enumerate(values):
                h5[f"{name}/vars/{i}"] = value
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("model.weights.h5", stream.getvalue())
    return path


def named(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


def node(kind: str, name: str, calls: list[Any], **config: Any) -> dict[str, Any]:
    """Return a layer in a graph."""
    return named(kind, name, **config) | {"name": name, "inbound_nodes": calls}


def start(name: str, *shape: int, **more: Any) -> dict[str, Any]:
    config = {"batch_input_shape": [None, *shape], "dtype": "float32", "sparse": False, **more}
    return {
        "class_name": "InputLayer",
        "config": config | {"name": name},
        "name": name,
        "inbound_nodes": [],
    }


def graph(name: str, layers: list[Any], inputs: list[str], outputs: list[Any], kind="Model") -> Any:
    config = {
        "name": name,
        "layers": layers,
        "input_layers": [[each, 0, 0] for each in inputs],
        "output_layers": [each if isinstance(each, list) else [each, 0, 0] for each in outputs],
    }
    return {"class_name": kind, "config": config}


def scaled(scale: float = 1.0, mode: str = "fan_avg", distribution: str = "uniform") -> Any:
    """Return the initializer of Keras 2.0 to 2.2 for nearly everything."""
    config = {"scale": scale, "mode": mode, "distribution": distribution, "seed": None}
    return {"class_name": "VarianceScaling", "config": config}


ZEROS = {"class_name": "Zeros", "config": {}}
DENSE = {
    "use_bias": True,
    "kernel_initializer": scaled(),
    "bias_initializer": ZEROS,
    "kernel_regularizer": None,
    "bias_regularizer": None,
    "activity_regularizer": None,
    "kernel_constraint": None,
    "bias_constraint": None,
}
RECURRENT = DENSE | {
    "return_sequences": False,
    "return_state": False,
    "go_backwards": False,
    "stateful": False,
    "unroll": False,
    "activation": "tanh",
    "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
    "recurrent_regularizer": None,
    "recurrent_constraint": None,
    "dropout": 0.0,
    "recurrent_dropout": 0.0,
}


def predicted(path: Path | Any, *x: np.ndarray) -> Any:
    """Return what a model predicts, and what it does once it was saved and loaded here."""
    model = load_model(path)
    found = model.predict(list(x) if len(x) > 1 else x[0], verbose=0)
    again = path.with_name("again.keras")
    model.save(again)
    other = load_model(again).predict(list(x) if len(x) > 1 else x[0], verbose=0)
    for one, two in zip(found, other, strict=True):
        np.testing.assert_array_equal(one, two)
    return found


def close(found: Any, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)


# NumPy


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.clip(0.2 * x + 0.5, 0, 1)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def lstm(x, kernel, recurrent, bias, gate=sigmoid, state=None):
    """Return the output of each step, gates in the order i, f, c, o."""
    h, c = state or (np.zeros((len(x), len(recurrent)), "float32"),) * 2
    steps = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = gate(f) * c + gate(i) * np.tanh(g)
        h = gate(o) * np.tanh(c)
        steps.append(h)
    return np.stack(steps, 1), (h, c)


def gru(x, kernel, recurrent, bias, gate=sigmoid, bias_within=None):
    """Return the last output; with a bias within, the reset comes after the product."""
    h = np.zeros((len(x), len(recurrent)), "float32")
    u = len(recurrent)
    for t in range(x.shape[1]):
        xz, xr, xh = np.split(x[:, t] @ kernel + bias, 3, axis=1)
        if bias_within is None:
            z, r = gate(xz + h @ recurrent[:, :u]), gate(xr + h @ recurrent[:, u : 2 * u])
            new = np.tanh(xh + (r * h) @ recurrent[:, 2 * u :])
        else:
            hz, hr, hh = np.split(h @ recurrent + bias_within, 3, axis=1)
            z, r = gate(xz + hz), gate(xr + hr)
            new = np.tanh(xh + r * hh)
        h = z * h + (1 - z) * new
    return h


# Keras 2.0 to 2.3


def test_a_sequential_of_2_1_which_is_a_list(tmp_path):
    k, b, gamma, beta, k2, b2 = draw(3, 4), draw(4), draw(4), draw(4), draw(4, 2), draw(2)
    mean, variance = draw(4), abs(draw(4)) + 1
    config = {
        "class_name": "Sequential",
        "config": [
            named(
                "Dense", "dense_1", batch_input_shape=[None, 3], dtype="float32", units=4,
                activation="relu", **DENSE,
            ),
            named(
                "BatchNormalization", "bn", axis=-1, momentum=0.99, epsilon=1e-3, center=True,
                scale=True, beta_initializer=ZEROS, moving_mean_initializer=ZEROS,
                gamma_regularizer=None, beta_constraint=None,
            ),
            named("Dropout", "dropout_1", rate=0.5, noise_shape=None, seed=None),
            named("Dense", "dense_2", units=2, activation="hard_sigmoid", **DENSE),
        ],
    }  # fmt: skip
    weights = {
        "dense_1": [k, b],
        "bn": [gamma, beta, mean, variance],
        "dropout_1": [],
        "dense_2": [k2, b2],
    }
    x = draw(5, 3)
    y = gamma * (np.maximum(x @ k + b, 0) - mean) / np.sqrt(variance + 1e-3) + beta
    path = h5_file(tmp_path / "m.h5", config, weights, "2.1.6")
    close(predicted(path, x), hard_sigmoid(y @ k2 + b2))
    # The description alone.
    text = json.dumps(config | {"keras_version": "2.1.6", "backend": "tensorflow"})
    model = model_from_json(text)
    model.set_weights([k, b, gamma, beta, mean, variance, k2, b2])
    close(model.predict(x, verbose=0), hard_sigmoid(y @ k2 + b2))


def test_a_graph_of_2_1_with_a_shared_layer(tmp_path):
    k, b, k2, b2 = draw(3, 2), draw(2), draw(4, 1), draw(1)
    layers = [
        start("a", 3),
        start("b", 3),
        node("Dense", "shared", [[["a", 0, 0, {}]], [["b", 0, 0, {}]]], units=2,
             activation="linear", **DENSE),
        node("Concatenate", "both", [[["shared", 0, 0, {}], ["shared", 1, 0, {}]]], axis=-1),
        node("Dense", "out", [[["both", 0, 0, {}]]], units=1, activation="sigmoid", **DENSE),
        node("Merge", "sum", [[["shared", 1, 0, {}], ["shared", 0, 0, {}]]], mode="mul",
             concat_axis=-1, dot_axes=-1, output_shape=None, mode_type="raw"),
    ]  # fmt: skip
    config = graph("model_1", layers, ["a", "b"], ["out", "sum"])
    weights = {"a": [], "b": [], "shared": [k, b], "both": [], "out": [k2, b2], "sum": []}
    x, y = draw(4, 3), draw(4, 3)
    one, two = x @ k + b, y @ k + b
    out, product = predicted(h5_file(tmp_path / "m.h5", config, weights, "2.1.2"), x, y)
    close(out, sigmoid(np.concatenate([one, two], 1) @ k2 + b2))
    close(product, one * two)


def test_recurrence_of_2_1(tmp_path):
    """Gates were hard sigmoids, of another slope; a GRU reset before its product."""
    config = {
        "class_name": "Sequential",
        "config": [
            {
                "class_name": "Bidirectional",
                "config": {
                    "name": "bi",
                    "trainable": True,
                    "batch_input_shape": [None, 3, 2],
                    "dtype": "float32",
                    "merge_mode": "concat",
                    "layer": named(
                        "LSTM", "lstm_1", units=2, recurrent_activation="hard_sigmoid",
                        implementation=1, unit_forget_bias=True,
                        **RECURRENT | {"return_sequences": True},
                    ),
                },
            },
            {
                "class_name": "TimeDistributed",
                "config": {
                    "name": "each",
                    "trainable": True,
                    "layer": named("Dense", "dense_1", units=3, activation="relu", **DENSE),
                },
            },
            named("GRU", "gru_1", units=2, recurrent_activation="hard_sigmoid",
                  implementation=1, **RECURRENT),
        ],
    }  # fmt: skip
    forward, backward = ([draw(2, 8), draw(2, 8), draw(8)] for _ in range(2))
    k, b = draw(4, 3), draw(3)
    last = [draw(3, 6), draw(2, 6), draw(6)]
    weights = {"bi": [*forward, *backward], "each": [k, b], "gru_1": last}
    x = draw(2, 3, 2)
    one, _ = lstm(x, *forward, gate=hard_sigmoid)
    two, _ = lstm(x[:, ::-1], *backward, gate=hard_sigmoid)
    y = np.maximum(np.concatenate([one, two[:, ::-1]], 2) @ k + b, 0)
    path = h5_file(tmp_path / "m.h5", config, weights, "2.0.8")
    close(predicted(path, x), gru(y, *last, gate=hard_sigmoid))


def of_cudnn(kernel: np.ndarray, gates: int) -> np.ndarray:
    """Return a kernel as the layers for cuDNN kept it: each gate's by outputs."""
    return np.concatenate(
        [np.ascontiguousarray(p.T).reshape(p.shape) for p in np.split(kernel, gates, 1)], axis=1
    )


@pytest.mark.parametrize("gates", [4, 3])
def test_layers_for_cudnn_of_2_2(gates, tmp_path):
    units = 3
    kernel, recurrent, bias = (
        draw(2, gates * units),
        draw(units, gates * units),
        draw(2 * gates * units),
    )
    kind = "CuDNNLSTM" if gates == 4 else "CuDNNGRU"
    settings = {key: RECURRENT[key] for key in ("return_state", "return_sequences", "stateful")}
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "s",
            "layers": [
                named(kind, "rnn", batch_input_shape=[None, 4, 2], units=units,
                      kernel_initializer=scaled(), **settings)
            ],
        },
    }  # fmt: skip
    held = [of_cudnn(kernel, gates), of_cudnn(recurrent, gates), bias]
    x = draw(2, 4, 2)
    if gates == 4:
        expected = lstm(x, kernel, recurrent, bias[:12] + bias[12:])[0][:, -1]
    else:
        expected = gru(x, kernel, recurrent, bias[:9], bias_within=bias[9:])
    path = h5_file(tmp_path / "m.h5", config, {"rnn": held}, "2.2.4")
    close(predicted(path, x), expected)


def test_models_within_a_model_of_2_3(tmp_path):
    """A model in a graph had a call of its own before the first."""
    inner = {
        "class_name": "Sequential",
        "config": {
            "name": "inner",
            "layers": [
                named("Dense", "d", batch_input_shape=[None, 3], dtype="float32", units=3,
                      activation="elu", **DENSE),
                named("BatchNormalization", "n", axis=[1], momentum=0.9, epsilon=0.01,
                      center=True, scale=False),
            ],
        },
    }  # fmt: skip
    deep = graph(
        "deep",
        [
            start("i", 3),
            node("Dense", "e", [[["i", 0, 0, {}]]], units=3, activation="tanh", **DENSE),
        ],
        ["i"],
        ["e"],
    )
    layers = [
        start("x", 3),
        inner | {"name": "inner", "inbound_nodes": [[["x", 0, 0, {}]], [["deep", 1, 0, {}]]]},
        deep | {"name": "deep", "inbound_nodes": [[["inner", 1, 0, {}]]]},
        node("Subtract", "s", [[["inner", 2, 0, {}], ["inner", 1, 0, {}]]]),
    ]
    k, b, beta, mean, variance = draw(3, 3), draw(3), draw(3), draw(3), abs(draw(3)) + 0.5
    k2, b2 = draw(3, 3), draw(3)
    weights = {"x": [], "inner": [k, b, beta, mean, variance], "deep": [k2, b2], "s": []}
    x = draw(2, 3)

    def run(x):
        y = x @ k + b
        y = np.where(y > 0, y, np.exp(np.minimum(y, 0)) - 1)
        return (y - mean) / np.sqrt(variance + 0.01) + beta

    once = run(x)
    twice = run(np.tanh(once @ k2 + b2))
    config = graph("outer", layers, ["x"], ["s"])
    close(predicted(h5_file(tmp_path / "m.hdf5", config, weights, "2.3.1"), x), twice - once)


def test_a_decoder_that_begins_with_states(tmp_path):
    layers = [
        start("x", 3, 2),
        start("y", 2, 2),
        node("LSTM", "encoder", [[["x", 0, 0, {}]]], units=2, recurrent_activation="sigmoid",
             implementation=2, **RECURRENT | {"return_state": True}),
        node("LSTM", "decoder",
             [[["y", 0, 0, {}], ["encoder", 0, 1, {}], ["encoder", 0, 2, {}]]],
             units=2, recurrent_activation="sigmoid", time_major=False,
             **RECURRENT | {"return_sequences": True}),
    ]  # fmt: skip
    one, two = ([draw(2, 8), draw(2, 8), draw(8)] for _ in range(2))
    config = graph("model", layers, ["x", "y"], ["decoder"])
    weights = {"x": [], "y": [], "encoder": one, "decoder": two}
    x, y = draw(2, 3, 2), draw(2, 2, 2)
    _, state = lstm(x, *one)
    path = h5_file(tmp_path / "m.h5", config, weights, "2.2.4-tf")
    close(predicted(path, x, y), lstm(y, *two, state=state)[0])


def test_kernels_that_theano_turned_round(tmp_path):
    kernel, bias = draw(2, 2, 1, 2), draw(2)
    config = {
        "class_name": "Sequential",
        "config": [
            named("Conv2D", "conv", batch_input_shape=[None, 3, 3, 1], filters=2,
                  kernel_size=[2, 2], strides=[1, 1], padding="valid",
                  data_format="channels_last", dilation_rate=[1, 1], activation="linear", **DENSE),
            named("Flatten", "flat"),
        ],
    }  # fmt: skip
    x = draw(1, 3, 3, 1)
    expected = np.zeros((1, 2, 2, 2), "float32") + bias
    for i in range(2):
        for j in range(2):
            patch = x[0, i : i + 2, j : j + 2]
            expected[0, i, j] += np.einsum("abc,abco->o", patch, kernel[::-1, ::-1])
    path = h5_file(
        tmp_path / "m.h5", config, {"conv": [kernel, bias], "flat": []}, "2.0.6", backend="theano"
    )
    close(predicted(path, x), expected.reshape(1, -1))


# tf.keras, 2.2.4-tf to 2.11


def test_nodes_of_tensorflow_of_2_3(tmp_path):
    def op(name, kind, inputs, constants, **attributes):
        definition = {"name": name, "op": kind, "input": [], "attr": attributes}
        calls = [[[each, 0, 0, {}] for each in inputs]]
        return node("TensorFlowOpLayer", name, calls, dtype="float32",
                    node_def=json.dumps(definition), constants=constants)  # fmt: skip

    layers = [
        start("x", 2, 3, ragged=False),
        op("double", "Mul", ["x"], {"1": 2.0}),
        op("shift", "AddV2", ["double", "x"], {}),
        op("from", "Sub", ["shift"], {"0": [[[1.0, 2.0, 3.0]]]}),
        op("rect", "Relu", ["from"], {}),
        op("mean", "Mean", ["rect"], {"1": [1]}, keep_dims={"b": True}),
        op("cat", "ConcatV2", ["mean", "x"], {"2": 1}),
        op("flat", "Reshape", ["cat"], {"1": [-1, 9]}),
    ]
    x = draw(4, 2, 3)
    y = np.maximum(np.array([1, 2, 3]) - 3 * x, 0).mean(1, keepdims=True)
    config = graph("m", layers, ["x"], ["flat"])
    path = h5_file(tmp_path / "m.h5", config, {"x": []}, "2.3.0-tf")
    close(predicted(path, x), np.concatenate([y, x], 1).reshape(-1, 9))


def op_lambda(name: str, function: str, calls: list[Any]) -> dict[str, Any]:
    kind = "SlicingOpLambda" if function.endswith("getitem") else "TFOpLambda"
    return node(kind, name, calls, dtype="float32", function=function)


def test_functions_of_tensorflow_of_2_6(tmp_path):
    cut = [{"start": None, "stop": None, "step": None}, {"start": 1, "stop": None, "step": None}]
    layers = [
        start("x", 4, ragged=False),
        op_lambda("tf.math.multiply", "math.multiply", [["x", 0, 0, {"y": 3.0, "name": None}]]),
        op_lambda("tf.nn.relu", "nn.relu", [["tf.math.multiply", 0, 0, {"name": None}]]),
        op_lambda("tf.__operators__.add", "__operators__.add",
                  [["tf.nn.relu", 0, 0, {"y": ["x", 0, 0], "name": None}]]),
        op_lambda("tf.math.subtract", "math.subtract",
                  [["_CONSTANT_VALUE", -1, 1.0, {"y": ["tf.__operators__.add", 0, 0]}]]),
        op_lambda("tf.__operators__.getitem", "__operators__.getitem",
                  [["tf.math.subtract", 0, 0, {"slice_spec": cut}]]),
        op_lambda("tf.concat", "concat",
                  [[["tf.__operators__.getitem", 0, 0, {"axis": -1}], ["x", 0, 0, {"axis": -1}]]]),
        op_lambda("tf.expand_dims", "expand_dims", [["tf.concat", 0, 0, {"axis": 1}]]),
        op_lambda("tf.compat.v1.transpose", "compat.v1.transpose",
                  [["tf.expand_dims", 0, 0, {"perm": [0, 2, 1]}]]),
        op_lambda("tf.reshape", "reshape", [["tf.compat.v1.transpose", 0, 0, {"shape": [-1, 7]}]]),
        op_lambda("tf.math.reduce_mean", "math.reduce_mean",
                  [["tf.reshape", 0, 0, {"axis": 1, "keepdims": True}]]),
        op_lambda("tf.math.multiply_1", "math.multiply",
                  [["x", 0, 0, {"y": [[1.0, 2.0, 3.0, 4.0]], "name": None}]]),
    ]  # fmt: skip
    x = draw(3, 4)
    y = 1 - (np.maximum(3 * x, 0) + x)
    y = np.concatenate([y[:, 1:], x], 1)
    config = graph(
        "m",
        layers,
        ["x"],
        ["tf.reshape", "tf.math.reduce_mean", "tf.math.multiply_1"],
        "Functional",
    )
    found = predicted(h5_file(tmp_path / "m.h5", config, {"x": []}, "2.6.0"), x)
    for each, expected in zip(found, [y, y.mean(1, keepdims=True), x * [1, 2, 3, 4]], strict=True):
        close(each, expected)


def test_images_of_2_6(tmp_path):
    """Settings that are gone, and a policy for a dtype."""
    policy = {"class_name": "Policy", "config": {"name": "float32"}}
    conv = {
        "kernel_size": [1, 1], "strides": [1, 1], "padding": "valid", "dtype": policy,
        "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 1, "use_bias": True,
        "activation": "linear", "bias_initializer": ZEROS, "activity_regularizer": None,
    }  # fmt: skip
    gone = {
        key: DENSE[key] for key in ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
    }
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "s",
            "layers": [
                start("x", 2, 2, 2, ragged=False),
                named("ZeroPadding2D", "pad", padding=[[1, 0], [0, 0]], dtype=policy,
                      data_format="channels_last"),
                named("DepthwiseConv2D", "depth", depth_multiplier=1, **gone, **conv),
                named("LeakyReLU", "leaky", dtype="float32", alpha=0.2),
                named("SeparableConv2D", "sep", filters=3, depth_multiplier=1, **gone, **conv),
                named("ThresholdedReLU", "thr", theta=0.3),
                named("Conv2DTranspose", "up", filters=1, output_padding=None,
                      **conv | {"kernel_size": [1, 1]}),
                named("SpatialDropout2D", "sd", rate=0.3, noise_shape=None, seed=None),
                named("Reshape", "r", target_shape=[6]),
            ],
        },
    }  # fmt: skip
    depth, sep, point, up = draw(1, 1, 2, 1), draw(1, 1, 2, 1), draw(1, 1, 2, 3), draw(1, 1, 1, 3)
    b1, b2, b3 = draw(2), draw(3), draw(1)
    weights = {
        "x": [], "pad": [], "depth": [depth, b1], "leaky": [], "sep": [sep, point, b2],
        "thr": [], "up": [up, b3], "sd": [], "r": [],
    }  # fmt: skip
    x = draw(2, 2, 2, 2)
    y = np.pad(x, [(0, 0), (1, 0), (0, 0), (0, 0)]) * depth[0, 0, :, 0] + b1
    y = np.where(y > 0, y, 0.2 * y) * sep[0, 0, :, 0] @ point[0, 0] + b2
    y = np.where(y > 0.3, y, 0) @ up[0, 0, 0, :, None] + b3
    path = h5_file(tmp_path / "m.h5", config, weights, "2.6.0")
    close(predicted(path, x), y.reshape(2, 6))


def test_attention_of_2_11(tmp_path):
    attention = {
        "num_heads": 1, "key_dim": 2, "value_dim": 2, "dropout": 0.0, "use_bias": False,
        "output_shape": None, "attention_axes": [1], "query_shape": [None, 3, 4],
        "key_shape": [None, 3, 4], "value_shape": [None, 3, 4], "kernel_regularizer": None,
    }  # fmt: skip
    layers = [
        start("x", 3, 4, ragged=False),
        node("LayerNormalization", "n", [[["x", 0, 0, {}]]], axis=[2], epsilon=0.01, center=True,
             scale=True, dtype="float32"),
        node("MultiHeadAttention", "mha", [[["n", 0, 0, {"value": ["x", 0, 0], "key": None,
             "attention_mask": None, "return_attention_scores": False, "training": None}]]],
             **attention),
        node("Attention", "att", [[["mha", 0, 0, {}], ["x", 0, 0, {}]]], use_scale=False,
             causal=True, dropout=0.0),
    ]  # fmt: skip
    gamma, beta, q, k, v, o = (
        draw(4),
        draw(4),
        draw(4, 1, 2),
        draw(4, 1, 2),
        draw(4, 1, 2),
        draw(1, 2, 4),
    )
    config = graph("m", layers, ["x"], ["att"], "Functional")
    weights = {"x": [], "n": [gamma, beta], "mha": [q, k, v, o], "att": []}
    x = draw(2, 3, 4)
    n = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 0.01) * gamma + beta
    share = softmax((n @ q[:, 0]) @ (x @ k[:, 0]).swapaxes(1, 2) / np.sqrt(2))
    y = share @ (x @ v[:, 0]) @ o[0]
    scores = np.where(np.tril(np.ones((3, 3))), y @ x.swapaxes(1, 2), -1e9)
    path = h5_file(tmp_path / "m.h5", config, weights, "2.11.0")
    close(predicted(path, x), softmax(scores) @ x)


# .keras of 2.13 to 2.15


def homed(kind: str, name: str, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return a description as Keras 2.13 wrote it, with a module."""
    return {
        "module": module,
        "class_name": kind,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config},
        "registered_name": None,
    }


GLOROT = {
    "module": "keras.initializers",
    "class_name": "GlorotUniform",
    "config": {"seed": None},
    "registered_name": None,
}


@pytest.mark.parametrize("mark", ["/", "\\"])
def test_a_zip_of_2_13(mark, tmp_path):
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "sequential",
            "layers": [
                homed("InputLayer", "input_1", batch_input_shape=[None, 3], sparse=False,
                      ragged=False),
                homed("Dense", "dense", units=2, activation="relu",
                      **DENSE | {"kernel_initializer": GLOROT}),
                homed("Dense", "dense_1", units=1, activation="linear",
                      **DENSE | {"kernel_initializer": GLOROT}),
            ],
        },
        "registered_name": "Sequential",
        "build_config": {"input_shape": [None, 3]},
        "compile_config": {
            "optimizer": homed("Adam", "Adam", "keras.optimizers", weight_decay=None,
                               learning_rate=0.01, clipnorm=None, use_ema=False, jit_compile=False,
                               is_legacy_optimizer=False, beta_1=0.8, epsilon=1e-7) | {},
            "loss": "mse", "metrics": ["mae"], "loss_weights": None, "weighted_metrics": None,
            "run_eagerly": None, "steps_per_execution": None, "jit_compile": None,
        },
    }  # fmt: skip
    for key in ("trainable", "dtype"):
        del config["compile_config"]["optimizer"]["config"][key]
    del config["config"]["layers"][0]["config"]["trainable"]
    k, b, k2, b2 = draw(3, 2), draw(2), draw(2, 1), draw(1)
    # Layers with weights were counted twice; on Windows a path was one name.
    place = "_layer_checkpoint_dependencies" + mark
    weights = {f"{place}dense": [k, b], f"{place}dense_2": [k2, b2]}
    path = zip_file(tmp_path / "m.keras", config, weights, "2.13.1")
    x = draw(4, 3)
    y = np.maximum(x @ k + b, 0) @ k2 + b2
    close(predicted(path, x), y)
    model = load_model(path)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert model.optimizer.get_config()["beta_1"] == pytest.approx(0.8)
    close(model.evaluate(x, 0 * y, verbose=0), [np.mean(y**2), np.mean(abs(y))])


def test_weights_of_a_model_in_a_model_of_2_13(tmp_path):
    """Three layers of a class, of equal shapes: their order counts, not their numbers."""
    inner = Sequential([Input((2,)), layers.Dense(2), layers.Dense(2)], name="inner")
    attention = layers.MultiHeadAttention(1, 2, use_bias=False)
    start = Input((3, 2))
    model = Model(start, layers.Dense(2)(attention(layers.TimeDistributed(inner)(start), start)))
    rest = "_layer_checkpoint_dependencies"
    held = {
        f"{rest}/time_distributed/layer/{rest}/dense": [draw(2, 2), draw(2)],
        f"{rest}/time_distributed/layer/{rest}/dense_2": [draw(2, 2), draw(2)],
        f"{rest}/multi_head_attention/_query_dense": [draw(2, 1, 2)],
        f"{rest}/multi_head_attention/_key_dense": [draw(2, 1, 2)],
        f"{rest}/multi_head_attention/_value_dense": [draw(2, 1, 2)],
        f"{rest}/multi_head_attention/_output_dense": [draw(1, 2, 2)],
        f"{rest}/dense": [draw(2, 2), draw(2)],
    }
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as h5:
        for name, values in held.items():
            for i, value in enumerate(values):
                h5[f"{name}/vars/{i}"] = value
    model.load_weights(path)
    order = [each for values in held.values() for each in values]
    for found, expected in zip(model.get_weights(), order, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_graph_in_a_zip_of_2_15(tmp_path):
    def call(name, **more):
        return [[[name, 0, 0, more]]]

    layers = [
        homed("InputLayer", "input_1", batch_input_shape=[None, 3, 2], sparse=False, ragged=False)
        | {"name": "input_1", "inbound_nodes": []},
        homed("LSTM", "lstm", units=2, recurrent_activation="sigmoid", time_major=False,
              implementation=2, unit_forget_bias=True,
              **RECURRENT | {"kernel_initializer": GLOROT})
        | {"name": "lstm", "inbound_nodes": call("input_1")},
        homed("TFOpLambda", "tf.math.tanh", "keras.src.layers.core.tf_op_layer",
              function="math.tanh")
        | {"name": "tf.math.tanh", "inbound_nodes": [["lstm", 0, 0, {"name": None}]]},
        homed("BatchNormalization", "batch_normalization", axis=[1], momentum=0.99, epsilon=0.001,
              center=True, scale=True)
        | {"name": "batch_normalization", "inbound_nodes": call("tf.math.tanh", training=False)},
    ]  # fmt: skip
    config = {
        "module": "keras.src.engine.functional",
        "class_name": "Functional",
        "config": {
            "name": "model", "trainable": True, "layers": layers,
            "input_layers": [["input_1", 0, 0]], "output_layers": [["batch_normalization", 0, 0]],
        },
        "registered_name": "Functional",
    }  # fmt: skip
    del layers[0]["config"]["trainable"]
    cell = [draw(2, 8), draw(2, 8), draw(8)]
    norm = [draw(2), draw(2), draw(2), abs(draw(2)) + 1]
    weights = {"layers/lstm/cell": cell, "layers/batch_normalization": norm}
    x = draw(2, 3, 2)
    y = np.tanh(lstm(x, *cell)[1][0])
    path = zip_file(tmp_path / "m.keras", config, weights, "2.15.0")
    gamma, beta, mean, variance = norm
    close(predicted(path, x), gamma * (y - mean) / np.sqrt(variance + 1e-3) + beta)
    assert model_from_json(json.dumps(config)).output_shape == (None, 2)


# What they were compiled with


def line(config: dict[str, Any] | None = None) -> dict[str, Any]:
    layers = [
        named("Dense", "d", batch_input_shape=[None, 1], units=1, activation="linear", **DENSE)
    ]
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


def test_a_rate_that_decays_and_a_state_of_2_2(tmp_path):
    """`lr / (1 + decay * steps)`, and momenta that came weight by weight within each kind."""
    training = {
        "optimizer_config": {
            "class_name": "SGD",
            "config": {"lr": 0.1, "momentum": 0.5, "decay": 0.25, "nesterov": False},
        },
        "loss": "mse",
        "metrics": ["mae"],
        "sample_weight_mode": None,
        "loss_weights": None,
    }
    k, b, mk, mb = (
        np.full(s, v, "float32") for s, v in [((1, 1), 2), (1, 1), ((1, 1), 0.3), (1, -0.2)]
    )
    state = {
        "SGD/iterations:0": np.int64(4),
        "training/SGD/Variable:0": mk,
        "training/SGD/Variable_1:0": mb,
    }
    path = h5_file(tmp_path / "m.h5", line(), {"d": [k, b]}, "2.2.4", training, state)
    model = load_model(path)
    x, y = np.array([[1.0], [3.0]], "float32"), np.array([[0.0], [1.0]], "float32")
    error = 2 * (x * 2 + 1 - y) / 2
    model.train_on_batch(x, y)
    rate = 0.1 / (1 + 0.25 * 4)
    expected = [k + 0.5 * mk - rate * (error * x).sum(), b + 0.5 * mb - rate * error.sum()]
    for found, each in zip(model.get_weights(), expected, strict=True):
        close(found, each)


def test_the_state_of_adam_of_2_1_has_a_part_that_is_nothing(tmp_path):
    training = {
        "optimizer_config": {
            "class_name": "Adam",
            "config": {"lr": 0.5, "beta_1": 0.9, "beta_2": 0.99, "decay": 0.0, "epsilon": None,
                       "amsgrad": False},
        },
        "loss": "mean_squared_error", "metrics": [], "loss_weights": None,
    }  # fmt: skip
    names = ["iterations:0", *(f"Variable_{i}:0" for i in range(6))]
    values = [np.int64(3), [[0.1]], [0.2], [[0.3]], [0.4], [0.0], [0.0]]
    state = {
        f"training/Adam/{n}": np.asarray(v, "float32") for n, v in zip(names, values, strict=True)
    }
    weights = {"d": [np.ones((1, 1), "float32"), np.ones(1, "float32")]}
    model = load_model(h5_file(tmp_path / "m.h5", line(), weights, "2.1.6", training, state))
    found = [np.ravel(v.value)[0] for v in model.optimizer.variables]
    close(found, [3, 0.5, 0.1, 0.3, 0.2, 0.4])


COMPILED = {
    "names": {"loss": "kullback_leibler_divergence", "metrics": ["acc", "cosine_proximity"]},
    "wrapped": {
        "loss": {
            "class_name": "BinaryCrossentropy",
            "config": {"reduction": "auto", "name": "bce", "from_logits": True,
                       "label_smoothing": 0, "axis": -1, "fn": "binary_crossentropy"},
        },
        "metrics": [[{"class_name": "MeanMetricWrapper",
                      "config": {"name": "acc", "dtype": "float32", "fn": "binary_accuracy"}}]],
    },
    "none": {
        "loss": {"class_name": "MeanAbsoluteError",
                 "config": {"reduction": "sum_over_batch_size", "name": "m"}},
        "metrics": None, "weighted_metrics": ["mse"],
    },
    "by output": {"loss": {"d": "mae"}, "metrics": {"d": ["logcosh"]}, "loss_weights": [1.0]},
}  # fmt: skip


@pytest.mark.parametrize("case", COMPILED)
def test_losses_and_metrics_of_each_form(case, tmp_path):
    optimizer = {
        "class_name": "RMSprop",
        "config": {"learning_rate": 0.1, "decay": 0.0, "rho": 0.9},
    }
    training = {"optimizer_config": optimizer, "sample_weight_mode": None, **COMPILED[case]}
    weights = {"d": [np.full((1, 1), 0.5, "float32"), np.zeros(1, "float32")]}
    model = load_model(h5_file(tmp_path / "m.h5", line(), weights, "2.4.0", training))
    found = model.evaluate(np.ones((2, 1)), np.ones((2, 1)), verbose=0)
    loss = {"names": np.log(2), "wrapped": np.log1p(np.exp(-0.5)), "none": 0.5, "by output": 0.5}
    assert found[0] == pytest.approx(loss[case], rel=1e-4)


def test_a_model_without_its_compile_settings(tmp_path):
    """Optimizers, losses of a program's own are refused by name, and the model is there without."""
    training = {"optimizer_config": {"class_name": "Mine", "config": {}}, "loss": "mse"}
    weights = {"d": [np.ones((1, 1), "float32"), np.ones(1, "float32")]}
    path = h5_file(tmp_path / "m.h5", line(), weights, "2.4.0", training)
    with pytest.raises(UnsafeModelError, match=r"Keras 2\.4\.0.*'Mine'"):
        load_model(path)
    assert load_model(path, compile=False).predict(np.ones((1, 1)), verbose=0) == 2


# What cannot be translated


REFUSED = {
    "removed": (named("LocallyConnected1D", "l", filters=1), "LocallyConnected1D", FileFormatError),
    "renorm": (named("BatchNormalization", "n", renorm=True), "renorm", FileFormatError),
    "time major": (named("LSTM", "r", units=1, time_major=True), "time_major", FileFormatError),
    "virtual": (named("BatchNormalization", "n", virtual_batch_size=2), "virtual", FileFormatError),
    "unknown": (named("Mine", "m"), "'Mine'", UnsafeModelError),
    "setting": (named("Dense", "d", units=1, colour="red"), "colour", FileFormatError),
    "ragged": (start("x", 3, ragged=True), "ragged", FileFormatError),
    "lambda": (
        named("Lambda", "l", function=["4wEAAA==", None, None], function_type="lambda"),
        "Lambda",
        UnsafeModelError,
    ),
    "named lambda": (
        named("Lambda", "l", function="system", function_type="function", module="os"),
        "'system'",
        UnsafeModelError,
    ),
    "no config": ({"class_name": "Dense"}, "damaged", FileFormatError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_translated_is_named_with_its_version(case, tmp_path):
    layer, message, kind = REFUSED[case]
    config = {
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [start("i", 3, 3), layer]},
    }
    if case == "ragged":
        config["config"]["layers"] = [layer]
    with pytest.raises(kind, match=rf"(?s)Keras 2\.9\.0.*{message}"):
        load_model(h5_file(tmp_path / "m.h5", config, {}, "2.9.0"))


@pytest.mark.parametrize("function", ["io.read_file", "image.sobel_edges", "math.add"])
def test_functions_without_an_operation_are_named(function, tmp_path):
    call = ["x", 0, 0, {"y": 1.0, "colour": "red"}]
    layers = [start("x", 3), op_lambda("f", function, [call])]
    config = graph("m", layers, ["x"], ["f"], "Functional")
    with pytest.raises(FileFormatError, match=rf"Keras 2\.9\.0.*tf\.{function}"):
        load_model(h5_file(tmp_path / "m.h5", config, {"x": []}, "2.9.0"))


def test_the_version_is_told_where_only_the_form_says_so():
    text = json.dumps(
        {"class_name": "Sequential", "config": [named("Dense", "d", batch_input_shape=[None, 2])]}
    )
    with pytest.raises(FileFormatError, match=r"written by Keras 2\. .*units"):
        model_from_json(text)


def test_names_with_a_slash_of_2_3(tmp_path):
    """Keras's DenseNet had such names; they are none of today's."""
    k, b = draw(3, 2), draw(2)
    layers = [
        start("x", 3),
        node("Dense", "conv1/fc", [[["x", 0, 0, {}]]], units=2, activation="linear", **DENSE),
        node("Activation", "conv1/relu", [[["conv1/fc", 0, 0, {}]]], activation="relu"),
    ]
    config = graph("dense/1", layers, ["x"], ["conv1/relu"])
    weights = {"x": [], "conv1/fc": [k, b], "conv1/relu": []}
    x = draw(2, 3)
    path = h5_file(tmp_path / "m.h5", config, weights, "2.3.1")
    close(predicted(path, x), np.maximum(x @ k + b, 0))
    load_model(path).save(path)  # in today's legacy format
    close(load_model(path).predict(x, verbose=0), np.maximum(x @ k + b, 0))


def test_cells_in_a_stack_behind_an_embedding_of_2_3(tmp_path):
    gone = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")
    settings = {key: value for key, value in RECURRENT.items() if key not in gone}
    del settings["activity_regularizer"]
    cells = [
        named(
            "LSTMCell", name, units=2, recurrent_activation="sigmoid", implementation=1, **settings
        )
        for name in ("one", "two")
    ]
    stack = {"class_name": "StackedRNNCells", "config": {"name": "cells", "cells": cells}}
    uniform = {"minval": -0.05, "maxval": 0.05, "seed": None}
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "s",
            "layers": [
                named(
                    "Embedding", "e", batch_input_shape=[None, 3], dtype="float32", input_dim=5,
                    output_dim=2, mask_zero=False, input_length=3, activity_regularizer=None,
                    embeddings_initializer={"class_name": "RandomUniform", "config": uniform},
                ),
                named("RNN", "r", unroll=False, time_major=False, cell=stack),
            ],
        },
    }  # fmt: skip
    table = draw(5, 2)
    one, two = ([draw(2, 8), draw(2, 8), draw(8)] for _ in range(2))
    x = np.array([[1, 2, 0], [3, 4, 1]])
    path = h5_file(tmp_path / "m.h5", config, {"e": [table], "r": [*one, *two]}, "2.3.0")
    close(predicted(path, x), lstm(lstm(table[x], *one)[0], *two)[1][0])


def test_the_state_of_adam_of_2_11(tmp_path):
    """It was registered as if it were the program's, and its moments came weight by weight."""
    schedule = {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9}
    adam = {
        "name": "Adam", "weight_decay": None, "clipnorm": None, "jit_compile": True,
        "is_legacy_optimizer": False, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
        "amsgrad": False,
        "learning_rate": {"class_name": "ExponentialDecay", "config": schedule},
    }  # fmt: skip
    training = {
        "optimizer_config": {"class_name": "Custom>Adam", "config": adam},
        "loss": "mse",
        "metrics": ["accuracy"],
    }
    names = ["Adam/m/d/kernel:0", "Adam/v/d/kernel:0", "Adam/m/d/bias:0", "Adam/v/d/bias:0"]
    values = [np.full((1, 1), 1.0), np.full((1, 1), 2.0), np.full(1, 3.0), np.full(1, 4.0)]
    state = {"iteration:0": np.int64(5)}
    state |= {n: v.astype("float32") for n, v in zip(names, values, strict=True)}
    weights = {"d": [np.ones((1, 1), "float32"), np.ones(1, "float32")]}
    model = load_model(h5_file(tmp_path / "m.h5", line(), weights, "2.11.0", training, state))
    close([np.ravel(v.value)[0] for v in model.optimizer.variables], [5, 1, 2, 3, 4])


def test_preparing_layers_and_a_layer_for_an_activation_of_2_6(tmp_path):
    """A Normalization had a count beside its mean and variance."""
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "s",
            "layers": [
                start("x", 2, ragged=False),
                named("Rescaling", "scale", dtype="float32", scale=0.5, offset=1.0),
                named("Normalization", "n", dtype="float32", axis=[-1], mean=None, variance=None),
                named("Activation", "a", activation=named("LeakyReLU", "l", alpha=0.1)),
            ],
        },
    }
    mean, variance, x = draw(2), abs(draw(2)) + 1, draw(3, 2)
    weights = {"x": [], "scale": [], "n": [mean, variance, np.int64(0)], "a": []}
    y = (x * 0.5 + 1 - mean) / np.sqrt(variance)
    path = h5_file(tmp_path / "m.h5", config, weights, "2.6.0")
    close(predicted(path, x), np.where(y > 0, y, 0.1 * y))


def test_code_of_a_lambda_runs_when_it_is_trusted(tmp_path):
    code = base64.encodebytes(marshal.dumps((lambda x: 2 * x).__code__)).decode()
    layer = named(
        "Lambda", "l", batch_input_shape=[None, 3], dtype="float32", function=[code, None, None],
        function_type="lambda", module="__main__", output_shape=None, output_shape_type="raw",
        output_shape_module=None, arguments={},
    )  # fmt: skip
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
    path = h5_file(tmp_path / "m.h5", config, {"l": []}, "2.4.0")
    with pytest.raises(UnsafeModelError, match=r"Keras 2\.4\.0.*Lambda"):
        load_model(path)
    assert load_model(path, safe_mode=False)(np.ones((1, 3)))[0, 0] == 2
