"""Helpers: arrays, datasets, files, images, settings for the process."""

from __future__ import annotations

import hashlib
import io
import tarfile
import wave
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish
from kerasish import config, layers, utils
from kerasish.core.settings import process_settings
from kerasish.errors import (
    ArgumentError,
    DataError,
    DatasetUnavailableError,
    KerasishError,
    UnsafeModelError,
)

R = np.random.default_rng(0)


def check_error(
    error: type[KerasishError], part: str, function: Any, *args: Any, **kwargs: Any
) -> None:
    """Check that a call is refused with a sentence that holds a part."""
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    assert part in str(caught.value) and str(caught.value).endswith(".")


# Arrays


def test_mistakes_with_arrays():
    check_error(DataError, "3 classes", utils.to_categorical, [5], 3)
    check_error(ArgumentError, "'pre' or 'post'", utils.pad_sequences, [[1]], padding="x")
    check_error(ArgumentError, "dtype=object", utils.pad_sequences, [["a"]], value="x")
    check_error(DataError, "same shape", utils.pad_sequences, [[1], [[2, 3]]])
    check_error(DataError, "sequences", utils.pad_sequences, [1, 2])
    check_error(DataError, "4 parts", utils.unpack_x_y_sample_weight, (1, 2, 3, 4))
    check_error(ArgumentError, "'float'", utils.standardize_dtype, "float")


# Datasets


class Counted(utils.PyDataset):
    """Three batches, and what was done to them."""

    def __init__(self) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=3)
        self.seen: list[Any] = []

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        self.seen.append(index)
        return np.full((2, 3), index, "float32"), np.zeros((2, 1), "float32")

    def on_epoch_begin(self) -> None:
        self.seen.append("begin")

    def on_epoch_end(self) -> None:
        self.seen.append("end")


class Endless(utils.PyDataset):
    def __getitem__(self, index: int) -> Any:
        return np.full((2, 3), index, "float32"), np.zeros((2, 1), "float32")


@pytest.fixture
def model() -> Any:
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_fit_takes_datasets(model):
    data = Counted()
    model.fit(data, epochs=2, verbose=0, shuffle=False)
    begins = [i for i, each in enumerate(data.seen) if each == "begin"]
    assert [data.seen[i + 1 : i + 5] for i in begins] == [[0, 1, 2, "end"]] * 2
    assert len(list(Counted())) == 3 and Counted().workers == 2
    history = model.fit(Endless(), steps_per_epoch=2, verbose=0)
    assert len(history.history["loss"]) == 1 and Endless().num_batches is None
    x = R.normal(size=(9, 3)).astype("float32")
    windows = utils.timeseries_dataset_from_array(x[:, 0], x[:, 1], 3, batch_size=2)
    model.fit(windows, epochs=2, verbose=0)
    assert model.predict(windows, verbose=0).shape == (7, 1)
    assert utils.Sequence is utils.PyDataset


def test_the_order_of_a_series_is_kept(model):
    windows = utils.timeseries_dataset_from_array(np.arange(10.0), None, 3, batch_size=1)
    seen: list[float] = []
    gather = windows._gather
    windows._gather = lambda n: (seen.append(float(gather(n)[0, 0])), (gather(n), [[0.0]]))[1]
    model.fit(windows, verbose=0)
    assert seen[-8:] == list(range(8))


def test_timeseries():
    def starts(**kwargs: Any) -> list[Any]:
        given = {"sequence_length": 3, "batch_size": 4} | kwargs
        made = utils.timeseries_dataset_from_array(np.arange(10), None, **given)
        return [batch.tolist() for batch in made]

    assert [len(batch) for batch in starts()] == [4, 4]
    assert starts(sequence_stride=4) == [[[0, 1, 2], [4, 5, 6]]]
    assert starts(sampling_rate=4) == [[[0, 4, 8], [1, 5, 9]]]
    assert starts(start_index=2, end_index=6) == [[[2, 3, 4], [3, 4, 5]]]
    assert starts(batch_size=None)[3] == [3, 4, 5]
    made = utils.timeseries_dataset_from_array(
        np.arange(10), np.arange(5) * 10, 2, shuffle=True, seed=1
    )
    first, second = made[0], (made.on_epoch_end(), made[0])[1]
    assert sorted(first[1].tolist()) == [0, 10, 20, 30, 40]
    assert first[1].tolist() != second[1].tolist()
    np.testing.assert_array_equal(first[0][:, 0] * 10, first[1])
    check_error(
        DataError, "does not fit", utils.timeseries_dataset_from_array, np.arange(2), None, 3
    )
    check_error(ArgumentError, "sampling_rate", starts, sampling_rate=0)
    check_error(ArgumentError, "batch_size", starts, batch_size=0)


def test_split_dataset():
    left, right = utils.split_dataset(np.arange(10), 0.7)
    assert (left.tolist(), right.tolist()) == (list(range(7)), [7, 8, 9])
    left, right = utils.split_dataset([1, 2, 3, 4], right_size=1)
    assert (left.tolist(), right.tolist()) == ([1, 2, 3], [4])
    left, right = utils.split_dataset({"a": np.arange(10)}, 0.5, 0.2)
    assert (left["a"].tolist(), right["a"].tolist()) == ([0, 1, 2, 3, 4], [5, 6])
    (x, y), (_, rest) = utils.split_dataset((np.arange(6), np.arange(6) * 2), 4, None, True, 3)
    np.testing.assert_array_equal(x * 2, y)
    assert sorted([*y, *rest]) == [0, 2, 4, 6, 8, 10] and y.tolist() != [0, 2, 4, 6]
    first, second = utils.split_dataset(Counted(), 2)
    assert [b[0][0, 0] for b in first] == [0, 1] and [b[0][0, 0] for b in second] == [2]
    check_error(ArgumentError, "needs left_size", utils.split_dataset, np.arange(4))
    check_error(ArgumentError, "cannot be split", utils.split_dataset, np.arange(4), 5)
    check_error(ArgumentError, "fraction", utils.split_dataset, np.arange(4), 1.5)
    check_error(
        DataError, "same number of samples", utils.split_dataset, (np.ones(3), np.ones(4)), 2
    )
    check_error(DataError, "no length", utils.split_dataset, Endless(), 2)


@pytest.fixture
def pictures(tmp_path):
    for name, count in (("cats", 3), ("dogs", 5)):
        (tmp_path / name).mkdir()
        for i in range(count):
            utils.save_img(tmp_path / name / f"{i}.png", np.full((4, 6, 3), 9.0 * i), scale=False)
    return tmp_path


def test_images_in_a_directory(pictures, capsys):
    read = utils.image_dataset_from_directory
    data = read(pictures, image_size=(2, 2), batch_size=3, shuffle=False)
    assert capsys.readouterr().out == "Found 8 files belonging to 2 classes.\n"
    assert [y.tolist() for _, y in data] == [[0, 0, 0], [1, 1, 1], [1, 1]]
    assert data[1][0].shape == (3, 2, 2, 3) and data[1][0].dtype == "float32"
    assert data[1][0][:, 0, 0, 0].tolist() == [0, 9, 18] and len(data.file_paths) == 8
    some = {"image_size": (2, 3), "seed": 1, "verbose": False}
    both = read(pictures, "inferred", "categorical", **some, validation_split=0.25, subset="both")
    one = read(pictures, "inferred", "binary", **some, validation_split=0.25, subset="validation")
    assert sum(len(y) for _, y in both[0]) == 6 and both[1][0][1].shape == (2, 2)
    assert set(one.file_paths) == set(both[1].file_paths) and one[0][1].shape == (2, 1)
    alone = read(pictures, None, None, color_mode="grayscale", **some, crop_to_aspect_ratio=True)
    assert alone[0].shape == (8, 2, 3, 1) and alone.class_names is None
    first = read(pictures, list(range(8)), **some, data_format="channels_first", batch_size=None)
    assert first[0][0].shape == (3, 2, 3)
    assert read(pictures, **some, pad_to_aspect_ratio=True)[0][0][:, :, 0].max() == 36


def test_mistakes_with_directories(pictures, tmp_path):
    read = utils.image_dataset_from_directory
    check_error(ArgumentError, "together", read, pictures, validation_split=0.5)
    check_error(
        ArgumentError, "seed", read, pictures, validation_split=0.5, subset="both", verbose=False
    )
    check_error(ArgumentError, "label_mode", read, pictures, label_mode="x")
    check_error(ArgumentError, "class_names", read, pictures, class_names=["cats"])
    check_error(ArgumentError, "bilinear", read, pictures, interpolation="x")
    check_error(ArgumentError, "label_mode=None", read, pictures, None)
    check_error(DataError, "8 files and 1 labels", read, pictures, [1])
    check_error(DataError, "no directory", read, tmp_path / "none")
    check_error(DataError, "no files", utils.text_dataset_from_directory, pictures, verbose=False)
    check_error(ArgumentError, "padded", utils.audio_dataset_from_directory, pictures, ragged=True)


def test_texts_and_sounds_in_a_directory(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.txt").write_text(f"{name} text", encoding="utf-8")
        with wave.open(str(tmp_path / name / "one.wav"), "wb") as file:
            file.setparams((2, 2, 100, 0, "NONE", ""))
            file.writeframes(np.arange(4 if name == "a" else 8, dtype="<i2").tobytes())
    plain = {"shuffle": False, "verbose": False}
    texts, labels = utils.text_dataset_from_directory(tmp_path, max_length=3, **plain)[0]
    assert texts.tolist() == ["a t", "b t"] and labels.tolist() == [0, 1]
    sounds, _ = utils.audio_dataset_from_directory(tmp_path, **plain)[0]
    assert sounds.shape == (2, 4, 2) and not sounds[0, 2:].any()
    assert sounds[1, 3].tolist() == [6 / 32768, 7 / 32768]
    cut = utils.audio_dataset_from_directory(tmp_path, output_sequence_length=1, **plain)
    assert cut[0][0].shape == (2, 1, 2)
    other = utils.audio_dataset_from_directory(tmp_path, sampling_rate=50, **plain)
    check_error(DataError, "not 50", other.__getitem__, 0)


# Images and files


def test_images(tmp_path):
    image = R.integers(0, 255, (12, 20, 3)).astype("uint8")
    utils.save_img(tmp_path / "a.png", image, scale=False)
    np.testing.assert_array_equal(utils.img_to_array(utils.load_img(tmp_path / "a.png")), image)
    assert utils.load_img(tmp_path / "a.png", target_size=(7, 9)).size == (9, 7)
    assert utils.load_img(str(tmp_path / "a.png"), "grayscale").mode == "L"
    file = io.BytesIO((tmp_path / "a.png").read_bytes())
    middle = utils.load_img(file, target_size=(12, 12), keep_aspect_ratio=True)
    np.testing.assert_array_equal(np.asarray(middle), image[:, 4:16])
    with pytest.warns(UserWarning, match="transparency"):
        utils.save_img(tmp_path / "a.jpg", np.ones((3, 3, 4)))
    check_error(DataError, "(2, 2)", utils.array_to_img, np.ones((2, 2)))
    check_error(DataError, "(2,)", utils.img_to_array, np.ones(2))
    check_error(ArgumentError, "'x'", utils.img_to_array, np.ones((2, 2)), "x")
    check_error(ArgumentError, "rgba", utils.load_img, tmp_path / "a.png", "x")
    check_error(ArgumentError, "lanczos", utils.load_img, tmp_path / "a.png", interpolation="x")


def test_get_file(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    url, there = (tmp_path / "a.txt").as_uri(), tmp_path / "cache"
    checksum = hashlib.sha256(b"hello").hexdigest()
    path = utils.get_file("b.txt", url, file_hash=checksum, cache_dir=there, cache_subdir="s")
    assert path == str(there / "s" / "b.txt")
    check_error(DatasetUnavailableError, "checksum", utils.get_file, "c", url, file_hash="0" * 64,
         cache_dir=there)  # fmt: skip
    md5 = hashlib.md5(b"hello").hexdigest()
    assert utils.get_file(origin=url, md5_hash=md5, cache_dir=there).endswith("datasets/a.txt")
    assert sorted(each.name for each in (there / "datasets").iterdir()) == ["a.txt"]
    (tmp_path / "a.txt").write_text("new")
    assert Path(utils.get_file(origin=url, cache_dir=there)).read_text() == "hello"
    assert (
        Path(utils.get_file(origin=url, cache_dir=there, force_download=True)).read_text() == "new"
    )
    gone = (tmp_path / "gone").as_uri()
    check_error(DatasetUnavailableError, "downloaded", utils.get_file, origin=gone, cache_dir=there)
    check_error(ArgumentError, "URL", utils.get_file, "a.txt")
    check_error(ArgumentError, "not a path", utils.get_file, "../a.txt", url)
    check_error(ArgumentError, "SHA-256", utils.get_file, "d", url, file_hash="00", cache_dir=there)


def test_archives_stay_in_their_folder(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    for name in ("inner/a.txt", "../out.txt"):
        with tarfile.open(tmp_path / f"{name[:2]}.tar.gz", "w:gz") as tar:
            tar.add(tmp_path / "a.txt", name)
        with zipfile.ZipFile(tmp_path / f"{name[:2]}.zip", "w") as archive:
            archive.write(tmp_path / "a.txt", name)
    with zipfile.ZipFile(tmp_path / "...zip", "w") as archive:
        archive.writestr("../out.txt", "out")
    there = {"cache_dir": tmp_path / "cache", "cache_subdir": "", "extract": True}
    for ending in ("tar.gz", "zip"):
        folder = utils.get_file(
            f"data_{ending[:3]}.{ending}", (tmp_path / f"in.{ending}").as_uri(), **there
        )
        assert folder.endswith("_extracted")
        assert Path(f"{folder}/inner/a.txt").read_text() == "hello"
        bad = (tmp_path / f"...{ending}").as_uri()
        check_error(UnsafeModelError, "out", utils.get_file, f"bad.{ending}", bad, **there)
    assert not list(tmp_path.rglob("out.txt"))
    untarred = utils.get_file(
        "u", (tmp_path / "in.tar.gz").as_uri(), untar=True, cache_dir=tmp_path / "cache"
    )
    assert Path(f"{untarred}/inner/a.txt").read_text() == "hello"
    no_archive = (tmp_path / "a.txt").as_uri()
    check_error(
        ArgumentError, "not a supported archive", utils.get_file, "x.zip", no_archive, **there
    )


# Settings


def test_config_object():
    settings = utils.Config(a=1, b="x")
    settings.c = [2]
    settings["d"] = settings.pop("a")
    settings.update(b="y")
    assert settings.as_dict() == {"b": "y", "c": [2], "d": 1} and len(settings) == 3
    assert "c" in settings and list(settings) == list(settings.keys()) == ["b", "c", "d"]
    assert settings.to_json() == '{"b": "y", "c": [2], "d": 1}' and settings.get("z", 3) == 3
    with pytest.raises(AttributeError, match="'z'"):
        _ = settings.z
    settings.freeze()
    check_error(ArgumentError, "frozen", settings.update, b=2)
    with pytest.raises(ArgumentError):
        del settings.b
    settings.unfreeze()
    del settings.b
    assert not settings.frozen and repr(settings) == "<Config {'c': [2], 'd': 1}>"


def test_limits_of_training(model, monkeypatch):
    monkeypatch.setattr(process_settings, "_max_epochs", None)
    monkeypatch.setattr(process_settings, "_max_steps", None)
    x, y = np.ones((10, 3), "float32"), np.ones((10, 1), "float32")
    batches: list[str] = []
    count = kerasish.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: batches.append("train"),
    )
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(3)
    history = model.fit(
        x, y, batch_size=2, epochs=4, verbose=0, callbacks=[count], validation_data=(x, y)
    )
    assert history.epoch == [0, 1] and len(batches) == 6
    assert model.predict(x, batch_size=2, verbose=0).shape == (6, 1)
    config.set_max_epochs(0)
    config.set_max_steps_per_epoch(None)
    assert len(model.predict(x, batch_size=2, verbose=0)) == 10
    check_error(ArgumentError, "max_epochs", config.set_max_epochs, -1)
    check_error(ArgumentError, "max_steps", config.set_max_steps_per_epoch, 2.5)


def test_switches(monkeypatch):
    from kerasish.core import errors
    from kerasish.core.settings import config as numbers

    for module, name in (
        (numbers, "_image_data_format"),
        (process_settings, "_flash"), (process_settings, "_interactive"),
        (errors, "_filtered"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, getattr(module, name))
    config.set_image_data_format("channels_first")
    assert config.image_data_format() == "channels_first"
    assert utils.img_to_array(np.ones((2, 3))).shape == (1, 2, 3)
    check_error(ArgumentError, "'channels_last'", config.set_image_data_format, "x")
    check_error(ArgumentError, "JAX", config.set_backend, "torch")
    assert config.is_flash_attention_enabled() is None
    config.disable_flash_attention()
    assert config.is_flash_attention_enabled() is False
    config.enable_flash_attention()
    assert config.is_flash_attention_enabled() is True
    assert utils.is_interactive_logging_enabled()
    config.disable_interactive_logging()
    assert not config.is_interactive_logging_enabled()
    frames = []
    for switch in (config.enable_traceback_filtering, config.disable_traceback_filtering):
        switch()
        layer = layers.Dense(2)
        layer.build((None, 3))
        with pytest.raises(KerasishError) as caught:
            kerasish.Sequential([kerasish.Input((3,)), layer])(np.ones((2, 4), "float32"))
        frames.append(len(caught.traceback))
    assert frames[0] <= frames[1]
