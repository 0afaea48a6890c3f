"""CIFAR-100: 60,000 color images of 32 x 32 pixels in 100 classes and 20 superclasses."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError
from kerasish.datasets.image_dataset import Examples, PathLike, Splits
from kerasish.datasets.keras_files import find, unpickle_data

__all__ = ["load_data"]

_ARCHIVE = "cifar-100-python.tar.gz"
# Folders that Keras extracts the archive to.
_FOLDERS = ("cifar-100-python-target/cifar-100-python", "cifar-100-python")


def load_data(label_mode: str = "fine", path: PathLike = _ARCHIVE) -> Splits:
    """Load CIFAR-100: 50,000 training images and 10,000 test images.

    The file is not downloaded; if it is missing, the error says where to get it.

    Args:
        label_mode: `"fine"` for 100 classes, or `"coarse"` for 20 superclasses.
        path: the archive of the authors for Python, or the folder that it was extracted to; or
            its name in `~/.keras/datasets` or the cache folder of kerasish.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images `(n, 32, 32, 3)` and labels `(n, 1)`, uint8
        and int64 as in Keras.

    Raises:
        ArgumentError: if the mode is unknown.
        DatasetUnavailableError: if the file is not on this machine.
        FileFormatError: if the file is damaged.

    Source:
        A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    if label_mode not in ("fine", "coarse"):
        raise ArgumentError(f"label_mode must be 'fine' or 'coarse'; got {label_mode!r}.")
    location = find(path, f"https://www.cs.toronto.edu/~kriz/{_ARCHIVE}", _FOLDERS)
    if location.is_dir():
        parts = []
        for name in ("train", "test"):
            with (location / name).open("rb") as file:
                parts.append(_parse(file, location, label_mode))
    else:
        with _open(location) as archive:
            parts = [_member(archive, name, location, label_mode) for name in ("train", "test")]
    return parts[0], parts[1]


def _open(location: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(location)
    except (EOFError, OSError, tarfile.TarError) as error:
        raise FileFormatError(f"{str(location)!r} is not a complete archive: {error}.") from error


def _member(archive: tarfile.TarFile, name: str, location: Path, label_mode: str) -> Examples:
    try:
        file = archive.extractfile(f"cifar-100-python/{name}")
    except (KeyError, EOFError, OSError, tarfile.TarError) as error:
        raise FileFormatError(f"{str(location)!r} has no 'cifar-100-python/{name}'.") from error
    if file is None:
        raise FileFormatError(f"'cifar-100-python/{name}' of {str(location)!r} is not a file.")
    return _parse(file, location, label_mode)  # type: ignore[arg-type]


def _parse(file: BinaryIO, location: Path, label_mode: str) -> Examples:
    found = unpickle_data(file, str(location), encoding="bytes")
    try:
        images = np.asarray(found[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(found[f"{label_mode}_labels".encode()]).reshape(-1, 1)
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"{str(location)!r} does not contain CIFAR-100.") from error
    return images.transpose(0, 2, 3, 1), labels
