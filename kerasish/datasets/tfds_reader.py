"""Reading datasets of TensorFlow Datasets without TensorFlow."""

from __future__ import annotations

import importlib.util

import numpy as np

from kerasish.core.errors import DatasetUnavailableError
from kerasish.datasets.image_dataset import Bytes, Examples, ImageDataset
from kerasish.datasets.tfds import PreparedDataset

__all__ = ["check_packages", "read_splits"]

_BLOCK = 1_000  # reading single records takes quadratic time


def check_packages(name: str) -> None:
    """Check that the packages for reading are installed.

    Raises:
        DatasetUnavailableError: if TFDS is missing, or both OpenCV (faster) and Pillow.
    """
    if not importlib.util.find_spec("tensorflow_datasets"):
        raise _missing(name, "tensorflow_datasets, which is not installed")
    if not any(importlib.util.find_spec(package) for package in ("cv2", "PIL")):
        raise _missing(name, "OpenCV or Pillow to decode its images, and neither is installed")


def read_splits(dataset: ImageDataset, prepared: PreparedDataset) -> dict[str, Examples]:
    """Read and decode the splits: `{"train": (images, labels), "test": ...}`.

    Raises:
        DatasetUnavailableError: if a package is missing, or the records are damaged.
    """
    try:
        return {split: _read_split(dataset, prepared, split) for split in prepared.sizes}
    except ImportError as error:
        raise _missing(dataset.name, f"a package that is missing ({error})") from error
    except Exception as error:  # TFDS, ArrayRecord and the decoders raise various errors
        raise DatasetUnavailableError(
            f"The dataset {dataset.name!r} in {str(prepared.folder)!r} cannot be read "
            f"({type(error).__name__}: {error}); pass another data_dir=, or, if the files are "
            "damaged, an empty folder to download to."
        ) from error


def _read_split(dataset: ImageDataset, prepared: PreparedDataset, split: str) -> Examples:
    import tensorflow_datasets as tfds

    source = tfds.data_source(
        f"{prepared.name}:{prepared.version}",
        data_dir=prepared.root,
        split=split,
        download=False,
    )
    count = prepared.sizes[split]
    images: Bytes = np.empty((count, *dataset.image_shape), np.uint8)
    labels: Bytes = np.empty((count, *dataset.label_shape), np.uint8)
    for start in range(0, count, _BLOCK):
        keys = list(range(start, min(start + _BLOCK, count)))
        for i, example in zip(keys, source.__getitems__(keys), strict=True):
            images[i] = example["image"].reshape(dataset.image_shape)
            labels[i] = example["label"]
    return images, labels


def _missing(name: str, what: str) -> DatasetUnavailableError:
    return DatasetUnavailableError(
        f"The dataset {name!r} is on this machine, but reading it needs {what}; "
        'run `pip install "kerasish[datasets]"`.'
    )
