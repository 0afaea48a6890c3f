"""What classes keep in files by hooks of their own, in Keras and here."""

from __future__ import annotations

import json
import os
import zipfile

import numpy as np
import pytest

from kerasish.errors import ArgumentError, FileFormatError, ShapeError, UnsafeModelError

from .tools.oracle import keras, kerasish

LIBRARIES = (keras, kerasish)
X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


def classes(library):
    """Return the same classes, derived from those of a library and registered there."""
    register = library.saving.register_keras_serializable(package="hooks")
    calls = []

    @register
    class Words(library.layers.Layer):
        def __init__(self, words=(), **kwargs):
            super().__init__(**kwargs)
            self.words, self.seen = list(words), np.zeros(2)

        def build(self, input_shape):
            self.kernel = self.add_weight((input_shape[-1], 2), name="kernel")

        def call(self, inputs):
            return inputs @ self.kernel

        def save_own_variables(self, store):
            super().save_own_variables(store)
            store["seen"] = self.seen

        def load_own_variables(self, store):
            self.seen = np.array(store["seen"])
            super().load_own_variables({"0": store["0"]})

        def save_assets(self, dir_path):
            os.mkdir(os.path.join(dir_path, "more"))
            with open(os.path.join(dir_path, "more", "words.txt"), "w") as file:
                file.write("\n".join(self.words))

        def load_assets(self, dir_path):
            with open(os.path.join(dir_path, "more", "words.txt")) as file:
                self.words = file.read().split("\n")

        def get_build_config(self):
            return super().get_build_config() | {"note": [1, None]}

        def build_from_config(self, config):
            calls.append(config["note"])
            super().build_from_config(config)

    @register
    class Net(library.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.words, self.top = Words(["a", "b"]), library.layers.Dense(1)

        def build(self, input_shape):
            self.words.build(input_shape)
            self.top.build((None, 2))
            self.built = True

        def call(self, inputs):
            return self.top(self.words(inputs))

        def get_compile_config(self):
            return {"rate": 0.25}

        def compile_from_config(self, config):
            self.compile(library.optimizers.SGD(clipnorm=config["rate"]), "mse")

        def save_assets(self, dir_path):
            with open(os.path.join(dir_path, "net.txt"), "w") as file:
                file.write("net")

        def load_assets(self, dir_path):
            calls.append(sorted(os.listdir(dir_path)))

    @register
    class Counting(library.optimizers.SGD):
        count = 0

        def save_own_variables(self, store):
            super().save_own_variables(store)
            store["count"] = np.array([self.count])

        def load_own_variables(self, store):
            self.count = int(store["count"][0])
            super().load_own_variables({k: store[k] for k in set(store.keys()) - {"count"}})

    return Words, Net, Counting, calls


CLASSES = {library: classes(library) for library in LIBRARIES}


@pytest.mark.parametrize("writer", LIBRARIES)
def test_a_layer_and_an_optimizer(writer, tmp_path):
    words, _, counting, _ = CLASSES[writer]
    layers = [words(["x", "y"], name="words"), writer.layers.Dense(1)]
    before = writer.Sequential([writer.Input((3,)), *layers])
    before.compile(counting(0.1, momentum=0.5), "mse")
    before.fit(X, Y, batch_size=2, verbose=0)
    before.layers[0].seen, before.optimizer.count = np.array([3.0, 4.0]), 7
    before.save(tmp_path / "m.keras")
    before.save_weights(tmp_path / "m.weights.h5")
    before.save_weights(tmp_path / "s.weights.json", max_shard_size=1e-6)
    expected = before.predict(X, verbose=0)
    for reader in LIBRARIES:
        *_, calls = CLASSES[reader]
        calls.clear()
        after = reader.saving.load_model(tmp_path / "m.keras")
        assert calls == [[1, None]]
        assert after.layers[0].words == ["x", "y"] and after.layers[0].seen.tolist() == [3, 4]
        assert after.optimizer.count == 7 and int(after.optimizer.iterations.numpy()) == 2
        for ours, theirs in zip(after.optimizer.variables, before.optimizer.variables, strict=True):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
        np.testing.assert_allclose(after.predict(X, verbose=0), expected, rtol=1e-5)
        for name in ("m.weights.h5", "s.weights.json"):
            after.layers[0].seen, after.layers[0].words = np.zeros(2), []
            after.load_weights(tmp_path / name)
            assert after.layers[0].seen.tolist() == [3, 4] and after.layers[0].words == []


@pytest.mark.parametrize("writer", LIBRARIES)
@pytest.mark.parametrize("reader", LIBRARIES)
def test_a_model(tmp_path, writer, reader):
    model = CLASSES[writer][1]()
    model.build((None, 3))
    model.compile("sgd", "mse")
    model.words.seen = np.array([5.0, 6.0])
    model.save(tmp_path / "m.keras")
    *_, calls = CLASSES[reader]
    calls.clear()
    after = reader.saving.load_model(tmp_path / "m.keras")
    assert calls[-1] == ["layers", "net.txt"]
    assert after.words.words == ["a", "b"] and after.words.seen.tolist() == [5, 6]
    assert after.optimizer.clipnorm == 0.25
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("assets"))
        compiled = json.loads(archive.read("config.json"))["compile_config"]
    assert names == ["assets/layers/words/more/words.txt", "assets/net.txt"]
    assert compiled == {"rate": 0.25}


def test_a_model_in_a_folder(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), CLASSES[kerasish][0](["p", "q"])])
    model.save(tmp_path / "m", zipped=False)
    assert kerasish.saving.load_model(tmp_path / "m").layers[0].words == ["p", "q"]
    os.symlink("/etc/passwd", tmp_path / "m" / "assets" / "link")
    with pytest.raises(UnsafeModelError, match="link"):
        kerasish.saving.load_model(tmp_path / "m")
    with pytest.raises(ArgumentError, match="safetensors files do not support"):
        model.save_weights(tmp_path / "m.safetensors")


def test_what_a_config_holds(tmp_path):
    def double(x):
        return 2 * x

    kinds = {}
    for library in LIBRARIES:
        register = library.saving.register_keras_serializable(package="hooks")

        @register
        class Holds(library.layers.Layer):
            found = []  # noqa: RUF012

            def __init__(self, held=None, **kwargs):
                super().__init__(**kwargs)
                self.held = held

            def build(self, input_shape):
                self.built = True

            def call(self, inputs):
                return inputs

            def get_config(self):
                return super().get_config() | {"held": self.held}

            @classmethod
            def from_config(cls, config):
                cls.found.append(config.pop("held"))
                return cls(**config)

        register(double)
        held = {
            "layers": [library.layers.Dense(2, name="a"), None],
            "table": {"b": library.layers.ReLU(name="b")},
            "array": np.arange(3.0),
            "device": library.ops.ones(2),
            "function": double,
            "known": library.activations.relu,
            "policy": library.DTypePolicy("mixed_bfloat16"),
            "initializer": library.initializers.Zeros(),
            "numbers": (np.float32(2.0), np.int64(3)),
        }
        model = library.Sequential([library.Input((3,)), Holds(held)])
        model.save(tmp_path / "m.keras")
        library.saving.load_model(tmp_path / "m.keras")
        (kinds[library],) = Holds.found
    theirs = json.loads(json.dumps(kinds[keras]), object_hook=without_ids)
    ours = json.loads(json.dumps(kinds[kerasish]), object_hook=without_ids)
    assert ours == theirs
    made = kerasish.saving.deserialize_keras_object(kinds[kerasish])
    assert made["layers"][0].units == 2 and made["function"](2) == 4
    assert made["known"] is kerasish.activations.relu


def without_ids(config):
    """Leave out what only says which objects are one, and what a layer of Keras adds."""
    left_out = ("shared_object_id", "input_axes", "output_axes", "quantization_config")
    left_out += ("activity_regularizer",)  # of Dense
    return {key: value for key, value in config.items() if key not in left_out}


def failing(hook):
    """Return a model whose layer fails in a hook."""

    @kerasish.saving.register_keras_serializable(package="hooks", name="Failing")
    class Failing(kerasish.layers.Dense):
        def save_own_variables(self, store):
            super().save_own_variables(store)
            if hook == "texts":
                store["words"] = ["a"]
            if hook == "names":
                store["a/b"] = np.ones(1)

        def load_own_variables(self, store):
            super().load_own_variables(store)
            if hook == "load":
                raise RuntimeError("no")
            if hook == "shape":
                raise ShapeError("another")

        def save_assets(self, dir_path):
            if hook == "link":
                os.symlink("/etc/passwd", os.path.join(dir_path, "link"))

    return kerasish.Sequential([kerasish.Input((3,)), kerasish.layers.Dense(2), Failing(1)])


@pytest.mark.parametrize(
    ("hook", "words"),
    [("texts", "'words' with dtype"), ("names", "'a/b'"), ("link", "a symbolic link")],
)
def test_what_cannot_be_kept(tmp_path, hook, words):
    with pytest.raises(ArgumentError, match=words):
        failing(hook).save(tmp_path / "m.keras")
    assert not list(tmp_path.iterdir())


def test_a_hook_that_fails_changes_nothing(tmp_path):
    failing(None).save_weights(tmp_path / "m.weights.h5")
    for hook, error in (("load", FileFormatError), ("shape", ShapeError)):
        model = failing(hook)
        before = model.get_weights()
        with pytest.raises(error):
            model.load_weights(tmp_path / "m.weights.h5")
        for ours, kept in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(ours, kept)
    model.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    assert not np.array_equal(model.get_weights()[0], before[0])
