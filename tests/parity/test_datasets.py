"""Datasets in Keras's files, beside what Keras makes of them."""

from __future__ import annotations

import json
import pickle
import tarfile
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from kerasish.errors import ArgumentError, DatasetUnavailableError, FileFormatError

from .tools.oracle import keras, kerasish


def texts(rng: np.random.Generator, count: int) -> np.ndarray:
    lists = [rng.integers(1, 30, rng.integers(2, 9)).tolist() for _ in range(count)]
    array = np.empty(count, object)
    array[:] = lists
    return array


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a folder with small files of the names and forms of Keras's."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "datasets"
    folder.mkdir()
    labels = lambda n: np.arange(n) % 2
    np.savez(
        folder / "imdb.npz",
        x_train=texts(rng, 16),
        y_train=labels(16),
        x_test=texts(rng, 9),
        y_test=labels(9),
    )
    np.savez(folder / "reuters.npz", x=texts(rng, 21), y=np.arange(21))
    np.savez(folder / "boston_housing.npz", x=rng.normal(size=(9, 13)), y=np.arange(9.0))
    np.savez(folder / "california_housing.npz", x=rng.normal(size=(700, 8)), y=np.arange(700.0))
    for name in ("imdb", "reuters"):
        (folder / f"{name}_word_index.json").write_text(json.dumps({"the": 1, "a": 2}))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    # Keras would compare the checksums of its own files, and download those.
    for name in ("imdb", "reuters", "boston_housing", "california_housing"):
        module = import_module(f"keras.src.datasets.{name}")
        monkeypatch.setattr(module, "get_file", lambda fname, **_: str(folder / fname))
    return folder


def same(ours: Any, theirs: Any) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        for array, expected in zip(mine, other, strict=True):
            assert array.dtype == expected.dtype and len(array) == len(expected)
            assert array.tolist() == expected.tolist()


SETTINGS = [
    {},
    {"num_words": 10},
    {"skip_top": 5, "oov_char": None},
    {"maxlen": 6},
    {"start_char": None, "index_from": 0, "seed": 3},
]


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts(home, name):
    ours, theirs = getattr(kerasish.datasets, name), getattr(keras.datasets, name)
    for settings in SETTINGS:
        same(ours.load_data(**settings), theirs.load_data(**settings))
    same(ours.load_data(home / f"{name}.npz"), theirs.load_data())
    assert ours.get_word_index() == theirs.get_word_index() == {"the": 1, "a": 2}
    with pytest.raises(ArgumentError, match="maxlen=2"):
        ours.load_data(maxlen=2)


def test_topics():
    assert kerasish.datasets.reuters.get_label_names() == keras.datasets.reuters.get_label_names()


def test_tables(home):
    for name, settings in (
        ("boston_housing", {}),
        ("boston_housing", {"test_split": 0.5, "seed": 1}),
        ("california_housing", {}),
        ("california_housing", {"version": "small"}),
    ):
        ours, theirs = getattr(kerasish.datasets, name), getattr(keras.datasets, name)
        same(ours.load_data(**settings), theirs.load_data(**settings))
    for wrong in ({"version": "tiny"}, {"test_split": 1.5}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            kerasish.datasets.california_housing.load_data(**wrong)


def test_photographs(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets" / "cifar-100-python"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name, count in (("train", 4), ("test", 2)):
        found = {
            b"data": rng.integers(0, 256, (count, 3072), np.uint8),
            b"fine_labels": list(range(count)),
            b"coarse_labels": [7] * count,
        }
        (folder / name).write_bytes(pickle.dumps(found, protocol=2))
    unpacked = kerasish.datasets.cifar100.load_data()
    archive = tmp_path / "mine.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(folder, "cifar-100-python")
    same(kerasish.datasets.cifar100.load_data(path=archive), unpacked)
    (x, y), (x_test, _) = unpacked
    assert (x.shape, x.dtype, y.tolist()) == ((4, 32, 32, 3), "uint8", [[0], [1], [2], [3]])
    planes = pickle.loads((folder / "test").read_bytes())[b"data"].reshape(2, 3, 32, 32)
    np.testing.assert_array_equal(x_test[1, :, :, 2], planes[1, 2])
    assert kerasish.datasets.cifar100.load_data("coarse")[1][1].tolist() == [[7], [7]]
    with pytest.raises(ArgumentError, match="label_mode"):
        kerasish.datasets.cifar100.load_data("both")
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(FileFormatError):
        kerasish.datasets.cifar100.load_data(path=archive)


def test_files_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path))
    data = kerasish.datasets
    for load, origin in (
        (data.imdb.load_data, "storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz"),
        (data.reuters.get_word_index, "reuters_word_index.json"),
        (data.california_housing.load_data, "california_housing.npz"),
        (data.cifar100.load_data, "cs.toronto.edu/~kriz/cifar-100-python.tar.gz"),
    ):
        with pytest.raises(DatasetUnavailableError, match="Download") as caught:
            load()
        assert origin in str(caught.value) and "pass the path" in str(caught.value)


class Command:
    """A thing that runs a program when it is unpickled."""

    def __reduce__(self):
        return (print, ("it ran",))


def test_files_that_ask_for_more_than_data(tmp_path, capsys):
    array = np.empty(1, object)
    array[0] = Command()
    np.savez(tmp_path / "imdb.npz", x_train=array, y_train=[0], x_test=array, y_test=[0])
    with pytest.raises(FileFormatError, match="refers to builtins"):
        kerasish.datasets.imdb.load_data(tmp_path / "imdb.npz")
    (tmp_path / "test").write_bytes(pickle.dumps({b"data": Command()}))
    (tmp_path / "train").write_bytes(pickle.dumps({b"data": Command()}))
    with pytest.raises(FileFormatError, match="refers to builtins"):
        kerasish.datasets.cifar100.load_data(path=tmp_path)
    (tmp_path / "words.json").write_text("[1, 2]")
    with pytest.raises(FileFormatError, match="words and their indices"):
        kerasish.datasets.imdb.get_word_index(tmp_path / "words.json")
    (tmp_path / "half.npz").write_bytes((tmp_path / "imdb.npz").read_bytes()[:200])
    with pytest.raises(FileFormatError):
        kerasish.datasets.imdb.load_data(tmp_path / "half.npz")
    assert "it ran" not in capsys.readouterr().out
