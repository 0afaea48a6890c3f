"""The datasets: found, downloaded, decoded once, kept, and never mixed up."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import importlib.util
import io
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from numpy.typing import NDArray

from kerasish.core.errors import ArgumentError, DatasetUnavailableError
from kerasish.datasets import cifar10, digits, fashion_mnist, mnist

TRAIN, TEST = 1_005, 12  # more than one block of reading
IMAGES = [mnist, fashion_mnist, cifar10]
DOWNLOAD = importlib.import_module("kerasish.datasets.download")

needs_tfds = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_datasets") is None,
    reason="tensorflow_datasets is not installed",
)


def name_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's cache out of every test."""
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, timeout: float) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


# --- tiny originals, which are downloaded and prepared like the real ones ---------------------


def tiny_images(count: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Images of which each shows its own position in the first two pixels."""
    images = np.random.default_rng(count).integers(0, 256, (count, *shape), dtype=np.uint8)
    images[:, 0, 0, ...], images[:, 0, 1, ...] = (
        part.reshape(-1, *[1] * (len(shape) - 2)) for part in divmod(np.arange(count), 256)
    )
    return images


def tiny_labels(count: int) -> NDArray[np.uint8]:
    return (np.arange(count) % 10).astype(np.uint8)


def tiny_idx_files() -> dict[str, bytes]:
    files = {}
    for part, count in (("train", TRAIN), ("t10k", TEST)):
        images = tiny_images(count, (28, 28)).tobytes()
        head = struct.pack(">4I", 0x803, count, 28, 28)
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(head + images)
        labels = struct.pack(">2I", 0x801, count) + tiny_labels(count).tobytes()
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(labels)
    return files


def tiny_cifar_archive() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:

        def add(name: str, data: bytes) -> None:
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

        add("readme.html", b"to be left alone")
        for name, count in (("test_batch", TEST), ("data_batch_1", TRAIN)):
            planes = tiny_images(count, (32, 32, 3)).transpose(0, 3, 1, 2).reshape(count, -1)
            rows = np.concatenate([tiny_labels(count)[:, None], planes], axis=1)
            add(f"{name}.bin", rows.tobytes())
    return stream.getvalue()


def tiny_fetch() -> Callable[[str, str], bytes]:
    files = {**tiny_idx_files(), "cifar-10-binary.tar.gz": tiny_cifar_archive()}
    return lambda url, sha256: files[url.rpartition("/")[2]]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with tiny versions of all three, made by `load_data` itself."""
    pytest.importorskip("tensorflow_datasets")
    folder = tmp_path_factory.mktemp("prepared") / "made" / "by" / "load_data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERASISH_CACHE_DIR", str(tmp_path_factory.mktemp("unused")))
        patch.setattr(DOWNLOAD, "fetch", tiny_fetch())
        for module in IMAGES:
            module.load_data(folder)
    yield folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The splits that were decoded from records, one entry each."""
    tfds = pytest.importorskip("tensorflow_datasets")
    seen: list[str] = []
    real = tfds.data_source

    def data_source(name: str, **kwargs: Any) -> Any:
        seen.append(f"{name.partition(':')[0]}/{kwargs['split']}")
        return real(name, **kwargs)

    monkeypatch.setattr(tfds, "data_source", data_source)
    return seen


# --- shapes and content -----------------------------------------------------------------------


@needs_tfds
@pytest.mark.parametrize("module", IMAGES, ids=name_of)
def test_arrays_are_as_in_keras_and_every_example_is_there_once(
    module: ModuleType, made: Path
) -> None:
    shape = (32, 32, 3) if module is cifar10 else (28, 28)
    label_shape = (1,) if module is cifar10 else ()
    for (x, y), count in zip(module.load_data(made), (TRAIN, TEST), strict=True):
        assert (x.shape, x.dtype) == ((count, *shape), np.uint8)
        assert (y.shape, y.dtype) == ((count, *label_shape), np.uint8)
        first, second = (x[:, 0, i].reshape(count, -1)[:, 0].astype(int) for i in (0, 1))
        order = 256 * first + second
        assert sorted(order) == list(range(count))
        np.testing.assert_array_equal(x, tiny_images(count, shape)[order])
        np.testing.assert_array_equal(y.ravel(), tiny_labels(count)[order])


def real_folder(module: ModuleType) -> Path:
    """Return TFDS_DATA_DIR if the real dataset is there; skip the test otherwise."""
    folder = os.environ.get("TFDS_DATA_DIR")
    if not folder or not module.is_available(folder):
        pytest.skip(f"TFDS_DATA_DIR names no folder with {name_of(module)}; it is {folder!r}")
    return Path(folder)


@needs_tfds
def test_mnist_is_the_real_one(reads: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    folder = real_folder(mnist)
    (x_train, y_train), (x_test, y_test) = mnist.load_data(folder)
    assert (x_train.shape, y_train.shape) == ((60_000, 28, 28), (60_000,))
    assert (x_test.shape, y_test.shape) == ((10_000, 28, 28), (10_000,))
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_train).tolist() == counts
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert y_train[:10].tolist() == [4, 1, 0, 7, 8, 1, 2, 7, 1, 6]
    assert round(float(x_train.mean()), 4) == 33.3184
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Decoding mnist (70,000 images), once; cached in ")

    (again, _), _ = mnist.load_data()  # the same folder, from the environment
    np.testing.assert_array_equal(x_train, again)
    assert reads == ["mnist/train", "mnist/test"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("module", IMAGES, ids=name_of)
def test_real_ones_are_found(module: ModuleType) -> None:
    assert module.is_available(real_folder(module))
    assert module.is_available()


def test_digits() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, y_train.shape) == ((1437, 8, 8), (1437,))
    assert (x_test.shape, y_test.shape) == ((360, 8, 8), (360,))
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert (x_train.min(), x_train.max()) == (0, 16)
    assert y_train[:10].tolist() == list(range(10))
    counts = np.bincount(np.concatenate([y_train, y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    content = b"".join(a.tobytes() for a in (x_train, y_train, x_test, y_test))
    assert hashlib.sha256(content).hexdigest().startswith("adbedc90ca53bba7")
    x_train[0] = 0  # an ordinary array, and the next caller's is not this one
    assert digits.load_data()[0][0][0].any()


# --- where the data is ------------------------------------------------------------------------


@pytest.mark.parametrize("module", IMAGES, ids=name_of)
def test_is_available_looks_and_does_not_touch(module: ModuleType, tmp_path: Path) -> None:
    assert not module.is_available(tmp_path / "not" / "there")
    assert not list(tmp_path.iterdir())


@needs_tfds
def test_is_available_wants_every_file(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "mnist", tmp_path / "mnist")
    assert mnist.is_available(str(tmp_path)) and mnist.is_available(tmp_path)
    next(tmp_path.rglob("mnist-test.array_record*")).unlink()
    assert not mnist.is_available(tmp_path)


@needs_tfds
def test_is_available_wants_records_that_can_be_read(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "mnist", tmp_path / "mnist")
    info = next(tmp_path.rglob("dataset_info.json"))
    info.write_text(info.read_text().replace('"array_record"', '"tfrecord"'))
    assert not mnist.is_available(tmp_path)
    with pytest.raises(DatasetUnavailableError, match="is incomplete or in another file format"):
        mnist.load_data(tmp_path)
    info.write_text("{damaged")
    assert not mnist.is_available(tmp_path)


@needs_tfds
def test_data_dir_comes_from_the_argument_then_the_environment_then_the_home_folder(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TFDS_DATA_DIR", "")
    assert not mnist.is_available()
    shutil.copytree(made / "mnist", tmp_path / "tensorflow_datasets" / "mnist")
    assert mnist.is_available() and mnist.is_available("~/tensorflow_datasets")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "elsewhere"))
    assert not mnist.is_available()
    assert mnist.is_available(made)


def test_data_dir_must_be_a_path() -> None:
    with pytest.raises(ArgumentError, match=r"data_dir must be a path.*got 3"):
        mnist.load_data(3)  # type: ignore[arg-type]


@needs_tfds
def test_prepared_data_is_left_alone(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "mnist", tmp_path / "data" / "mnist")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "data").rglob("*")}
    mnist.load_data(tmp_path / "data")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "data").rglob("*")} == before


@needs_tfds
def test_damaged_records_are_said_to_be_so(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "mnist", tmp_path / "mnist")
    records = next(tmp_path.rglob("mnist-train.array_record*"))
    records.write_bytes(b"\0" * 100_000)
    with pytest.raises(DatasetUnavailableError, match=r"'mnist' in .*3\.0\.1' cannot be read"):
        mnist.load_data(tmp_path)


# --- downloading ------------------------------------------------------------------------------


@needs_tfds
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("module", IMAGES, ids=name_of)
def test_wrong_data_dir_says_what_was_looked_for_why_it_failed_and_what_to_do(
    module: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = name_of(module)
    with pytest.raises(DatasetUnavailableError) as caught:
        module.load_data(tmp_path / "wrong")
    message = str(caught.value)
    assert (
        f"{name!r} is not prepared as ArrayRecord in {str(tmp_path / 'wrong' / name)!r}" in message
    )
    assert "cannot be reached (no route to host)" in message
    for remedy in ("TFDS_DATA_DIR", "data_dir=", "where the network allows", "datasets.digits"):
        assert remedy in message
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


@needs_tfds
def test_silence_is_given_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(url: str, timeout: float) -> None:
        assert timeout <= 15
        raise TimeoutError

    monkeypatch.setattr(urllib.request, "urlopen", never)
    with pytest.raises(DatasetUnavailableError, match="did not answer within 10 seconds"):
        mnist.load_data(tmp_path)


@needs_tfds
def test_another_file_than_the_expected_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Page(io.BytesIO):
        headers = {"Content-Length": "11"}  # noqa: RUF012

    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Page(b"<html></html>"))
    with pytest.raises(DatasetUnavailableError, match="returned an unexpected file"):
        mnist.load_data(tmp_path / "new")
    assert not list(tmp_path.iterdir())


@needs_tfds
def test_a_folder_that_cannot_be_written_is_found_out_before_the_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: pytest.fail("downloaded"))
    with pytest.raises(DatasetUnavailableError, match="not a writable folder"):
        mnist.load_data(tmp_path / "file")


@needs_tfds
def test_a_failure_while_preparing_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        **tiny_idx_files(),
        "train-labels-idx1-ubyte.gz": gzip.compress(b"\0\0\x08\x01\0\0\0\0"),
    }
    monkeypatch.setattr(DOWNLOAD, "fetch", lambda url, _: files[url.rpartition("/")[2]])
    with pytest.raises(DatasetUnavailableError, match="downloading it failed because ValueError"):
        mnist.load_data(tmp_path)
    assert not list(tmp_path.iterdir())


@needs_tfds
def test_what_was_downloaded_is_an_ordinary_prepared_dataset(made: Path) -> None:
    import tensorflow_datasets as tfds

    assert sorted(p.name for p in made.iterdir()) == ["cifar10", "fashion_mnist", "mnist"]
    source = tfds.data_source("cifar10", data_dir=made, split="test", download=False)
    assert len(source) == TEST
    assert source[0]["id"].startswith(b"test_000")
    builder = tfds.builder("cifar10", data_dir=made)
    assert builder.info.features["label"].names[:2] == ["airplane", "automobile"]
    builder = tfds.builder("fashion_mnist", data_dir=made)
    assert builder.info.features["label"].names[-1] == "Ankle boot"


@pytest.mark.parametrize("missing", [["tensorflow_datasets"], ["cv2", "PIL"]])
def test_missing_packages_are_named(
    missing: list[str], made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name in missing else real(name, *a)
    )
    needed = "OpenCV or Pillow" if "cv2" in missing else "tensorflow_datasets"
    with pytest.raises(DatasetUnavailableError, match=rf"{needed}.*kerasish\[datasets\]"):
        mnist.load_data(made)


def test_downloading_without_tfds_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(DatasetUnavailableError, match=r"tensorflow_datasets is not installed"):
        mnist.load_data(tmp_path)


# --- the cache --------------------------------------------------------------------------------


@needs_tfds
def test_second_load_does_not_decode(made: Path, reads: list[str], cache: Path) -> None:
    first, second = mnist.load_data(made), mnist.load_data(made)
    assert reads == ["mnist/train", "mnist/test"]
    np.testing.assert_equal(first, second)
    assert not list(cache.rglob(".*"))


@needs_tfds
def test_cached_arrays_belong_to_the_caller(made: Path) -> None:
    mnist.load_data(made)
    (x, _), _ = mnist.load_data(made)
    assert type(x) is np.ndarray and x.flags.writeable
    before = x.copy()
    x[:] = 0
    np.testing.assert_array_equal(mnist.load_data(made)[0][0], before)


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def spoil_the_header(file: Path) -> None:
    file.write_bytes(b"\x93NUMPY\x01\x00" + b"(" * 4_000)


@needs_tfds
@pytest.mark.parametrize("name", ["x_train.npy", "y_test.npy", "checksums.json"])
@pytest.mark.parametrize("damage", [truncate, flip_a_bit, spoil_the_header, Path.unlink])
def test_damaged_cache_is_rebuilt(
    name: str, damage: Callable[[Path], None], made: Path, reads: list[str], cache: Path
) -> None:
    first = mnist.load_data(made)
    damage(next(cache.rglob(name)))
    np.testing.assert_equal(mnist.load_data(made), first)
    np.testing.assert_equal(mnist.load_data(made), first)
    assert reads == 2 * ["mnist/train", "mnist/test"]


@needs_tfds
def test_cache_that_cannot_be_written_is_done_without(
    made: Path,
    reads: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path / "file" / "cache"))
    np.testing.assert_equal(mnist.load_data(made), mnist.load_data(made))
    assert len(reads) == 4
    assert "is not writable, so the next load decodes them again" in capsys.readouterr().err


@needs_tfds
def test_a_full_disk_leaves_no_temporary_files(
    made: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Any, array: Any) -> None:
        file.write(b"half of it")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "save", full)
    mnist.load_data(made)
    assert not [path for path in cache.rglob("*") if path.is_file()]


@needs_tfds
def test_another_source_is_not_mixed_up(made: Path, tmp_path: Path, reads: list[str]) -> None:
    shutil.copytree(made / "mnist", tmp_path / "mnist")
    mnist.load_data(made)
    mnist.load_data(tmp_path)  # the copy's times are those of the original
    assert len(reads) == 2
    os.utime(next(tmp_path.rglob("mnist-test.array_record*")), (1, 1))
    mnist.load_data(tmp_path)
    assert len(reads) == 4
    mnist.load_data(made)
    assert len(reads) == 4


@needs_tfds
def test_cache_folder_follows_the_environment(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERASISH_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    mnist.load_data(made)
    line = f"Decoding mnist ({TRAIN + TEST:,} images), once; cached in ~/.cache/kerasish\n"
    assert capsys.readouterr().err == line
    assert list((tmp_path / ".cache" / "kerasish").rglob("x_train.npy"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    mnist.load_data(made)
    assert list((tmp_path / "xdg" / "kerasish").rglob("x_train.npy"))


# --- weight -----------------------------------------------------------------------------------


def test_importing_is_light() -> None:
    heavy = "tensorflow_datasets", "tensorflow", "cv2", "PIL"
    code = f"import sys, kerasish.datasets; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_embedded_digits_are_small_and_attributed() -> None:
    folder = Path(digits.__file__).parent
    assert (folder / "digits.npz").stat().st_size < 60_000
    assert "10.24432/C50P49" in (folder / "DIGITS_LICENSE.txt").read_text()
    assert "CC BY 4.0" in (digits.load_data.__doc__ or "")
