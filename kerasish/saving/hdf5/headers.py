"""How an HDF5 file hangs together, looked at before the library follows it.

HDF5's library trusts a file where it must not. It copies as much of a string of variable length as
the heap has, not as much as there is room for; it goes round for ever in a heap of empty pieces,
already when it opens a virtual dataset; it goes through a tree whose branches grow together again
leaf by leaf. So all of it is walked here first, and only what Keras writes comes through. The
format is described in the HDF Group's "HDF5 File Format Specification", version 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from
from typing import Any

from kerasish.core.errors import UnsafeModelError
from kerasish.saving.hdf5.global_heap import Heaps
from kerasish.saving.hdf5.structures import NOWHERE, Pieces, unusual

__all__ = ["check_hdf5"]

# The messages of a header that lead somewhere.
_LINKS, _LINK, _EXTERNAL, _LAYOUT = 2, 6, 7, 8
_ATTRIBUTE, _CONTINUED, _TABLE, _ATTRIBUTES = 12, 16, 17, 21
_CHUNKED, _VIRTUAL = 2, 3
_SHARED = 2
_SOFT = 2


def check_hdf5(stream: Any) -> None:
    """Walk through an HDF5 file, and come back if the library can do so without harm.

    Args:
        stream: the file, open for reading bytes.

    Raises:
        UnsafeModelError: if it has data in other files, leads in circles, or would make the
            library take more than there is.
        FileFormatError: if it is damaged, or of a form that Keras does not write.
    """
    pieces = Pieces(stream)
    heaps = Heaps(pieces)
    seen: set[int] = set()
    waiting = [_root(pieces)]
    while waiting:
        if (address := waiting.pop()) in seen:
            continue
        seen.add(address)
        for kind, flags, body in _messages(pieces, address):
            if kind == _ATTRIBUTE and flags & _SHARED:
                raise unusual("attribute")
            if kind == _ATTRIBUTE:
                heaps.check_attribute(body)
            elif kind == _LINK:
                waiting += _linked(body)
            elif kind == _TABLE:
                waiting += _listed(pieces, *unpack_from("<Q", body))
            elif kind == _LAYOUT:
                _check_layout(pieces, body)
            elif kind in (_LINKS, _ATTRIBUTES):
                _check_none_in_heap(body, order=8 if kind == _LINKS else 2)
            elif kind == _EXTERNAL:
                _refuse_elsewhere()


def _root(pieces: Pieces) -> int:
    """Return where the header of the root is."""
    block = pieces.read(0, 76, b"\x89HDF\r\n\x1a\n")
    version = block[8]
    if version <= 3:
        sizes = block[13:15] if version < 2 else block[9:11]
        # Of a block for other ways of storage, or of an extension.
        (further,) = unpack_from("<Q", block, (48, 52, 20, 20)[version])
        if sizes == b"\x08\x08" and further == NOWHERE:
            return int(unpack_from("<Q", block, (64, 68, 36, 36)[version])[0])
    raise unusual("beginning")


def _messages(pieces: Pieces, address: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the kind, the flags and the content of each message in a header."""
    head = pieces.read(address, 16)
    if head[0] == 1:
        chunks = [(address + 16, unpack_from("<I", head, 8)[0])]
        yield from _in_chunks(pieces, chunks, "<HHB", 8, 0)
    elif head.startswith(b"OHDR\2"):
        flags = head[5]
        start = address + 6 + 16 * bool(flags & 32) + 4 * bool(flags & 16)
        width = 1 << (flags & 3)
        size = int.from_bytes(pieces.read(start, width), "little")
        # Further ones have a signature, and all a checksum.
        chunks = [(start + width, size)]
        yield from _in_chunks(pieces, chunks, "<BHB", 6 if flags & 4 else 4, 4)
    else:
        raise unusual("header")


def _in_chunks(
    pieces: Pieces, chunks: list[tuple[int, int]], form: str, head: int, around: int
) -> Iterator[tuple[int, int, bytes]]:
    for i, (where, size) in enumerate(chunks):  # which grow
        edge = around if i else 0
        data = pieces.read(where, size, b"OCHK" if edge else b"")[edge : size - edge]
        while len(data) >= head:
            kind, length, flags = unpack_from(form, data)
            body, data = data[head : head + length], data[head + length :]
            if len(body) < length:
                raise unusual("header")
            if kind == _CONTINUED:
                chunks.append(unpack_from("<QQ", body))
            yield kind, flags, body


def _linked(body: bytes) -> list[int]:
    """Return where a link leads to, if that is in the file."""
    flags = body[1]
    if flags & 8 and body[2]:
        return []  # others are never followed
    at = 2 + bool(flags & 8) + 8 * bool(flags & 4) + bool(flags & 16)
    width = 1 << (flags & 3)
    length = int.from_bytes(body[at : at + width], "little")
    return [unpack_from("<Q", body, at + width + length)[0]]


def _listed(pieces: Pieces, tree: int) -> Iterator[int]:
    """Yield where the links of a group lead to, which hang on a tree."""
    for leaf in _leaves(pieces, tree, 0, 8):
        (count,) = unpack_from("<6xH", pieces.read(leaf, 8, b"SNOD"))
        table = pieces.read(leaf + 8, 40 * count)
        for at in range(0, len(table), 40):
            address, kind = unpack_from("<8xQI", table, at)
            if kind != _SOFT:
                yield address


def _leaves(pieces: Pieces, tree: int, kind: int, key: int) -> Iterator[int]:
    waiting = [(tree, None)]
    while waiting:
        address, expected = waiting.pop()
        found, level, count = unpack_from("<4xBBH", pieces.read(address, 24, b"TREE"))
        if found != kind or expected not in (None, level):
            raise unusual("tree")
        body = pieces.read(address + 24, count * (key + 8))
        children = [unpack_from("<Q", body, at)[0] for at in range(key, len(body), key + 8)]
        if level:
            waiting += [(child, level - 1) for child in children]
        else:
            yield from children


def _check_layout(pieces: Pieces, body: bytes) -> None:
    version, kind = body[:2]
    if version >= 3 and kind == _VIRTUAL:
        _refuse_elsewhere()
    if version < 3 or (version > 3 and kind == _CHUNKED):
        raise unusual("dataset")
    if kind == _CHUNKED:
        rank, tree = unpack_from("<BQ", body, 2)
        if tree != NOWHERE:
            for _ in _leaves(pieces, tree, 1, 8 + 8 * rank):
                pass


def _check_none_in_heap(body: bytes, order: int) -> None:
    """Refuse links and attributes that are so many that they have a heap of their own."""
    if unpack_from("<Q", body, 2 + order * (body[1] & 1))[0] != NOWHERE:
        raise unusual("group")


def _refuse_elsewhere() -> None:
    raise UnsafeModelError(
        "The file has a dataset whose data are in another file, which was not read."
    )
