"""The file in which Keras keeps MNIST, where there is one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.core.errors import FileFormatError
from kerasish.datasets._images import Splits

__all__ = ["is_npz", "read_npz"]


def is_npz(path: Any) -> bool:
    """Return whether a path is that of such a file, whether it is there or not."""
    return isinstance(path, (str, os.PathLike)) and os.fspath(path).endswith(".npz")


def read_npz(path: str | os.PathLike[str]) -> Splits | None:
    """Return the arrays `x_train`, `y_train`, `x_test`, `y_test` of a file; None without one.

    Args:
        path: the file, or its name in Keras's folder (`~/.keras/datasets`, or below `KERAS_HOME`).

    Raises:
        FileFormatError: if it is damaged or holds other arrays.
    """
    home = Path(os.environ.get("KERAS_HOME", "~/.keras")) / "datasets"
    places = [(home / path).expanduser(), Path(path).expanduser()]
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        return None
    try:
        with np.load(file, allow_pickle=False) as found:
            return (found["x_train"], found["y_train"]), (found["x_test"], found["y_test"])
    except Exception as error:  # a damaged file can raise nearly anything
        raise FileFormatError(
            f"{str(file)!r} does not hold x_train, y_train, x_test and y_test as arrays: {error}."
        ) from error
