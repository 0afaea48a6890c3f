"""Decoding of chunked HDF5 datasets without running filters of the HDF5 library."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.core.errors import UnsafeModelError

if TYPE_CHECKING:
    import h5py

__all__ = ["read_chunks"]

# Checksums are not verified. For other filters, HDF5 would load plugins from a folder.
_GZIP, _SHUFFLE, _CHECKSUM = 1, 2, 3


def read_chunks(dataset: h5py.Dataset, who: str) -> np.ndarray:
    """Read a chunked dataset.

    Args:
        dataset: the open dataset, whose shape and chunk shape were checked.
        who: the owner of the data, for messages.

    Raises:
        UnsafeModelError: if a filter is unknown, or a chunk decodes to an unexpected size.
    """
    properties = dataset.id.get_create_plist()
    filters = [properties.get_filter(i)[0] for i in range(properties.get_nfilters())]
    if unknown := set(filters) - {_GZIP, _SHUFFLE, _CHECKSUM}:
        raise UnsafeModelError(
            f"A weight of {who!r} uses the HDF5 filter {min(unknown)}, which was not run."
        )
    array = np.full(dataset.shape, dataset.fillvalue, dataset.dtype)
    chunk_infos: list[Any] = []
    dataset.id.chunk_iter(chunk_infos.append)
    for info in chunk_infos:
        if info.size > dataset.file.id.get_filesize():
            raise UnsafeModelError(f"A weight of {who!r} claims to be larger than the file.")
        skipped, data = dataset.id.read_direct_chunk(info.chunk_offset)
        applied = [number for i, number in enumerate(filters) if not skipped >> i & 1]
        # Only these bytes come from the file; the buffer may be larger.
        chunk = _decode(data[: info.size], applied, dataset.dtype, dataset.chunks, who)
        at = zip(info.chunk_offset, chunk.shape, strict=True)
        target = array[tuple(slice(start, start + size) for start, size in at)]
        target[...] = chunk[tuple(map(slice, target.shape))]
    return array


def _decode(
    data: bytes, filters: list[int], dtype: np.dtype[Any], shape: tuple[int, ...], who: str
) -> np.ndarray:
    size = math.prod(shape) * dtype.itemsize
    for number in reversed(filters):
        if number == _CHECKSUM:
            data = data[:-4]
        elif number == _GZIP:
            # Allow a few extra bytes (checksum and one more) to detect data that are too long.
            data = zlib.decompressobj().decompress(data, size + 5)
        else:
            data = np.frombuffer(data, np.uint8).reshape(dtype.itemsize, -1).T.tobytes()
    if len(data) != size:
        raise UnsafeModelError(f"A weight of {who!r} decodes to another size than it claims.")
    return np.frombuffer(data, dtype).reshape(shape)
