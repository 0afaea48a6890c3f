"""Checkpoints of `OrbaxCheckpoint`: the folders, and who can read them."""

from __future__ import annotations

import numpy as np
import pytest

from kerasish.errors import ArgumentError, FileFormatError, ShapeError, UnsafeModelError

from .tools.oracle import keras, kerasish

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X[:, :1]

pytestmark = [
    pytest.mark.filterwarnings("ignore:Sharding info not provided"),
    pytest.mark.filterwarnings("ignore:.*mtime.*"),
]


def build(lib, seed=1):
    lib.utils.set_random_seed(seed)
    # Keras finds weights by the names of layers, and numbers these in a process.
    stack = [
        lib.Input((4,)),
        lib.layers.Dense(3, use_bias=False, name="first"),
        lib.layers.BatchNormalization(name="norm"),
        lib.layers.Dense(1, name="last"),
    ]
    model = lib.Sequential(stack, name="net")
    model.compile("adam", "mse", metrics=["mae"])
    return model


def trained(lib, folder, epochs=3, **options):
    model = build(lib)
    keep = lib.callbacks.OrbaxCheckpoint(str(folder), monitor="loss", **options)
    model.fit(X, Y, 8, epochs=epochs, verbose=0, callbacks=[keep])
    return model


def names(folder):
    return sorted((path.name for path in folder.iterdir() if path.name.isdigit()), key=int)


def predicted(model):
    return model.predict(X, verbose=0)


@pytest.mark.parametrize(
    "options",
    [{}, {"max_to_keep": 2}, {"save_freq": 3, "max_to_keep": None}, {"save_weights_only": True}],
    ids=str,
)
def test_both_make_the_same_folders(options, tmp_path):
    trained(keras, tmp_path / "theirs", **options)
    trained(kerasish, tmp_path / "ours", **options)
    ours, theirs = names(tmp_path / "ours"), names(tmp_path / "theirs")
    assert ours == theirs
    own = {"run", "checksums.json"}
    inside = [
        {path.name for path in (tmp_path / lib / theirs[-1]).iterdir()} - own
        for lib in ("ours", "theirs")
    ]
    assert inside[0] == inside[1]


def test_ours_reads_what_keras_wrote_and_trains_on(tmp_path):
    theirs = trained(keras, tmp_path)
    ours = kerasish.saving.load_model(tmp_path)
    np.testing.assert_allclose(predicted(ours), predicted(theirs), atol=1e-6)
    assert int(ours.optimizer.iterations) == int(theirs.optimizer.iterations) == 12
    for model in (ours, theirs):
        model.fit(X, Y, 8, epochs=2, verbose=0, shuffle=False)
    np.testing.assert_allclose(predicted(ours), predicted(theirs), atol=1e-5)
    other = build(kerasish, 5)
    other.load_weights(tmp_path / "2")
    again = kerasish.saving.load_model(tmp_path / "2", compile=False)
    np.testing.assert_array_equal(predicted(other), predicted(again))


def test_keras_reads_what_we_wrote(tmp_path):
    ours = trained(kerasish, tmp_path)
    theirs = build(keras, 7)
    theirs.load_weights(str(tmp_path))
    np.testing.assert_allclose(predicted(theirs), predicted(ours), atol=1e-6)
    # Keras 3.15 leaves the weights of a Sequential as they were drawn, its own folders' too.
    again = keras.saving.load_model(str(tmp_path))
    assert int(again.optimizer.iterations) == 12


def test_only_the_best_is_saved(tmp_path):
    model = build(kerasish)
    keep = kerasish.callbacks.OrbaxCheckpoint(
        tmp_path, "loss", save_best_only=True, mode="max", save_on_background=False, verbose=0
    )
    history = model.fit(X, Y, 8, epochs=3, verbose=0, callbacks=[keep])
    assert names(tmp_path) == [str(np.argmax(history.history["loss"]))]


def test_what_cannot_be_read_is_told(tmp_path):
    trained(kerasish, tmp_path / "a", save_weights_only=True)
    with pytest.raises(FileFormatError, match="weights only"):
        kerasish.saving.load_model(tmp_path / "a")
    other = kerasish.Sequential([kerasish.Input((4,)), kerasish.layers.Dense(9)])
    before = other.get_weights()
    with pytest.raises(ShapeError, match="of another model"):
        other.load_weights(tmp_path / "a")
    np.testing.assert_array_equal(other.get_weights()[0], before[0])
    trained(kerasish, tmp_path / "b")
    config = tmp_path / "b" / "2" / "model_config" / "_strings.json"
    config.write_text(config.read_text().replace("Dense", "Danger"))
    with pytest.raises(FileFormatError, match="not as it was written"):
        kerasish.saving.load_model(tmp_path / "b")
    (tmp_path / "b" / "2" / "checksums.json").unlink()
    with pytest.raises(UnsafeModelError, match="Danger"):
        kerasish.saving.load_model(tmp_path / "b")
    with pytest.raises(ArgumentError, match="save_freq"):
        kerasish.callbacks.OrbaxCheckpoint(tmp_path, save_freq="day")
    with pytest.raises(FileFormatError, match="is a folder"):
        kerasish.saving.load_model(tmp_path)
