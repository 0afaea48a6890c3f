"""Local copies of the files of Keras's datasets."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from kerasish.core.errors import DatasetUnavailableError, FileFormatError
from kerasish.core.settings.cache import cache_folder
from kerasish.datasets.image_dataset import PathLike, Splits, display_path

__all__ = [
    "KERAS_DATA",
    "find",
    "is_npz",
    "load_mnist_npz",
    "read_npz",
    "shuffle_together",
    "unpickle_data",
]

KERAS_DATA = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"


def _folders() -> Iterator[Path]:
    """Yield the data folders of Keras and kerasish."""
    yield Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    yield cache_folder() / "datasets"


def find(path: PathLike, origin: str, others: Sequence[PathLike] = ()) -> Path:
    """Find a file: at the given path, or by its name in one of the data folders.

    Args:
        path: a path or the name of a file.
        origin: the URL of the file, for the message.
        others: alternative names.

    Raises:
        DatasetUnavailableError: if the file is not found; the message says how to get it.
    """
    given = Path(path).expanduser()
    for name in (given, *others):
        for candidate in (Path(name), *(folder / name for folder in _folders())):
            if candidate.exists():
                return candidate
    raise DatasetUnavailableError(
        f"The file {given.name!r} is not on this machine. Download {origin} to "
        f"{display_path(next(_folders()) / given.name)}, or pass the path of the file."
    )


class _Unpickler(pickle.Unpickler):
    """Restores lists, dicts, numbers, strings and arrays, and rejects everything else."""

    def find_class(self, module: str, name: str) -> object:
        if name == "_reconstruct" and module in (
            "numpy.core.multiarray",
            "numpy._core.multiarray",
        ):
            return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # bytes pickled by Python 3 with protocol 2
            return lambda text, _: text.encode("latin1")
        raise pickle.UnpicklingError(f"it refers to {module}.{name}")


def unpickle_data(file: BinaryIO, name: str, **kwargs: Any) -> Any:
    """Unpickle a file that contains only data.

    Raises:
        FileFormatError: if the file is damaged or refers to anything but data.
    """
    try:
        return _Unpickler(file, **kwargs).load()
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise FileFormatError(f"{name!r} cannot be read as data: {error}.") from error


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a `.npz` file; pickled lists are read without running code.

    Raises:
        FileFormatError: if the file is damaged or refers to anything but data.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}
        return {name: _array(name, io.BytesIO(content)) for name, content in members.items()}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{str(path)!r} is not a complete .npz file: {error}.") from error


def _array(name: str, file: io.BytesIO) -> np.ndarray:
    version = np.lib.format.read_magic(file)
    header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    dtype = header(file)[2]
    if dtype.hasobject:
        return np.asarray(unpickle_data(file, name), dtype=object)
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def shuffle_together(rng: np.random.RandomState, *arrays: np.ndarray) -> list[np.ndarray]:
    """Shuffle the rows of arrays in the same order."""
    order = np.arange(len(arrays[0]))
    rng.shuffle(order)
    return [array[order] for array in arrays]


def is_npz(path: object) -> bool:
    """Return whether a path has the extension `.npz`; the file need not exist."""
    return isinstance(path, (str, os.PathLike)) and os.fspath(path).endswith(".npz")


def load_mnist_npz(path: str | os.PathLike[str]) -> Splits | None:
    """Return the arrays `x_train`, `y_train`, `x_test`, `y_test` of a file, or None if missing.

    Args:
        path: the file, or its name in Keras's folder (`~/.keras/datasets` or under `KERAS_HOME`).

    Raises:
        FileFormatError: if the file is damaged or contains other arrays.
    """
    home = Path(os.environ.get("KERAS_HOME", "~/.keras")) / "datasets"
    candidates = [(home / path).expanduser(), Path(path).expanduser()]
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        return None
    try:
        with np.load(file, allow_pickle=False) as found:
            return (found["x_train"], found["y_train"]), (found["x_test"], found["y_test"])
    except Exception as error:  # a damaged file can raise nearly anything
        raise FileFormatError(
            f"{str(file)!r} does not contain x_train, y_train, x_test and y_test as arrays: "
            f"{error}."
        ) from error
