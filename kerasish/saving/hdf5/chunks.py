"""Data that HDF5 files hold in chunks, unpacked here: no filter of the library is run."""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np

from kerasish.core.errors import UnsafeModelError

__all__ = ["read_chunks"]

# A checksum is not looked at; for other filters HDF5 would load a library from a folder.
_GZIP, _SHUFFLE, _CHECKSUM = 1, 2, 3


def read_chunks(dataset: Any, who: str) -> np.ndarray:
    """Return the array of a dataset in chunks.

    Args:
        dataset: what h5py has opened; its shape and those of its chunks are known to be sensible.
        who: what the data belong to, for messages.

    Raises:
        UnsafeModelError: if it is packed in an unknown way, or unpacks to more than it claims.
    """
    made = dataset.id.get_create_plist()
    filters = [made.get_filter(i)[0] for i in range(made.get_nfilters())]
    if unknown := set(filters) - {_GZIP, _SHUFFLE, _CHECKSUM}:
        raise UnsafeModelError(
            f"A weight of {who!r} is packed by the HDF5 filter {min(unknown)}, which was not run."
        )
    array = np.full(dataset.shape, dataset.fillvalue, dataset.dtype)
    found: list[Any] = []
    dataset.id.chunk_iter(found.append)
    for about in found:
        if about.size > dataset.file.id.get_filesize():
            raise UnsafeModelError(f"A weight of {who!r} claims to be larger than the file.")
        skipped, data = dataset.id.read_direct_chunk(about.chunk_offset)
        applied = [number for i, number in enumerate(filters) if not skipped >> i & 1]
        # There is no more in it than the file has, even if there is room for more.
        chunk = _unpack(data[: about.size], applied, dataset.dtype, dataset.chunks, who)
        at = zip(about.chunk_offset, chunk.shape, strict=True)
        target = array[tuple(slice(start, start + size) for start, size in at)]
        target[...] = chunk[tuple(map(slice, target.shape))]
    return array


def _unpack(
    data: bytes, filters: list[int], dtype: np.dtype[Any], shape: tuple[int, ...], who: str
) -> np.ndarray:
    size = math.prod(shape) * dtype.itemsize
    for number in reversed(filters):
        if number == _CHECKSUM:
            data = data[:-4]
        elif number == _GZIP:
            # A little more than there should be (a checksum, a byte), to see what is too long.
            data = zlib.decompressobj().decompress(data, size + 5)
        else:
            data = np.frombuffer(data, np.uint8).reshape(dtype.itemsize, -1).T.tobytes()
    if len(data) != size:
        raise UnsafeModelError(f"A weight of {who!r} unpacks to another size than it claims.")
    return np.frombuffer(data, dtype).reshape(shape)
