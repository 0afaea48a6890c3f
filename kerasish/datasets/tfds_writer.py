"""Preparing datasets in the format of TensorFlow Datasets, without TensorFlow.

The builders of TFDS read files and encode PNG with TensorFlow. Here the builder of the catalogue
gets decoded examples instead; the order, the records and the metadata come from TFDS, which can
read the result.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.datasets.image_dataset import Bytes, Examples, ImageDataset

__all__ = ["encode_png", "prepare"]


def prepare(dataset: ImageDataset, splits: Mapping[str, Examples], root: Path) -> None:
    """Write the folder `root/name/version/` atomically.

    Args:
        dataset: the description of the dataset.
        splits: images `(n, height, width, channels)` and labels `(n,)` by split.
        root: the folder of datasets, which is created if it does not exist.

    Raises:
        ImportError: if a package is missing.
        OSError: if the folder cannot be written or already exists.
    """
    builder_class = _builder_class(dataset, splits)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".incomplete-", dir=root) as scratch:
        builder = builder_class(data_dir=scratch, file_format="array_record")
        output = io.StringIO()  # hides the progress bars of TFDS
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            builder.download_and_prepare()
        target = root / dataset.name / str(builder.version)
        target.parent.mkdir(exist_ok=True)
        if not target.exists():  # unless another process was faster
            os.rename(builder.data_path, target)


def _builder_class(dataset: ImageDataset, splits: Mapping[str, Examples]) -> Any:
    """Return the catalogue's builder of `dataset`, with examples made without TensorFlow."""
    import tensorflow_datasets as tfds

    base = tfds.builder_cls(dataset.name)

    def split_generators(self: Any, _: Any) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        features = self.info.features
        if dataset.class_names:
            features["label"].names = dataset.class_names
        return {name: _examples(name, part, "id" in features) for name, part in splits.items()}

    members = {"name": base.name, "__module__": base.__module__}
    members["_split_generators"] = split_generators
    return type(base.__name__, (base,), members, skip_registration=True)


def _examples(
    split: str, examples: Examples, with_id: bool
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield keys and examples as the catalogue's builder does; TFDS orders by the key."""
    for key, (image, label) in enumerate(zip(*examples, strict=True)):
        example = {"image": encode_png(image), "label": int(label)}
        yield key, {"id": f"{split}_{key:05d}", **example} if with_id else example


def encode_png(image: Bytes) -> bytes:
    r"""Encode an image `(height, width, channels)` with 1 or 3 channels as PNG.

    Examples:
        >>> encode_png(np.zeros((28, 28, 1), np.uint8))[:4]
        b'\x89PNG'
    """
    height, width, channels = image.shape
    color = {1: 0, 3: 2}[channels]
    unfiltered = np.zeros((height, 1), np.uint8)  # each row starts with its filter type
    rows = np.hstack([unfiltered, image.reshape(height, -1)])
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.data)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
