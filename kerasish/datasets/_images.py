"""What the image datasets have in common: their types and their description."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kerasish.core.errors import DatasetUnavailableError

__all__ = ["Bytes", "Examples", "ImageDataset", "PathLike", "Splits", "short", "unavailable"]

PathLike: TypeAlias = str | os.PathLike[str]
Bytes: TypeAlias = NDArray[np.uint8]
Examples: TypeAlias = tuple[Bytes, Bytes]  # images, labels
Splits: TypeAlias = tuple[Examples, Examples]  # train, test


@dataclass(frozen=True)
class ImageDataset:
    """One dataset of TensorFlow Datasets' catalogue, as Keras shapes it.

    Args:
        name: its name in the catalogue.
        image_shape: the shape of one image, without the batch.
        label_shape: the shape of one label: `()`, or `(1,)` for a column.
        unpack: makes `{"train": (images, labels), "test": ...}` of the original
            files, given as `{file name: content}`.
        class_names: the names of the classes, where the catalogue has them only
            after a download.
    """

    name: str
    image_shape: tuple[int, ...]
    label_shape: tuple[int, ...]
    unpack: Callable[[Mapping[str, bytes]], dict[str, Examples]]
    class_names: tuple[str, ...] = ()


def unavailable(name: str, root: Path, reason: str) -> DatasetUnavailableError:
    """Return the error for a dataset that is not in `root`, with the remedies."""
    return DatasetUnavailableError(
        f"The dataset {name!r} is not prepared as ArrayRecord in {str(root / name)!r}, and "
        f"downloading it failed because {reason}; set TFDS_DATA_DIR or data_dir= to the folder "
        f"that holds {name}/, run where the network allows the download, or use the embedded "
        "kerasish.datasets.digits."
    )


def short(path: Path) -> str:
    """Return `path` as people write it: with `~` for the home folder."""
    home = os.path.expanduser("~")
    return f"~{str(path)[len(home) :]}" if str(path).startswith(home + os.sep) else str(path)
