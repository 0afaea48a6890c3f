"""Validation of the structure of an HDF5 file before the HDF5 library reads it.

The HDF5 library trusts a file too much: it copies as many bytes of a variable-length string as the
heap claims, loops forever over a heap of empty objects (already when it opens a virtual dataset),
and walks B-trees with shared nodes leaf by leaf. So all structures are walked here first, and only
what Keras writes is accepted. The format is described in the HDF Group's "HDF5 File Format
Specification", version 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from
from typing import BinaryIO

from kerasish.core.errors import UnsafeModelError
from kerasish.saving.hdf5.global_heap import GlobalHeaps
from kerasish.saving.hdf5.structures import UNDEFINED_ADDRESS, BlockReader, unsupported

__all__ = ["check_hdf5"]

# Header messages that contain addresses.
_LINKS, _LINK, _EXTERNAL, _LAYOUT = 2, 6, 7, 8
_ATTRIBUTE, _CONTINUED, _TABLE, _ATTRIBUTES = 12, 16, 17, 21
_CHUNKED, _VIRTUAL = 2, 3
_SHARED = 2
_SOFT = 2


def check_hdf5(stream: BinaryIO) -> None:
    """Walk through an HDF5 file, and return if the library can read it safely.

    Args:
        stream: the file, open for reading bytes.

    Raises:
        UnsafeModelError: if the file refers to other files, contains cycles, or would make the
            library read beyond its data.
        FileFormatError: if the file is damaged, or has a format that Keras does not write.
    """
    blocks = BlockReader(stream)
    heaps = GlobalHeaps(blocks)
    seen: set[int] = set()
    pending = [_root(blocks)]
    while pending:
        if (address := pending.pop()) in seen:
            continue
        seen.add(address)
        for kind, flags, body in _messages(blocks, address):
            if kind == _ATTRIBUTE and flags & _SHARED:
                raise unsupported("attribute")
            if kind == _ATTRIBUTE:
                heaps.check_attribute(body)
            elif kind == _LINK:
                pending += _link_target(body)
            elif kind == _TABLE:
                pending += _group_targets(blocks, *unpack_from("<Q", body))
            elif kind == _LAYOUT:
                _check_layout(blocks, body)
            elif kind in (_LINKS, _ATTRIBUTES):
                _check_not_dense(body, order=8 if kind == _LINKS else 2)
            elif kind == _EXTERNAL:
                _reject_external()


def _root(blocks: BlockReader) -> int:
    """Return the address of the root object header."""
    block = blocks.read(0, 76, b"\x89HDF\r\n\x1a\n")
    version = block[8]
    if version <= 3:
        sizes = block[13:15] if version < 2 else block[9:11]
        # The address of a driver information block or of a superblock extension.
        (further,) = unpack_from("<Q", block, (48, 52, 20, 20)[version])
        if sizes == b"\x08\x08" and further == UNDEFINED_ADDRESS:
            return int(unpack_from("<Q", block, (64, 68, 36, 36)[version])[0])
    raise unsupported("superblock")


def _messages(blocks: BlockReader, address: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the type, the flags and the content of each message in an object header."""
    head = blocks.read(address, 16)
    if head[0] == 1:
        chunks = [(address + 16, unpack_from("<I", head, 8)[0])]
        yield from _in_chunks(blocks, chunks, "<HHB", 8, 0)
    elif head.startswith(b"OHDR\2"):
        flags = head[5]
        start = address + 6 + 16 * bool(flags & 32) + 4 * bool(flags & 16)
        width = 1 << (flags & 3)
        size = int.from_bytes(blocks.read(start, width), "little")
        # Continuation blocks have a signature, and all blocks a checksum.
        chunks = [(start + width, size)]
        yield from _in_chunks(blocks, chunks, "<BHB", 6 if flags & 4 else 4, 4)
    else:
        raise unsupported("header")


def _in_chunks(
    blocks: BlockReader, chunks: list[tuple[int, int]], form: str, head: int, checksum_size: int
) -> Iterator[tuple[int, int, bytes]]:
    for i, (where, size) in enumerate(chunks):  # `chunks` grows in the loop
        edge = checksum_size if i else 0
        data = blocks.read(where, size, b"OCHK" if edge else b"")[edge : size - edge]
        while len(data) >= head:
            kind, length, flags = unpack_from(form, data)
            body, data = data[head : head + length], data[head + length :]
            if len(body) < length:
                raise unsupported("header")
            if kind == _CONTINUED:
                chunks.append(unpack_from("<QQ", body))
            yield kind, flags, body


def _link_target(body: bytes) -> list[int]:
    """Return the target address of a hard link; other links have none."""
    flags = body[1]
    if flags & 8 and body[2]:
        return []  # soft and external links are never followed
    at = 2 + bool(flags & 8) + 8 * bool(flags & 4) + bool(flags & 16)
    width = 1 << (flags & 3)
    length = int.from_bytes(body[at : at + width], "little")
    return [unpack_from("<Q", body, at + width + length)[0]]


def _group_targets(blocks: BlockReader, tree: int) -> Iterator[int]:
    """Yield the target addresses of the links of a group, which are in a B-tree."""
    for leaf in _leaves(blocks, tree, 0, 8):
        (count,) = unpack_from("<6xH", blocks.read(leaf, 8, b"SNOD"))
        table = blocks.read(leaf + 8, 40 * count)
        for at in range(0, len(table), 40):
            address, kind = unpack_from("<8xQI", table, at)
            if kind != _SOFT:
                yield address


def _leaves(blocks: BlockReader, tree: int, kind: int, key: int) -> Iterator[int]:
    pending = [(tree, None)]
    while pending:
        address, expected = pending.pop()
        found, level, count = unpack_from("<4xBBH", blocks.read(address, 24, b"TREE"))
        if found != kind or expected not in (None, level):
            raise unsupported("tree")
        body = blocks.read(address + 24, count * (key + 8))
        children = [unpack_from("<Q", body, at)[0] for at in range(key, len(body), key + 8)]
        if level:
            pending += [(child, level - 1) for child in children]
        else:
            yield from children


def _check_layout(blocks: BlockReader, body: bytes) -> None:
    version, kind = body[:2]
    if version >= 3 and kind == _VIRTUAL:
        _reject_external()
    if version < 3 or (version > 3 and kind == _CHUNKED):
        raise unsupported("dataset")
    if kind == _CHUNKED:
        rank, tree = unpack_from("<BQ", body, 2)
        if tree != UNDEFINED_ADDRESS:
            for _ in _leaves(blocks, tree, 1, 8 + 8 * rank):
                pass


def _check_not_dense(body: bytes, order: int) -> None:
    """Reject links and attributes in dense storage (a fractal heap)."""
    if unpack_from("<Q", body, 2 + order * (body[1] & 1))[0] != UNDEFINED_ADDRESS:
        raise unsupported("group")


def _reject_external() -> None:
    raise UnsafeModelError(
        "The file has a dataset whose data are in another file, which was not read."
    )
