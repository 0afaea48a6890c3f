"""CIFAR-100: 60,000 small colour photographs of 100 kinds of things in 20 groups."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError
from kerasish.datasets._images import Examples, PathLike, Splits
from kerasish.datasets._local import find, unpickled

__all__ = ["load_data"]

_ARCHIVE = "cifar-100-python.tar.gz"
# What Keras makes of it.
_FOLDERS = ("cifar-100-python-target/cifar-100-python", "cifar-100-python")


def load_data(label_mode: str = "fine", path: PathLike = _ARCHIVE) -> Splits:
    """Return CIFAR-100: 50,000 images to train on and 10,000 to test on.

    Nothing is downloaded; the error for a file that is not there says where to get it.

    Args:
        label_mode: `"fine"`, 100 kinds, or `"coarse"`, 20 groups.
        path: the authors' archive for Python, or the folder that it was unpacked to, or their
            names in `~/.keras/datasets` or kerasish's cache folder.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images `(n, 32, 32, 3)` and labels `(n, 1)`, uint8
        and int64 as in Keras.

    Raises:
        ArgumentError: if there is no such mode.
        DatasetUnavailableError: if the file is not on this machine.
        FileFormatError: if the file is damaged.

    Source:
        A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    if label_mode not in ("fine", "coarse"):
        raise ArgumentError(f"label_mode must be 'fine' or 'coarse'; got {label_mode!r}.")
    place = find(path, f"https://www.cs.toronto.edu/~kriz/{_ARCHIVE}", _FOLDERS)
    if place.is_dir():
        parts = []
        for name in ("train", "test"):
            with (place / name).open("rb") as file:
                parts.append(_read(file, place, label_mode))
    else:
        with _opened(place) as archive:
            parts = [_member(archive, name, place, label_mode) for name in ("train", "test")]
    return parts[0], parts[1]


def _opened(place: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(place)
    except (EOFError, OSError, tarfile.TarError) as error:
        raise FileFormatError(f"{str(place)!r} is not a whole archive: {error}.") from error


def _member(archive: tarfile.TarFile, name: str, place: Path, label_mode: str) -> Examples:
    try:
        file = archive.extractfile(f"cifar-100-python/{name}")
    except (KeyError, EOFError, OSError, tarfile.TarError) as error:
        raise FileFormatError(f"{str(place)!r} has no 'cifar-100-python/{name}'.") from error
    if file is None:
        raise FileFormatError(f"'cifar-100-python/{name}' of {str(place)!r} is not a file.")
    return _read(file, place, label_mode)  # type: ignore[arg-type]


def _read(file: BinaryIO, place: Path, label_mode: str) -> Examples:
    found = unpickled(file, str(place), encoding="bytes")
    try:
        images = np.asarray(found[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(found[f"{label_mode}_labels".encode()]).reshape(-1, 1)
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"{str(place)!r} does not hold CIFAR-100.") from error
    return images.transpose(0, 2, 3, 1), labels
