"""Parsers of the original files: IDX (MNIST) and the binary format of CIFAR-10."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

import numpy as np

from kerasish.datasets.image_dataset import Bytes, Examples

__all__ = ["unpack_cifar", "unpack_idx"]


def unpack_idx(files: Mapping[str, bytes]) -> dict[str, Examples]:
    """Parse the four gzipped IDX files of MNIST; images get a channel axis."""

    def split(part: str) -> Examples:
        labels = _parse_idx(files[f"{part}-labels-idx1-ubyte.gz"])
        return _parse_idx(files[f"{part}-images-idx3-ubyte.gz"])[..., None], labels

    return {"train": split("train"), "test": split("t10k")}


def _parse_idx(packed: bytes) -> Bytes:
    """Parse an IDX file: a magic number whose last byte is the rank, the sizes, the values."""
    data = gzip.decompress(packed)
    rank = data[3]
    shape = np.frombuffer(data, ">u4", rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape([int(n) for n in shape])


def unpack_cifar(files: Mapping[str, bytes]) -> dict[str, Examples]:
    """Parse the binary archive of CIFAR-10."""
    batches: dict[str, list[Bytes]] = {"train": [], "test": []}
    (packed,) = files.values()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            stream = archive.extractfile(member) if member.name.endswith(".bin") else None
            if stream is not None:
                split = "test" if "test_batch" in member.name else "train"
                batches[split].append(np.frombuffer(stream.read(), np.uint8).reshape(-1, 3073))
    return {split: _cifar(np.concatenate(rows)) for split, rows in batches.items()}


def _cifar(rows: Bytes) -> Examples:
    """Split rows of a label and 3 planes of 32 x 32."""
    return rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), rows[:, 0]
