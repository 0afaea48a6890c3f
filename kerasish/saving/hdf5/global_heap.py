"""Strings of variable length in HDF5 files: attributes have the lengths, heaps the letters."""

from __future__ import annotations

import math
from struct import iter_unpack, unpack_from

from kerasish.core.errors import UnsafeModelError
from kerasish.saving.hdf5.structures import Pieces, unusual

__all__ = ["Heaps"]

# Classes of types, and the one of variable length that strings are.
_NUMBER, _STRING, _VARIABLE, _OF_LETTERS = 0, 3, 9, 1
_LATEST = 3
_SHARED_TYPE = 1
# A shape of nothing at all.
_EMPTY = 2


class Heaps:
    """The heaps of a file, and the attributes whose strings are in them.

    The library takes the lengths of both for equal when it copies, and finds the end of a heap by
    adding up the lengths of what is in it, which may be zero.

    Args:
        pieces: the file.
    """

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._heaps: dict[int, dict[int, int]] = {}

    def check_attribute(self, body: bytes) -> None:
        """Check that the strings of an attribute are as long as the heap has them.

        Args:
            body: the message of the attribute.

        Raises:
            UnsafeModelError: if they are not.
            FileFormatError: if the attribute is of an unknown form.
        """
        version, flags, *sizes = unpack_from("<BBHHH", body)
        if not 1 <= version <= _LATEST or (version > 1 and flags & _SHARED_TYPE):
            raise unusual("attribute")
        starts = [9 if version == _LATEST else 8]
        for size in sizes:  # of the name, the type and the shape
            starts.append(starts[-1] + (_padded(size) if version == 1 else size))
        _, kind, shape, values = starts
        if _is_text(body[kind:shape]):
            count = _count(body[shape:values])
            if len(body) < values + 16 * count:
                raise UnsafeModelError("An attribute claims to be larger than the file has it.")
            for length, heap, index in iter_unpack("<IQI", body[values : values + 16 * count]):
                if heap and self._lengths(heap).get(index) != length:
                    raise UnsafeModelError(
                        "An attribute has a string of another length than the file has for it; it "
                        "was not read."
                    )

    def _lengths(self, address: int) -> dict[int, int]:
        """Return the lengths of what is in a heap, by number."""
        if address not in self._heaps:
            version, size = unpack_from("<4xB3xQ", self._pieces.read(address, 16, b"GCOL"))
            data = self._pieces.read(address + 16, max(size - 16, 0))
            self._heaps[address] = _walk(data)
            if version != 1:
                raise unusual("heap")
        return self._heaps[address]


def _walk(data: bytes) -> dict[int, int]:
    found: dict[int, int] = {}
    at = 0
    while at + 16 <= len(data):
        index, length = unpack_from("<H6xQ", data, at)
        if index == 0:  # what is free, which counts its own head
            step = length
        else:
            found[index] = length
            step = 16 + _padded(length)
        if step < 16 or at + step > len(data) or (index == 0 and at + step != len(data)):
            raise UnsafeModelError("The file has a heap of strings that does not add up.")
        at += step
    return found


def _is_text(kind: bytes) -> bool:
    """Return whether a type is that of strings of variable length."""
    if kind[0] & 15 != _VARIABLE or kind[1] & 15 != _OF_LETTERS:
        return False
    (size,), (letter,) = unpack_from("<I", kind, 4), unpack_from("<I", kind, 12)
    if size != 16 or letter != 1 or kind[8] & 15 not in (_NUMBER, _STRING):
        raise unusual("string")
    return True


def _count(shape: bytes) -> int:
    version, rank, _, kind = shape[:4]
    if version not in (1, 2):
        raise unusual("shape")
    sizes = unpack_from(f"<{rank}Q", shape, 4 if version == 2 else 8)
    return 0 if version == 2 and kind == _EMPTY else math.prod(map(int, sizes))


def _padded(size: int) -> int:
    return -(-size // 8) * 8
