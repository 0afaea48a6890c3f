"""ImageDataset: the description and the types of the image datasets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kerasish.core.errors import DatasetUnavailableError

__all__ = ["Bytes", "Examples", "ImageDataset", "PathLike", "Splits", "display_path", "unavailable"]

PathLike: TypeAlias = str | os.PathLike[str]
Bytes: TypeAlias = NDArray[np.uint8]
Examples: TypeAlias = tuple[Bytes, Bytes]  # images, labels
Splits: TypeAlias = tuple[Examples, Examples]  # train, test


@dataclass(frozen=True)
class ImageDataset:
    """A dataset of the catalogue of TensorFlow Datasets, with the shapes of Keras.

    Args:
        name: the name in the catalogue.
        image_shape: the shape of one image, without the batch.
        label_shape: the shape of one label: `()`, or `(1,)` for a column.
        unpack: parses the original files, `{file name: content}`, to
            `{"train": (images, labels), "test": ...}`.
        class_names: the names of the classes, if the catalogue has them only after a download.
    """

    name: str
    image_shape: tuple[int, ...]
    label_shape: tuple[int, ...]
    unpack: Callable[[Mapping[str, bytes]], dict[str, Examples]]
    class_names: tuple[str, ...] = ()


def unavailable(name: str, root: Path, reason: str) -> DatasetUnavailableError:
    """Return the error for a dataset that is missing in `root`, with the possible solutions."""
    return DatasetUnavailableError(
        f"The dataset {name!r} is not prepared as ArrayRecord in {str(root / name)!r}, and "
        f"downloading it failed because {reason}; set TFDS_DATA_DIR or data_dir= to the folder "
        f"that holds {name}/, run where the network allows the download, or use the embedded "
        "kerasish.datasets.digits."
    )


def display_path(path: Path) -> str:
    """Return `path` for messages: with `~` for the home folder."""
    home = os.path.expanduser("~")
    return f"~{str(path)[len(home) :]}" if str(path).startswith(home + os.sep) else str(path)
