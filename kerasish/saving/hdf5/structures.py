"""BlockReader: reads the metadata blocks of an HDF5 file, each at most once."""

from __future__ import annotations

from typing import BinaryIO

from kerasish.core.errors import FileFormatError, UnsafeModelError

__all__ = ["UNDEFINED_ADDRESS", "BlockReader", "unsupported"]

# The undefined address of the file format.
UNDEFINED_ADDRESS = 2**64 - 1


class BlockReader:
    """Reads blocks of a file and rejects cycles and overlaps.

    Args:
        stream: the file, open for reading bytes.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        # Each block is read in two parts at most: its header and the rest.
        self._left = 2 * self._size + 2**10
        self._seen: set[int] = set()

    def read(self, address: int, size: int, signature: bytes = b"") -> bytes:
        """Return a block.

        Raises:
            FileFormatError: if the block is not within the file, or has another signature.
            UnsafeModelError: if the block was read before.
        """
        self._left -= size
        if self._left < 0 or (size and address in self._seen):
            raise UnsafeModelError("The file has blocks that form a cycle or overlap.")
        self._seen.add(address)
        if address + size > self._size:
            raise FileFormatError(
                "The file is truncated or damaged: it refers to data beyond its end."
            )
        self._stream.seek(address)
        block: bytes = self._stream.read(size)
        if not block.startswith(signature):
            raise FileFormatError(
                f"The file is damaged: a block does not begin with {signature!r}."
            )
        return block


def unsupported(what: str) -> FileFormatError:
    """Return the error for a structure that this module does not check."""
    return FileFormatError(
        f"The file has a {what} in a format that Keras does not write, or that is damaged."
    )
