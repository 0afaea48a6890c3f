"""Weights in safetensors files: any JAX program reads them, and what does not fit is told."""

from __future__ import annotations

import builtins

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax.traverse_util import flatten_dict, unflatten_dict
from safetensors import safe_open
from safetensors.flax import load_file
from safetensors.numpy import save_file

from kerasish import Input, Model, Sequential, layers
from kerasish.errors import ArgumentError, FileFormatError, NotBuiltError, ShapeError


def small(units: int = 3, **kwargs) -> Sequential:
    stack = [layers.Dense(units, **kwargs), layers.BatchNormalization(), layers.Dense(2)]
    return Sequential([Input((4,)), *stack])


class Mixed(layers.Layer):
    """Holds a weight of each dtype."""

    DTYPES = ("float16", "bfloat16", "float32", "int8", "uint8", "int32", "bool")
    DTYPES += ("float8_e4m3fn", "float8_e5m2", "complex64")

    def build(self, input_shape):
        self.held = [
            self.add_weight((2, 3), dtype=jnp.dtype(name), name=name, trainable=False)
            for name in self.DTYPES
        ]
        self.scalar = self.add_weight((), name="scalar", trainable=False)

    def call(self, x):
        return x


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.safetensors"


def test_a_jax_program_reads_the_file(path):
    model = small()
    model.save_weights(path)
    nested = unflatten_dict(load_file(path), sep="/")
    names = {"/".join(key) for tree in (model.params, model.state) for key in flatten_dict(tree)}
    with safe_open(path, "np") as file:
        assert set(file.keys()) == names and file.metadata() == {"format": "flax"}
    held = [jax.tree.leaves(tree) for tree in (model.params, model.state)]
    params = {name: nested[name] for name in ("dense", "dense_1")}
    np.testing.assert_array_equal(params["dense"]["kernel"], model.params["dense"]["kernel"])
    assert sum(map(len, held)) == len(jax.tree.leaves(nested))


def test_weights_come_back(path):
    model, other = small(), small()
    model.snapshot(path, weights_only=True)()
    other.load_weights(path)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(ArgumentError, match="exists already"):
        model.save_weights(path, overwrite=False)


def test_every_dtype_comes_back(path):
    model, other = (Sequential([Input((1,)), Mixed()]) for _ in range(2))
    values = [np.arange(6).reshape(2, 3).astype(jnp.dtype(each)) for each in Mixed.DTYPES]
    model.set_weights([*values, np.float32(5)])
    model.save_weights(path)
    other.load_weights(path)
    for variable, value in zip(other.weights, values, strict=False):
        assert variable.dtype == value.dtype
        np.testing.assert_array_equal(variable.numpy(), value)
    assert other.weights[-1].shape == () and float(other.weights[-1]) == 5


def test_the_order_in_memory_does_not_count(path):
    model = small()
    kernel = np.asfortranarray(np.arange(12.0, dtype="float32").reshape(4, 3))
    model.layers[0].kernel.assign(kernel)
    model.save_weights(path)
    np.testing.assert_array_equal(load_file(path)["dense/kernel"], kernel)


def test_shared_layers_and_nested_models(path):
    x = Input((4,))
    shared = layers.Dense(4)
    inner = Sequential([Input((4,)), shared, layers.Dense(4)], name="inner")
    model = Model(x, inner(shared(x)))
    before = model.get_weights()
    model.save_weights(path)
    assert len(load_file(path)) == len(before)
    model.set_weights([np.zeros_like(value) for value in before])
    model.load_weights(path)
    for one, two in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_factors_of_lora_are_merged(path):
    model = small()
    model.layers[0].enable_lora(2)
    model.layers[0].lora_kernel_b.assign(np.ones((2, 3)))
    x = np.ones((1, 4), "float32")
    expected = model(x)
    model.save_weights(path)
    assert "dense/lora_kernel_a" not in load_file(path)
    for each in (model, small()):
        each.load_weights(path)
        np.testing.assert_allclose(each(x), expected, rtol=1e-5)


# What does not fit.


def test_another_shape_is_told_and_nothing_changes(path):
    small(5).save_weights(path)
    model = small()
    before = model.get_weights()
    with pytest.raises(ShapeError) as caught:
        model.load_weights(path)
    assert str(caught.value) == (
        "The weight 'dense/kernel' has shape (4, 3); the file has (4, 5) for it."
    )
    for one, two in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


def test_skip_mismatch_leaves_layers_alone(path):
    model, other = small(), small()
    bias = np.full((2,), 7, "float32")
    kernel = np.full((3, 2), 7, "float32")
    save_file({"dense_1/bias": bias, "dense_1/kernel": kernel, "dense/bias": bias}, path)
    with pytest.raises(ShapeError, match="it lacks"):
        model.load_weights(path)
    model.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(model.layers[-1].kernel, kernel)
    assert model.layers[0].kernel.shape == other.layers[0].kernel.shape
    assert not np.any(model.layers[0].bias.numpy())


def test_missing_and_further_names_are_told(path):
    small(use_bias=False).save_weights(path)
    with pytest.raises(ShapeError, match=r"it lacks 'dense/bias'\.$"):
        small().load_weights(path)
    small().save_weights(path)
    with pytest.raises(ShapeError, match=r"the model has no 'dense/bias'\.$"):
        small(use_bias=False).load_weights(path)


def test_a_damaged_file_is_told(path):
    model = small()
    model.save_weights(path)
    whole = path.read_bytes()
    cuts = [whole[:n] for n in (0, 4, 8, 20, 200, len(whole) - 1)] + [b"\xff" * 64, whole + b"x"]
    for data in cuts:
        path.write_bytes(data)
        with pytest.raises(FileFormatError, match="not a safetensors file"):
            model.load_weights(path)
    with pytest.raises(FileFormatError, match="There is no file"):
        model.load_weights(path.with_name("other.safetensors"))


def test_what_cannot_be_saved_is_told(path, monkeypatch):
    with pytest.raises(NotBuiltError):
        Sequential([layers.Dense(2)]).save_weights(path)
    with pytest.raises(ArgumentError, match=r"or '\.safetensors'"):
        small().save_weights(path.with_suffix(".npz"))
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("safetensors"):
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ArgumentError, match=r"pip install kerasish\[safetensors\]"):
        small().save_weights(path)
