"""HDF5 files that make its library hang, crash, or copy what is not theirs: each is refused.

Each is loaded in a process of its own, so that a fault is told and not suffered.
"""

from __future__ import annotations

import io
import struct
import zlib

import h5py
import numpy as np
import pytest

NOWHERE = 2**64 - 1
# How a test names what is loaded: weights in our layout, or those of the first Keras.
WEIGHTS, LEGACY = "hostile.weights.h5", "hostile.h5"
KERNEL = "layers/dense/vars/0"
REFUSED = "UnsafeModelError: "


def written(change=None, **settings) -> bytearray:
    """Return a file of the first Keras's, of which something is changed as h5py can."""
    whole = io.BytesIO()
    with h5py.File(whole, "w", **settings) as h5:
        h5.attrs["layer_names"] = ["d"]
        h5.create_group("d").attrs["weight_names"] = ["kernel", "bias"]
        h5["d/kernel"], h5["d/bias"] = np.ones((3, 2), "float32"), np.ones(2, "float32")
        if change:
            change(h5)
    return bytearray(whole.getvalue())


def put(data: bytearray, at: int, form: str, *values: int) -> None:
    struct.pack_into("<" + form, data, at, *values)


def found(data: bytes, mark: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(mark, at)]


def test_what_keras_writes_is_loaded(loader):
    assert loader.load(written(), LEGACY) == "loaded"
    assert loader.load(written(libver="latest"), LEGACY) == "loaded"
    assert loader.load(loader.honest["m.weights.h5"], WEIGHTS) == "loaded"


# Strings of variable length


@pytest.mark.parametrize(
    ("index", "size"),
    [(0, 0), (1, 8), (1, 2**64 - 16), (1, 2**64 - 8), (0, 8), (1, 2**40), (0, 64)],
)
def test_a_heap_that_does_not_add_up(index, size, loader):
    """HDF5 adds up the sizes to find the end, and never comes there if one is nothing."""
    data = written()
    for heap in found(data, b"GCOL"):
        put(data, heap + 16, "HHIQ", index, 1, 0, size)
    assert loader.load(data, LEGACY).startswith(REFUSED)


def test_an_empty_rest_of_a_heap(loader):
    data = written()
    (heap,) = found(data, b"GCOL")
    at = heap + 16
    while (head := struct.unpack_from("<H6xQ", data, at))[0]:
        at += 16 + -(-head[1] // 8) * 8
    put(data, at + 8, "Q", 0)
    assert "do not add up" in loader.load(data, LEGACY)


@pytest.mark.parametrize("length", [0, 2, 2**31, 2**32 - 1])
def test_a_string_of_another_length_than_its_heap_has(length, loader):
    """HDF5 makes room for the one, and copies as much as the other."""
    long = 3_000_000
    data = written(lambda h5: h5["d"].attrs.create("weight_names", ["x" * long, "bias"]))
    (heap, *_) = [
        at for at in found(data, b"GCOL") if long in struct.unpack_from("<24xQ", data, at)
    ]
    (at,) = found(data, struct.pack("<IQI", long, heap, 1))
    put(data, at, "I", length)
    assert "length differs" in loader.load(data, LEGACY)


def test_a_heap_that_is_no_heap(loader):
    data = written()
    (heap,) = found(data, b"GCOL")
    at = found(data, struct.pack("<QI", heap, 1))[0]
    put(data, at, "Q", heap + 2000)
    assert "does not begin with b'GCOL'" in loader.load(data, LEGACY)


def virtual(h5: h5py.File) -> None:
    del h5["d/kernel"]
    layout = h5py.VirtualLayout((3, 2), "float32")
    layout[:] = h5py.VirtualSource("secret.h5", "x", (3, 2))
    h5.create_virtual_dataset("d/kernel", layout)


def test_a_virtual_dataset_with_a_damaged_heap(loader):
    """HDF5 hangs when it is opened; asking it what it is comes too late."""
    data = written(virtual)
    heaps = found(data, b"GCOL")
    put(data, heaps[-1] + 16, "HHIQ", 0, 0, 0, 0)
    assert loader.load(data, LEGACY).startswith(REFUSED)


# Circles, and branches that grow together


def many(h5: h5py.File) -> None:
    for i in range(400):
        h5[f"w{i:03}"] = np.float32(1)


def trees(data: bytes, kind: int) -> tuple[int, list[int]]:
    """Return where the top of the largest tree of a kind is, and where its leaves are."""
    nodes = [at for at in found(data, b"TREE") if data[at + 4] == kind]
    top = max(nodes, key=lambda at: data[at + 5])
    return top, [at for at in nodes if data[at + 5] == 0]


def test_a_group_that_lists_itself(loader):
    data = written(many)
    top, _ = trees(data, 0)
    put(data, top + 32, "Q", top)
    assert loader.load(data, LEGACY).startswith(REFUSED)


def test_a_tree_with_more_leaves_than_a_file_has_bytes(loader):
    """Each node has the one below it thirty times: to count the leaves takes a thousand years."""
    data = written(many)
    top, (below, *_) = trees(data, 0)
    for level in range(1, 12):
        node = struct.pack("<4sBBHQQQ", b"TREE", 0, level, 30, NOWHERE, NOWHERE, 0)
        node += b"".join(struct.pack("<QQ", below, 8 * (i + 1)) for i in range(32))
        below, data = len(data), data + node
    put(data, 40, "Q", len(data))
    for at in found(data, struct.pack("<Q", top)):
        put(data, at, "Q", below)
    assert "cycle" in loader.load(data, LEGACY)


def packed_in_many(h5: h5py.File) -> None:
    del h5["d/kernel"]
    h5.create_dataset("d/kernel", data=np.ones((300, 2), "float32"), chunks=(1, 2))


def test_chunks_that_hang_on_themselves(loader):
    data = written(packed_in_many)
    top, _ = trees(data, 1)
    put(data, top + 24 + 32, "Q", top)
    assert "cycle" in loader.load(data, LEGACY)


def test_a_header_that_goes_on_with_itself(loader):
    def change(h5):
        for i in range(20):
            h5.attrs[f"a{i}"] = np.arange(20)

    data = written(change)
    at = next(at for at in found(data, struct.pack("<HHI", 16, 16, 0)))
    (size,) = struct.unpack_from("<Q", data, at + 16)
    put(data, at + 8, "QQ", 96 + 16, size)
    assert "cycle" in loader.load(data, LEGACY)


def test_a_group_within_itself(loader):
    """Hard links may lead up again, and nothing follows them."""
    assert loader.load(written(lambda h5: h5.__setitem__("d/up", h5["/"])), LEGACY) == "loaded"


# What is packed


def chunk(content: bytes, **settings):
    """Return the change that packs other bytes than a chunk should have."""

    def change(h5):
        del h5["d/kernel"]
        made = h5.create_dataset("d/kernel", (3, 2), "float32", chunks=(3, 2), **settings)
        made.id.write_direct_chunk((0, 0), content)

    return change


@pytest.mark.parametrize(
    "change",
    [
        chunk(zlib.compress(bytes(2**31 - 1), 1), compression="gzip"),
        chunk(zlib.compress(b"\0" * 20), compression="gzip"),
        chunk(b"ab", fletcher32=True),
        chunk(b"ab"),
        chunk(zlib.compress(b"abcde"), compression="gzip", shuffle=True),
        chunk(b"no gzip", compression="gzip"),
    ],
    ids=["bomb", "too little", "short checksum", "short", "short shuffle", "damaged"],
)
def test_chunks_that_are_not_what_they_claim(change, loader):
    """HDF5 itself takes gigabytes, crashes, or hands out memory that is not of the file."""
    assert loader.load(written(change), LEGACY) != "loaded"


def test_honest_chunks(loader):
    def change(h5):
        del h5["d/kernel"]
        packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        h5.create_dataset("d/kernel", data=np.ones((3, 2), "f4"), chunks=(2, 2), **packed)

    assert loader.load(written(change), LEGACY) == "loaded"


@pytest.mark.parametrize("packing", [{"scaleoffset": 2}, {"compression": "lzf"}], ids=str)
def test_other_filters(packing, loader):
    def change(h5):
        del h5["d/kernel"]
        h5.create_dataset("d/kernel", data=np.ones((3, 2), "f4"), chunks=(3, 2), **packing)

    assert "filter" in loader.load(written(change), LEGACY)


# Other kinds of things, and other beginnings


def named_type(h5):
    h5["kind"] = h5py.string_dtype()
    h5.attrs.create("layer_names", ["d"], dtype=h5["kind"])


def references(h5):
    h5.attrs.create("layer_names", [h5["d"].ref], dtype=h5py.ref_dtype)


def sequences(h5):
    del h5.attrs["layer_names"]
    held = np.empty(1, object)
    held[0] = np.ones(2, "f4")
    h5.attrs.create("layer_names", held, dtype=h5py.vlen_dtype("f4"))


def records(h5):
    kind = np.dtype([("a", h5py.string_dtype()), ("b", "i4")])
    h5.attrs.create("layer_names", np.array([("d", 1)], kind), dtype=kind)


def in_a_heap(h5):
    for i in range(20):
        h5.attrs[f"a{i}"] = i


def test_a_type_of_types(loader):
    """A record of a record of a record: h5py takes an age to say what it is."""
    record = np.dtype([(f"f{i:04}", "f4") for i in range(900)])

    def change(h5):
        del h5["d/kernel"]
        h5.create_dataset("d/kernel", (3, 2), record)

    data = written(change)
    heads = found(data, struct.pack("<B3sI", 0x16, b"\x84\3\0", 3600))
    inner = struct.pack("<B3sI3s", 0x36, b"\1\0\0", 4, b"a\0\0") * 3300
    inner += struct.pack("<B3sIHHBBBBI", 0x11, b"\x20\x1f\0", 4, 0, 32, 23, 8, 0, 23, 127)
    for at in heads:
        data[at : at + len(inner)] = inner
    assert heads and "no numbers" in loader.load(data, LEGACY)


@pytest.mark.parametrize("change", [named_type, references, sequences, records])
def test_attributes_of_other_kinds(change, loader):
    assert loader.load(written(change), LEGACY).startswith("FileFormatError: ")


def test_what_newer_forms_keep_elsewhere(loader):
    data = written(in_a_heap, libver="latest")
    assert "in a format that Keras does not write" in loader.load(data, LEGACY)


@pytest.mark.parametrize(
    ("at", "value"), [(8, 9), (13, 4), (14, 16), (48, 96), (64, NOWHERE), (64, 8), (64, 2**63)]
)
def test_other_beginnings(at, value, loader):
    data = written()
    put(data, at, "Q" if at > 16 else "B", value)
    assert "FileFormatError: " in loader.load(data, LEGACY)


def test_something_before_the_file(loader):
    assert "does not begin" in loader.load(bytes(512) + written(userblock_size=512)[512:], LEGACY)


def test_a_dataset_where_the_file_ends(loader):
    data = written()
    assert "Error: " in loader.load(data[: len(data) // 2], LEGACY)
