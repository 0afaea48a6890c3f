"""Weights in shards, by name, and models in folders: both libraries read what either wrote."""

from __future__ import annotations

import json
import warnings

import jax
import numpy as np
import pytest

from kerasish.errors import (
    ArgumentError,
    FileFormatError,
    ShapeError,
    UnknownNameError,
    UnsafeModelError,
)

from .tools.oracle import close, draw, keras, kerasish

KB = 1 / 2**20  # of a GB


def made(k, compiled=True):
    """Return a model with a model in it, trained for a step."""
    inner = [k.Input((8,)), k.layers.Dense(6, name="first"), k.layers.BatchNormalization(name="bn")]
    stack = [k.Input((9,)), k.layers.Dense(8, name="start"), k.Sequential(inner, name="inner")]
    model = k.Sequential([*stack, k.layers.Dropout(0.1), k.layers.Dense(5, name="end")])
    if compiled:
        model.compile("adam", "mse")
        with jax.numpy_rank_promotion("allow"):
            model.train_on_batch(draw((4, 9)), draw((4, 5)))
    return model


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a model of each library and the listing of the shards it wrote."""
    found = {}
    for k in (kerasish, keras):
        folder = tmp_path_factory.mktemp("shards")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras's own
            model = made(k)
            model.save_weights(str(folder / "m.weights.json"), max_shard_size=1 * KB)
        found[k] = model, folder / "m.weights.json"
    return found


def test_shards_have_keras_s_layout(written):
    our_file, their_file = written[kerasish][1], written[keras][1]
    mine, other = (json.loads(file.read_text()) for file in (our_file, their_file))
    assert mine == other
    names = sorted(path.name for path in our_file.parent.iterdir())
    assert names == sorted(path.name for path in their_file.parent.iterdir())
    assert len(names) > 3


@pytest.mark.parametrize(("writer", "reader"), [(kerasish, keras), (keras, kerasish)])
def test_shards_cross(written, writer, reader):
    model, listing = written[writer]
    copy = made(reader)
    copy.load_weights(str(listing))
    close(copy.get_weights(), model.get_weights())
    close(
        [np.asarray(v) for v in copy.optimizer.variables],
        [np.asarray(v) for v in model.optimizer.variables],
    )


def test_shards_of_any_size(tmp_path):
    model = made(kerasish, compiled=False)
    model.save_weights(tmp_path / "a.weights.json")
    assert len(list(tmp_path.iterdir())) == 2
    model.save_weights(tmp_path / "b.weights.h5", max_shard_size=10)
    assert sorted(p.name for p in tmp_path.glob("b*")) == ["b.weights.json", "b_00000.weights.h5"]
    copy = made(kerasish, compiled=False)
    copy.load_weights(tmp_path / "b.weights.json")
    close(copy.get_weights(), model.get_weights())
    with pytest.raises(ArgumentError, match="'start' has 288 bytes; a shard may have 102"):
        model.save_weights(tmp_path / "c.weights.json", max_shard_size=0.1 * KB)
    with pytest.raises(ArgumentError, match="positive number of GB"):
        model.save_weights(tmp_path / "c.weights.json", max_shard_size=0)
    with pytest.raises(ArgumentError, match="max_shard_size requires"):
        model.save_weights(tmp_path / "c.safetensors", max_shard_size=1)
    assert not list(tmp_path.glob("c*"))


@pytest.mark.parametrize(
    ("listing", "error"),
    [
        ("{", FileFormatError),
        ("[]", FileFormatError),
        ('{"weight_map": 3}', FileFormatError),
        ('{"weight_map": {"/a": [3]}}', FileFormatError),
        ('{"weight_map": {"/a": "model.h5"}}', FileFormatError),
        ('{"weight_map": {"/a": ["../a.weights.h5"]}}', UnsafeModelError),
        ('{"weight_map": {"/a": ["/etc/a.weights.h5"]}}', UnsafeModelError),
        ('{"weight_map": {"/a": ["a\\\\b.weights.h5"]}}', UnsafeModelError),
        ('{"weight_map": {"/a": ["missing.weights.h5"]}}', FileFormatError),
        ('{"weight_map": {}}', ShapeError),
    ],
)
def test_listings_that_are_wrong(tmp_path, listing, error):
    model = made(kerasish, compiled=False)
    before = model.get_weights()
    (tmp_path / "m.weights.json").write_text(listing)
    with pytest.raises(error):
        model.load_weights(tmp_path / "m.weights.json")
    close(model.get_weights(), before)


def test_a_shard_that_is_missing_or_damaged(written, tmp_path):
    model, listing = written[kerasish]
    for path in listing.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    shard = tmp_path / "m_00001.weights.h5"
    shard.write_bytes(shard.read_bytes()[:100])
    with pytest.raises(FileFormatError):
        model.load_weights(tmp_path / "m.weights.json")
    shard.unlink()
    with pytest.raises(FileFormatError, match="m_00001"):
        model.load_weights(tmp_path / "m.weights.json")


def test_by_name(tmp_path):
    theirs = made(keras)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.save(tmp_path / "m.h5")
    dense = kerasish.layers.Dense
    ours = kerasish.Sequential(
        [kerasish.Input((9,)), dense(8, name="start"), dense(5, name="other"), dense(2, name="end")]
    )
    other = ours.get_layer("other").get_weights()
    with pytest.raises(ShapeError, match="'end'"):
        ours.load_weights(tmp_path / "m.h5", by_name=True)
    ours.load_weights(tmp_path / "m.h5", by_name=True, skip_mismatch=True)
    close(ours.get_layer("start").get_weights(), theirs.get_layer("start").get_weights())
    close(ours.get_layer("other").get_weights(), other)
    strangers = kerasish.Sequential([kerasish.Input((9,)), dense(8, name="stranger")])
    with pytest.raises(ShapeError, match="has stranger; the file has start, inner, end"):
        strangers.load_weights(tmp_path / "m.h5", by_name=True)
    ours.save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ArgumentError, match="by_name requires weights in legacy HDF5"):
        ours.load_weights(tmp_path / "m.weights.h5", by_name=True)
    ours.save(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match="by_name requires weights in legacy HDF5"):
        ours.load_weights(tmp_path / "m.keras", by_name=True)
    with pytest.raises(UnknownNameError, match="Did you mean 'by_name'"):
        ours.load_weights(tmp_path / "m.keras", by_nam=True)


@pytest.mark.parametrize(("writer", "reader"), [(kerasish, keras), (keras, kerasish)])
def test_models_in_folders(tmp_path, writer, reader):
    model = made(writer)
    model.save(str(tmp_path / "model"), zipped=False)
    copy = reader.saving.load_model(str(tmp_path / "model"))
    close(copy.get_weights(), model.get_weights())
    x = draw((2, 9))
    close(np.asarray(copy(x)), np.asarray(model(x)))
    assert type(copy.optimizer).__name__ == "Adam"


def test_folders_that_cannot_be(tmp_path):
    model = made(kerasish, compiled=False)
    with pytest.raises(ArgumentError, match="Use 'm'"):
        model.save(tmp_path / "m.keras", zipped=False)
    (tmp_path / "own").mkdir()
    with pytest.raises(ArgumentError, match="only the folder of a model is replaced"):
        model.save(tmp_path / "own", zipped=False)
    for _ in range(2):  # the second replaces the first
        model.save(tmp_path / "m", zipped=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "own"]
    with pytest.raises(ArgumentError, match="overwrite"):
        model.save(tmp_path / "m", overwrite=False, zipped=False)
    model.load_weights(tmp_path / "m")
    weights = tmp_path / "m" / "model.weights.h5"
    weights.rename(tmp_path / "elsewhere.h5")
    weights.symlink_to(tmp_path / "elsewhere.h5")
    with pytest.raises(UnsafeModelError, match="link"):
        kerasish.saving.load_model(tmp_path / "m")


@kerasish.saving.register_keras_serializable("forms")
class Keeper(kerasish.layers.Layer):
    """Keeps a word in a file, and a number among the weights."""

    number, word = 0.0, ""

    def call(self, x):
        return x + self.number

    def save_own_variables(self, store):
        store["number"] = np.float32(self.number)

    def load_own_variables(self, store):
        self.number = float(store["number"])

    def save_assets(self, inner_path):
        with open(f"{inner_path}/word.txt", "w") as file:
            file.write(self.word)

    def load_assets(self, inner_path):
        with open(f"{inner_path}/word.txt") as file:
            self.word = file.read()


def test_state_that_layers_keep_themselves(tmp_path):
    model = kerasish.Sequential([kerasish.Input((2,)), Keeper(), kerasish.layers.Dense(3)])
    keeper = model.layers[0]
    keeper.number, keeper.word = 2.5, "kept"
    model.save(tmp_path / "m", zipped=False)
    copy = kerasish.saving.load_model(tmp_path / "m")
    assert (copy.layers[0].number, copy.layers[0].word) == (2.5, "kept")
    model.save_weights(tmp_path / "m.weights.json", max_shard_size=25 / 2**30)
    assert len(list(tmp_path.glob("*.h5"))) == 3
    keeper.number = 0.0
    model.load_weights(tmp_path / "m.weights.json")
    assert keeper.number == 2.5
    word = next((tmp_path / "m").rglob("word.txt"))
    word.unlink()
    word.symlink_to("/etc/hostname")
    with pytest.raises(UnsafeModelError, match="not a regular file"):
        kerasish.saving.load_model(tmp_path / "m")


def test_old_arguments_of_save(tmp_path):
    model = made(kerasish)
    for name, form in (("m.keras", "keras"), ("m.h5", "h5"), ("m.hdf5", "hdf5")):
        model.save(tmp_path / name, include_optimizer=False, save_format=form)
        copy = kerasish.saving.load_model(tmp_path / name)
        assert not copy.compiled
        close(copy.get_weights(), model.get_weights())
    with pytest.raises(ArgumentError, match="The file extension determines the format"):
        model.save(tmp_path / "m.keras", save_format="tf")
    with pytest.raises(UnknownNameError, match=r"'options'.* Leave it out"):
        model.save(tmp_path / "m.keras", options=None)
