"""Files of Keras's datasets, where Keras or the user has put them."""

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
from kerasish.datasets._images import PathLike, short

__all__ = ["KERAS_DATA", "find", "read_npz", "shuffled", "unpickled"]

KERAS_DATA = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"


def _folders() -> Iterator[Path]:
    """Yield the folders that Keras and kerasish keep data in."""
    yield Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    yield cache_folder() / "datasets"


def find(path: PathLike, origin: str, others: Sequence[PathLike] = ()) -> Path:
    """Return where a file is: at that path, or under that name in one of the folders of data.

    Args:
        path: a path, or the name of a file.
        origin: where it can be downloaded from.
        others: further names that the same may have.

    Raises:
        DatasetUnavailableError: if it is nowhere; the message says how to get it.
    """
    given = Path(path).expanduser()
    for name in (given, *others):
        for place in (Path(name), *(folder / name for folder in _folders())):
            if place.exists():
                return place
    raise DatasetUnavailableError(
        f"The file {given.name!r} is not on this machine. Download {origin} to "
        f"{short(next(_folders()) / given.name)}, or give the path of the file."
    )


class _Unpickler(pickle.Unpickler):
    """Makes lists, dicts, numbers, texts and arrays, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in (
            "numpy.core.multiarray",
            "numpy._core.multiarray",
        ):
            return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # how Python 3 writes bytes for Python 2
            return lambda text, _: text.encode("latin1")
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def unpickled(file: BinaryIO, name: str, **kwargs: Any) -> Any:
    """Return what is pickled in a file, if it is data alone.

    Raises:
        FileFormatError: if it is damaged, or asks for anything but data.
    """
    try:
        return _Unpickler(file, **kwargs).load()
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise FileFormatError(f"{name!r} cannot be read as data: {error}.") from error


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a `.npz` file; lists in them are unpickled, and nothing is run.

    Raises:
        FileFormatError: if it is damaged, or asks for anything but data.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}
        return {name: _array(name, io.BytesIO(content)) for name, content in members.items()}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{str(path)!r} is not a whole .npz file: {error}.") from error


def _array(name: str, file: io.BytesIO) -> np.ndarray:
    version = np.lib.format.read_magic(file)
    header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    dtype = header(file)[2]
    if dtype.hasobject:
        return np.asarray(unpickled(file, name), dtype=object)
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def shuffled(rng: np.random.RandomState, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return arrays with their rows in one other order."""
    order = np.arange(len(arrays[0]))
    rng.shuffle(order)
    return [array[order] for array in arrays]
