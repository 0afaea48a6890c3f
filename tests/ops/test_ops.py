"""Operations on tensors of a graph: what they record, what they refuse, what they cost."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import kerasish
from kerasish import Input, Model, layers, ops, random
from kerasish.errors import ArgumentError, FileFormatError, ShapeError, UnsafeModelError


def test_operators_beside_anything():
    x = Input((3,))
    weight = kerasish.Variable([1.0, 2.0, 3.0])[None]
    array = np.array([[1.0, 2.0, 3.0]], "float32")
    outputs = [
        jnp.asarray(array) * x,
        array * x,
        np.float32(2) * x,
        x - array,
        weight @ array.T + x,
    ]
    data = np.ones((2, 3), "float32")
    expected = [array * data, array * data, 2 * data, data - array, 14 + data]
    for given, wanted in zip(Model(x, outputs)(data), expected, strict=True):
        np.testing.assert_allclose(given, wanted)


def test_a_variable_of_a_layer_beside_its_input():
    class Scaled(layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight((1, input_shape[-1]), "ones", name="w")

        def call(self, x):
            return ops.multiply(x * self.w, self.w) + ops.sum(self.w)

    x = Input((3,))
    model = Model(x, Scaled()(x) / 2)
    np.testing.assert_allclose(model(np.ones((1, 3))), [[2.0, 2.0, 2.0]])
    assert len(model.trainable_weights) == 1


def test_operations_are_no_layers():
    x = Input((4,), name="x")
    model = Model(x, layers.Add()([x + 1, x + 2]))
    assert [layer.name for layer in model.layers] == ["x", "add"]
    assert [each.name for each in model.operations] == ["x", "add_1", "add_2", "add"]
    lines = []
    model.summary(print_fn=lines.append)
    assert "add_2 (Add)" in lines[0]
    assert "x[0][0]" in lines[0]
    assert model.count_params() == 0


def test_names_stay_unique_where_models_share_a_part():
    x, y = Input((2,), name="x"), Input((2,), name="y")
    first, second = Model(x, x + 1), Model(y, y + 2)
    assert first.operations[1].name == second.operations[1].name == "add"
    both = Model([x, y], first.output * second.output)
    names = [each.name for each in both.operations]
    assert len(set(names)) == len(names)
    copy = Model.from_config(json.loads(json.dumps(both.get_config())))
    np.testing.assert_allclose(copy([np.ones((1, 2)), np.ones((1, 2))]), 6.0)


def test_masks_end_at_operations():
    x = Input((3,), dtype="int32")
    embedded = layers.Embedding(4, 2, mask_zero=True)(x)
    averaged = layers.GlobalAveragePooling1D()
    model = Model(x, [averaged(embedded * 1), ops.mean(embedded, axis=1)])
    np.testing.assert_allclose(*model(np.array([[1, 2, 0]])), rtol=1e-6)


def test_a_model_with_operations_learns():
    x = Input((3,))
    model = Model(x, layers.Dense(1)(ops.concatenate([x, x**2], axis=-1)))
    model.compile("adam", "mse")
    data = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    losses = model.fit(data, data.sum(1, keepdims=True), epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_methods_and_shape():
    x = Input((4, 1))
    assert x.reshape((-1, 2)).shape == (None, 2)
    assert x.squeeze(2).shape == (None, 4)
    assert ops.shape(x) == (None, 4, 1)
    assert (ops.ndim(x), ops.dtype(x), ops.is_tensor(x)) == (3, "float32", False)


REFUSED = {
    "if x: pass": (ArgumentError, "ops.where"),
    "len(x)": (ArgumentError, "no length"),
    "list(x)": (ArgumentError, "ops.unstack"),
    "np.exp(x)": (ArgumentError, "kerasish.ops"),
    "jnp.exp(x)": (ArgumentError, "Lambda"),
    "ops.concatenate([x, x[:, None]])": (ShapeError, "ops.concatenate"),
    "ops.matmul(x, x)": (ShapeError, "(None, 4) and (None, 4)"),
    "ops.pad(x, 1, 'edge', 2)": (ArgumentError, "constant_values"),
    "ops.conv(np.ones((1, 4, 4, 1)), np.ones((2, 2, 1, 1)), (1, 1, 1))": (ArgumentError, "strides"),
    "ops.max_pool(np.ones((1, 4, 1)), 2, padding='full')": (ArgumentError, "padding"),
    "ops.one_hot([1], 2, sparse=True)": (ArgumentError, "sparse"),
    "ops.scatter_update([1.0], [[0]], [1.0], 'mean')": (ArgumentError, "reduction"),
    "ops.ctc_decode(np.ones((1, 2, 3)), [2], 'best')": (ArgumentError, "strategy"),
    "ops.stft(np.ones(8), 4, 2, 3)": (ArgumentError, "fft_length"),
    "ops.stft(np.ones(8), 4, 2, 4, 'kaiser')": (ArgumentError, "window"),
    "ops.rearrange(np.ones((2, 3)), 'a b -> b c')": (ArgumentError, "each axis once"),
    "ops.rearrange(np.ones((2, 3)), 'a (b c) -> a b c', b=2)": (ArgumentError, "size 3"),
    "ops.binary_crossentropy(np.ones(2), np.ones(3))": (ShapeError, "the same shape"),
    "ops.image.resize(np.ones((4, 4)), (2, 2))": (ShapeError, "Images"),
    "ops.image.resize(np.ones((4, 4, 1)), (2, 2), 'area')": (ArgumentError, "interpolation"),
    "ops.image.crop_images(np.ones((4, 4, 1)), 1, 1)": (ArgumentError, "exactly two"),
    "ops.image.crop_images(np.ones((4, 4, 1)), 5, 0, 0, 0)": (ArgumentError, "4 pixels"),
    "ops.image.rgb_to_hsv(np.ones((4, 4, 3), int))": (ArgumentError, "floats"),
    "ops.normalize(np.ones(2), order=0)": (ArgumentError, "order"),
    "ops.layer_normalization(np.ones(2), gama=1)": (ArgumentError, "gama"),
    "random.normal((2,), dtype='int32')": (ArgumentError, "floats"),
    "random.normal((2,), seed='one')": (ArgumentError, "seed"),
    "random.SeedGenerator(1.5)": (ArgumentError, "integer"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_bad_input(code):
    error, words = REFUSED[code]
    with pytest.raises(error, match=words.replace("(", r"\(").replace(")", r"\)")):
        exec(code, {"x": Input((4,)), "np": np, "jnp": jnp, "ops": ops, "random": random})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"class_name": "System"}, FileFormatError),
        ({"config": {"name": "add", "command": "ls"}}, FileFormatError),
        ({"module": "os", "registered_name": "os>system"}, UnsafeModelError),
    ],
)
def test_files_name_known_operations_only(changes, error):
    x = Input((4,))
    config = Model(x, x + 1).get_config()
    config["layers"][1] |= changes
    with pytest.raises(error):
        Model.from_config(config)


def test_random_numbers_of_a_layer_come_from_its_application():
    class Noise(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.generator = random.SeedGenerator(1)

        def call(self, x):
            return x + random.normal(x.shape) + random.uniform(x.shape, seed=self.generator)

    layer, x = Noise(), np.zeros((2, 3), "float32")
    layer(x)
    first, again, other = (
        layer.apply({}, {}, x, rng=jax.random.key(seed))[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_a_blur_is_a_gaussian_in_both_directions():
    image = np.zeros((7, 7, 1), "float32")
    image[3, 3] = 1
    found = np.asarray(ops.image.gaussian_blur(image, (5, 3), (2.0, 0.5)))[..., 0]
    down, across = (
        np.exp(-((np.arange(n) - n // 2) ** 2) / (2 * s**2)) for n, s in ((5, 2), (3, 0.5))
    )
    expected = np.outer(down / down.sum(), across / across.sum())
    np.testing.assert_allclose(found[1:6, 2:5], expected, atol=1e-6)
    bent = ops.image.elastic_transform(image, 2.0, 1.0, seed=3)
    np.testing.assert_array_equal(bent, ops.image.elastic_transform(image, 2.0, 1.0, seed=3))
    assert not np.allclose(bent, image)


@pytest.mark.parametrize(
    ("a", "b", "settings"),
    [
        ((2,), (2,), {}),
        ((4, 3), (4, 2), {}),
        ((4, 2), (4, 3), {}),
        ((3, 4), (4, 3), {"axisa": 0}),
        ((2, 4), (2, 4), {"axis": 0}),
        ((4, 3), (4, 2), {"axisc": 0}),
    ],
)
def test_cross_products_in_the_plane_and_in_space(a, b, settings):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(a).astype("float32"), rng.standard_normal(b).astype("float32")
    axes = {"axisa": -1, "axisb": -1, "axisc": -1} | settings
    if "axis" in settings:
        axes = dict.fromkeys(("axisa", "axisb", "axisc"), settings["axis"])

    def in_space(x, axis):
        x = np.moveaxis(x, axis, -1)
        return np.concatenate([x, np.zeros((*x.shape[:-1], 3 - x.shape[-1]))], -1)

    expected = np.cross(in_space(a, axes["axisa"]), in_space(b, axes["axisb"]))
    if a.shape[axes["axisa"]] == b.shape[axes["axisb"]] == 2:
        expected = expected[..., 2]
    else:
        expected = np.moveaxis(expected, -1, axes["axisc"])
    np.testing.assert_allclose(ops.cross(a, b, **settings), expected, rtol=1e-5, atol=1e-6)
