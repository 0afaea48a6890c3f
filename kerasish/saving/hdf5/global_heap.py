"""Checks of variable-length strings: attributes hold the lengths, global heaps the characters."""

from __future__ import annotations

import math
from struct import iter_unpack, unpack_from

from kerasish.core.errors import UnsafeModelError
from kerasish.saving.hdf5.structures import BlockReader, unsupported

__all__ = ["GlobalHeaps"]

# Datatype classes, and the kind of variable-length datatype that is a string.
_NUMBER, _STRING, _VARIABLE, _CHARACTERS = 0, 3, 9, 1
_LATEST = 3
_SHARED_TYPE = 1
# A null dataspace.
_EMPTY = 2


class GlobalHeaps:
    """Global heaps of a file, which hold the strings of attributes.

    When the library copies a string, it assumes that both lengths are equal. It finds the end of a
    heap by adding the sizes of its objects, which may be zero in a malicious file.

    Args:
        blocks: the file.
    """

    def __init__(self, blocks: BlockReader) -> None:
        self._blocks = blocks
        self._heaps: dict[int, dict[int, int]] = {}

    def check_attribute(self, body: bytes) -> None:
        """Check that the string lengths of an attribute equal those in the heap.

        Args:
            body: the attribute message.

        Raises:
            UnsafeModelError: if they differ.
            FileFormatError: if the attribute has an unsupported format.
        """
        version, flags, *sizes = unpack_from("<BBHHH", body)
        if not 1 <= version <= _LATEST or (version > 1 and flags & _SHARED_TYPE):
            raise unsupported("attribute")
        starts = [9 if version == _LATEST else 8]
        for size in sizes:  # of the name, the type and the shape
            starts.append(starts[-1] + (_padded(size) if version == 1 else size))
        _, kind, shape, values = starts
        if _is_text(body[kind:shape]):
            count = _count(body[shape:values])
            if len(body) < values + 16 * count:
                raise UnsafeModelError("An attribute claims more data than the file has.")
            for length, address, index in iter_unpack("<IQI", body[values : values + 16 * count]):
                if address and self._lengths(address).get(index) != length:
                    raise UnsafeModelError(
                        "An attribute has a string whose length differs from that in the file; it "
                        "was not read."
                    )

    def _lengths(self, address: int) -> dict[int, int]:
        """Return the lengths of the objects in a heap by index."""
        if address not in self._heaps:
            version, size = unpack_from("<4xB3xQ", self._blocks.read(address, 16, b"GCOL"))
            data = self._blocks.read(address + 16, max(size - 16, 0))
            self._heaps[address] = _walk(data)
            if version != 1:
                raise unsupported("heap")
        return self._heaps[address]


def _walk(data: bytes) -> dict[int, int]:
    found: dict[int, int] = {}
    at = 0
    while at + 16 <= len(data):
        index, length = unpack_from("<H6xQ", data, at)
        if index == 0:  # free space, whose size includes its header
            step = length
        else:
            found[index] = length
            step = 16 + _padded(length)
        if step < 16 or at + step > len(data) or (index == 0 and at + step != len(data)):
            raise UnsafeModelError("The file has a heap of strings whose sizes do not add up.")
        at += step
    return found


def _is_text(kind: bytes) -> bool:
    """Return whether a datatype is a variable-length string."""
    if kind[0] & 15 != _VARIABLE or kind[1] & 15 != _CHARACTERS:
        return False
    (size,), (character,) = unpack_from("<I", kind, 4), unpack_from("<I", kind, 12)
    if size != 16 or character != 1 or kind[8] & 15 not in (_NUMBER, _STRING):
        raise unsupported("string")
    return True


def _count(shape: bytes) -> int:
    version, rank, _, kind = shape[:4]
    if version not in (1, 2):
        raise unsupported("shape")
    sizes = unpack_from(f"<{rank}Q", shape, 4 if version == 2 else 8)
    return 0 if version == 2 and kind == _EMPTY else math.prod(map(int, sizes))


def _padded(size: int) -> int:
    return -(-size // 8) * 8
