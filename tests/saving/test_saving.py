"""Files: what is saved comes back, Keras reads ours, we read Keras's, and nothing in one runs."""

from __future__ import annotations

import json
import os
import warnings
import zipfile

import h5py
import jax
import numpy as np
import pytest

import kerasish
from kerasish import Input, Model, Sequential, layers
from kerasish.errors import (
    ArgumentError,
    FileFormatError,
    NotBuiltError,
    NotCompiledError,
    ShapeError,
    UnsafeModelError,
)
from kerasish.saving import load_model

RNG = np.random.default_rng(0)
IMAGES = RNG.random((20, 8, 8, 1)).astype("float32")
LABELS = RNG.integers(0, 3, 20)


def convnet() -> Sequential:
    return Sequential(
        [
            Input((8, 8, 1)),
            layers.Rescaling(2.0, -1.0),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )


def graph() -> Model:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    shared = layers.Dense(3, activation="tanh")
    inner = Sequential([Input((3,)), layers.Dense(5), layers.LayerNormalization(), layers.Dense(3)])
    x = layers.Concatenate()([shared(b), shared(inner(b)), layers.Dense(2)(a)])
    x = layers.Add()([layers.Dense(8)(x), x])
    return Model([a, b], {"p": layers.Dense(1, name="p")(x), "q": layers.ReLU()(x)})


def embedding() -> Sequential:
    return Sequential(
        [
            Input((6,), dtype="int32"),
            layers.Embedding(10, 4, mask_zero=True),
            layers.Dense(3),
            layers.Reshape((9, 2)),
            layers.Activation("gelu"),
            layers.Flatten(),
            layers.Softmax(),
        ]
    )


def pools() -> Sequential:
    return Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False),
            layers.AveragePooling2D(2, padding="same"),
            layers.GlobalAveragePooling2D(keepdims=True),
        ]
    )


INPUTS = {
    convnet: IMAGES,
    graph: [RNG.random((5, 4)).astype("float32"), RNG.random((5, 3)).astype("float32")],
    embedding: RNG.integers(0, 10, (5, 6)).astype("int32"),
    pools: RNG.random((4, 8, 8, 2)).astype("float32"),
}
MODELS = pytest.mark.parametrize("make", list(INPUTS), ids=lambda make: make.__name__)


def assert_same(one, other, **tolerance):
    one, other = (x if isinstance(x, dict) else {"": x} for x in (one, other))
    assert set(one) == set(other)
    for key in one:
        np.testing.assert_allclose(one[key], np.asarray(other[key]), **tolerance)


@pytest.fixture
def keras():
    """Keras as it is: it broadcasts between ranks and warns about this and that."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with jax.numpy_rank_promotion("allow"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reason = "Keras is not installed, so its files are not read"
        yield pytest.importorskip("keras", reason=reason)


@MODELS
def test_a_saved_model_predicts_the_same(make, tmp_path):
    model = make()
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert again.get_config() == model.get_config()
    assert_same(model.predict(INPUTS[make], verbose=0), again.predict(INPUTS[make], verbose=0))


@MODELS
def test_keras_loads_ours(make, keras, tmp_path):
    model = make()
    model.save(tmp_path / "m.keras")
    theirs = keras.saving.load_model(tmp_path / "m.keras")
    predicted = theirs.predict(INPUTS[make], verbose=0)
    assert_same(model.predict(INPUTS[make], verbose=0), predicted, rtol=1e-4, atol=1e-6)


@MODELS
def test_we_load_keras(make, keras, tmp_path):
    model = make()
    model.save(tmp_path / "ours.keras")
    theirs = keras.saving.load_model(tmp_path / "ours.keras")
    theirs.set_weights([RNG.random(w.shape).astype("float32") for w in theirs.get_weights()])
    theirs.save(tmp_path / "theirs.keras")
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    again = load_model(tmp_path / "theirs.keras")
    predicted = theirs.predict(INPUTS[make], verbose=0)
    assert_same(again.predict(INPUTS[make], verbose=0), predicted, rtol=1e-4, atol=1e-6)
    model.load_weights(tmp_path / "theirs.weights.h5")
    assert_same(model.predict(INPUTS[make], verbose=0), predicted, rtol=1e-4, atol=1e-6)


OPTIMIZERS = {
    "sgd": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    "adam": {"learning_rate": 0.01, "amsgrad": True, "weight_decay": 0.01},
    "adamw": {"learning_rate": 0.01},
    "rmsprop": {"learning_rate": 0.01, "momentum": 0.5, "centered": True, "clipnorm": 1.0},
}
CLASSES = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_as_if_never_saved(name, keras, tmp_path):
    """Ours goes on, ours loaded goes on, and Keras goes on from the file: all the same."""
    model = Sequential([Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    optimizer = getattr(kerasish.optimizers, CLASSES[name])(**OPTIMIZERS[name])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(IMAGES, LABELS, batch_size=8, epochs=2, verbose=0)
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    theirs = keras.saving.load_model(tmp_path / "m.keras")
    settings = {"batch_size": 8, "epochs": 3, "verbose": 0, "shuffle": False}
    expected = model.fit(IMAGES, LABELS, **settings).history
    assert again.fit(IMAGES, LABELS, **settings).history == expected
    assert again.optimizer.iterations.numpy() == model.optimizer.iterations.numpy() == 15
    for key, values in theirs.fit(IMAGES, LABELS, **settings).history.items():
        np.testing.assert_allclose(values, expected[key], rtol=1e-4)
    theirs.save(tmp_path / "theirs.keras")
    back = load_model(tmp_path / "theirs.keras")
    assert_same(
        back.fit(IMAGES, LABELS, **settings).history,
        theirs.fit(IMAGES, LABELS, **settings).history,
        rtol=1e-4,
    )


def test_a_schedule_goes_on_where_it_was(tmp_path):
    model = convnet()
    schedule = kerasish.optimizers.schedules.CosineDecay(0.1, 100)
    model.compile(kerasish.optimizers.SGD(schedule), "sparse_categorical_crossentropy")
    model.fit(IMAGES, LABELS, verbose=0, epochs=4)
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert float(again.optimizer.learning_rate) == float(model.optimizer.learning_rate) < 0.1


@kerasish.saving.register_keras_serializable("test")
class Block(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.stack = [layers.Dense(units), layers.Dense(units)]

    def build(self, input_shape):
        self.shift = self.add_weight((self.units,), "ones", name="shift")

    def call(self, x):
        return self.stack[1](self.stack[0](x)) + self.shift.value[None]


@kerasish.saving.register_keras_serializable("test")
class Net(Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.block = Block(3)
        self.top = layers.Dense(1)

    def call(self, x):
        return self.top(self.block(x))


def test_custom_classes_come_back_if_they_are_registered(tmp_path):
    model = Net()
    x = np.ones((2, 3), "float32")
    expected = model(x)
    model.save(tmp_path / "m.keras")
    assert_same(load_model(tmp_path / "m.keras")(x), expected)
    with h5py.File(tmp_path / "w.h5", "w"), zipfile.ZipFile(tmp_path / "m.keras") as archive:
        archive.extract("model.weights.h5", tmp_path)
    with h5py.File(tmp_path / "model.weights.h5") as h5:
        assert "block/stack/dense_1/vars/0" in h5
        assert "layers/dense/vars/0" in h5  # the top: `layers` comes before it by name, as in Keras


def test_keras_reads_weights_of_a_subclassed_model(keras, tmp_path):
    class KerasBlock(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units
            self.stack = [keras.layers.Dense(units), keras.layers.Dense(units)]

        def build(self, input_shape):
            self.shift = self.add_weight((self.units,), "ones", name="shift")
            super().build(input_shape)

        def call(self, x):
            return self.stack[1](self.stack[0](x)) + self.shift

    class KerasNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.block = KerasBlock(3)
            self.top = keras.layers.Dense(1)

        def call(self, x):
            return self.top(self.block(x))

    x = np.ones((2, 3), "float32")
    ours, theirs = Net(), KerasNet()
    expected = ours(x)
    theirs(x)
    ours.save_weights(tmp_path / "m.weights.h5")
    theirs.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_allclose(theirs(x), expected, rtol=1e-5)
    theirs.save_weights(tmp_path / "t.weights.h5")
    fresh = Net()
    fresh(x)
    fresh.load_weights(tmp_path / "t.weights.h5")
    np.testing.assert_array_equal(fresh(x), expected)


def test_an_optax_optimizer_is_left_out_with_a_word(tmp_path):
    import optax

    model = convnet()
    model.compile(optax.adam(1e-3), "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match="Compile again"):
        model.save(tmp_path / "m.keras")
    assert not load_model(tmp_path / "m.keras").compiled


# Mistakes.


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    model = convnet()
    path = tmp_path / "m.keras"
    model.save(path)
    before = path.read_bytes()

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full_disk)
    with pytest.raises(OSError, match="No space"):
        model.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


@pytest.mark.parametrize("name", ["m", "m.safetensors", "m.h5.txt"])
def test_a_model_goes_into_a_file_of_its_kind(name, tmp_path):
    with pytest.raises(ArgumentError, match=r"must end in '\.keras' or '\.h5' or '\.hdf5'"):
        convnet().save(tmp_path / name)


def test_no_overwriting_unasked(tmp_path):
    model = convnet()
    model.save(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match="exists already"):
        model.save(tmp_path / "m.keras", overwrite=False)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ArgumentError, match="There is no folder"):
        convnet().save(tmp_path / "nowhere" / "m.keras")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)  # root may write everywhere
    with pytest.raises(ArgumentError, match="is not writable"):
        convnet().save(tmp_path / "m.keras")


def test_an_unbuilt_model_has_nothing_to_save(tmp_path):
    model = Sequential([layers.Dense(2)])
    with pytest.raises(NotBuiltError, match="call it on data"):
        model.save(tmp_path / "m.keras")
    with pytest.raises(NotBuiltError, match="input shape"):
        (tmp_path / "w.weights.h5").touch()
        model.load_weights(tmp_path / "w.weights.h5")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"\x89HDF\r\n\x1a\n" + b"\0" * 100])
def test_a_file_that_is_none(content, tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"m\.keras"):
        load_model(path)
    model = convnet()
    before = model.get_weights()
    with pytest.raises(FileFormatError):
        model.load_weights(path)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileFormatError, match="There is no file"):
        load_model(tmp_path / "m.keras")


def test_weights_of_another_model_change_nothing(tmp_path):
    convnet().save_weights(tmp_path / "m.weights.h5")
    other = Sequential([Input((8, 8, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(7)])
    before = other.get_weights()
    with pytest.raises(ShapeError, match="'dense'"):
        other.load_weights(tmp_path / "m.weights.h5")
    for one, now in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, now)
    other.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    assert not np.array_equal(before[0], other.get_weights()[0])  # the convolution fits


def rewrite(path, change):
    """Change the config of a file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_a_file_cannot_name_any_function(tmp_path):
    path = tmp_path / "m.keras"
    convnet().save(path)
    marker = tmp_path / "ran"

    def attack(config):
        config["config"]["layers"][1] = {
            "module": "os",
            "class_name": "function",
            "config": "system",
            "registered_name": f"touch {marker}",
        }

    rewrite(path, attack)
    with pytest.raises(UnsafeModelError, match="'system'"):
        load_model(path)
    assert not marker.exists()


def test_a_lambda_is_loaded_only_where_trusted(tmp_path):
    path = tmp_path / "m.keras"
    model = Sequential([Input((3,)), layers.Lambda(lambda x: x * 2.0)])
    with pytest.warns(UserWarning, match="safe_mode=False"):
        model.save(path)
    with pytest.raises(UnsafeModelError, match="Lambda"):
        load_model(path)
    trusted = load_model(path, safe_mode=False)
    assert trusted(np.ones((1, 3), "float32")).tolist() == [[2.0, 2.0, 2.0]]


def test_an_unregistered_class_is_named(tmp_path):
    class Mine(layers.Layer):
        def call(self, x):
            return x

    path = tmp_path / "m.keras"
    Sequential([Input((3,)), Mine()]).save(path)
    with pytest.raises(UnsafeModelError, match=r"'Mine'.*register"):
        load_model(path)
    assert load_model(path, custom_objects={"Mine": Mine}).built


def test_links_in_a_weights_file_are_not_followed(tmp_path):
    path = tmp_path / "m.weights.h5"
    model = convnet()
    model.save_weights(path)
    with h5py.File(tmp_path / "secret.h5", "w") as h5:
        h5["x"] = np.zeros((3, 3, 1, 4), "float32")
    with h5py.File(path, "a") as h5:
        del h5["layers/conv2d/vars/0"]
        h5["layers/conv2d/vars/0"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "x")
    with pytest.raises(UnsafeModelError, match="link"):
        model.load_weights(path)


def test_a_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "m.keras"
    convnet().save(path)
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", b"\0" * 50_000_000)
    with pytest.raises(FileFormatError, match="implausible size"):
        load_model(path)


def test_a_graph_at_the_end_of_another_goes_both_ways(keras, tmp_path):
    a, b = Input((4,)), Input((4,))
    inner = Model(b, layers.Dense(2)(b), name="inner")
    model = Model(a, inner(layers.Dense(4)(a)))
    x = RNG.random((3, 4)).astype("float32")
    model.save(tmp_path / "m.keras")
    theirs = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(theirs.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5)
    theirs.save(tmp_path / "t.keras")
    again = load_model(tmp_path / "t.keras")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5)


# What Keras writes into the calls of a graph


def keras_graphs(k):
    tokens, x = k.Input((5,), dtype="int32"), k.Input((6,))
    embedded = k.layers.Embedding(7, 4, mask_zero=True)(tokens)
    recurrent = k.layers.LSTM(3, dropout=0.5)(embedded)
    dense = k.layers.Dropout(0.5)(k.layers.Dense(8, activation="relu")(x))
    normal = k.layers.BatchNormalization()(dense)
    yield (
        k.Model(tokens, k.layers.Dense(2)(recurrent)),
        np.array([[1, 2, 3, 0, 0], [4, 5, 6, 1, 2]]),
    )
    yield k.Model(x, k.layers.Dense(2)(normal)), RNG.random((4, 6)).astype("float32")


@pytest.mark.parametrize("number", [0, 1])
def test_masks_and_training_flags_of_keras_files(number, keras, tmp_path):
    theirs, x = list(keras_graphs(keras))[number]
    theirs.save(tmp_path / "theirs.keras")
    ours = kerasish.saving.load_model(tmp_path / "theirs.keras")
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-5)
    # Dropout drops in training, and only then.
    trained = [np.asarray(ours(x, training=True)) for _ in range(2)]
    assert not np.allclose(*trained)
    np.testing.assert_array_equal(ours(x), ours(x))
    ours.save(tmp_path / "ours.keras")
    again = keras.models.load_model(tmp_path / "ours.keras")
    np.testing.assert_allclose(again.predict(x, verbose=0), ours.predict(x, verbose=0), atol=1e-5)


def test_a_training_flag_that_was_given_stays(tmp_path):
    x = kerasish.Input((6,))
    fixed = kerasish.layers.Dropout(0.5)(x, training=False)
    always = kerasish.layers.Dropout(0.5)(fixed, training=True)
    data = np.ones((4, 6), "float32")
    for output, changes in ((fixed, False), (always, True)):
        kerasish.Model(x, output).save(tmp_path / "model.keras")
        loaded = kerasish.saving.load_model(tmp_path / "model.keras")
        for training in (True, False):
            found = np.asarray(loaded(data, training=training))
            assert np.array_equal(found, data) != changes


def test_predict_does_not_compile(tmp_path):
    model = Sequential([Input((3,)), layers.Dense(2)])
    described = model.to_json()
    model.predict(np.ones((2, 3), "float32"), verbose=0)
    model.predict_on_batch(np.ones((2, 3), "float32"))
    assert not model.compiled and model.to_json() == described
    model.save(tmp_path / "m.keras")
    assert not load_model(tmp_path / "m.keras").compiled
    with pytest.raises(NotCompiledError, match="before `evaluate`"):
        model.evaluate(np.ones((2, 3)), np.ones((2, 2)), verbose=0)
    model.compile("adam", "mse")
    model.fit(np.ones((2, 3)), np.ones((2, 2)), verbose=0)
    assert model.compiled and len(model.optimizer.variables) == 6
