"""The pieces that the structure of an HDF5 file is made of: each is read once."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import FileFormatError, UnsafeModelError

__all__ = ["NOWHERE", "Pieces", "unusual"]

# The address of what there is not.
NOWHERE = 2**64 - 1


class Pieces:
    """Reads pieces of a file, which must not lead in circles nor overlap.

    Args:
        stream: the file, open for reading bytes.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        # Each is begun twice at most: once for its head, and once for the rest.
        self._left = 2 * self._size + 2**10
        self._seen: set[int] = set()

    def read(self, address: int, size: int, signature: bytes = b"") -> bytes:
        """Return a piece.

        Raises:
            FileFormatError: if it is not in the file, or begins with something else.
            UnsafeModelError: if it has been read already.
        """
        self._left -= size
        if self._left < 0 or (size and address in self._seen):
            raise UnsafeModelError("The file has pieces that lead in a circle, or overlap.")
        self._seen.add(address)
        if address + size > self._size:
            raise FileFormatError("The file is cut off, or damaged: it lacks what it refers to.")
        self._stream.seek(address)
        piece: bytes = self._stream.read(size)
        if not piece.startswith(signature):
            raise FileFormatError(
                f"The file is damaged: a piece does not begin with {signature!r}."
            )
        return piece


def unusual(what: str) -> FileFormatError:
    """Return what to raise for a piece that might be read, but is not checked here."""
    return FileFormatError(
        f"The file has a {what} of a form that Keras does not write, or that is damaged."
    )
