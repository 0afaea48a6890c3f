"""Damage at random: whatever is in a file, loading it works or tells why not in our own words.

`KERASISH_FUZZ=20000 pytest tests/reliability/test_fuzzed_files.py` tries that many files, other
ones each time. What fails is kept in a file.
"""

from __future__ import annotations

import copy
import io
import json
import os
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from loading import Loader

# How many files are tried, and the part of them that is of each kind.
FRESH = int(os.environ.get("KERASISH_FUZZ", "0"))
FILES = FRESH or 2300

NUMBERS = [0, 1, 2, 7, 8, 16, 255, 2**15, 2**16 - 1, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 16]
NUMBERS += [2**64 - 8, 2**64 - 1]
VALUES = [None, True, False, -1, 10**30, 0.5, -1e308, 1e-320, float("nan"), float("inf"), *NUMBERS]
VALUES += ["", "x", "relu", "dense", "os.system", "\0", "\ud800", "é" * 99, "F64", "BOOL"]
VALUES += ["../x", "keras.layers", "Sequential", "Lambda", "__lambda__", "__tuple__", "__tensor__"]
VALUES += [[], {}, [0], [[]], [None, 3], [-1, -1], {"class_name": "Dense"}, {"config": {}}]
VALUES += [{"class_name": "function", "config": "relu", "module": "builtins"}]
SHAPES = [(), (0,), (1,), (2,), (3, 2), (2, 3), (2**20, 2**10)]
ATTRIBUTES = [3, "a", [b"a"], [1.5], [b"layers"], np.zeros((2, 2)), ["d", "e"]]


class Content(bytes):
    """The bytes of a file, which are not all told when it fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


# How files are damaged


def integers(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, max(most, 0))


@st.composite
def damaged(draw: Any, content: bytes) -> bytes:
    """Bytes with a few of them overwritten, moved, cut out or repeated; mostly not among zeros."""
    data = bytearray(content)
    telling = [i for i, byte in enumerate(content) if byte]
    # Where numbers lie that the structures of HDF5 files consist of.
    marks = [
        m.start() + 8 * i for m in re.finditer(b"GCOL|TREE|SNOD|HEAP", content) for i in range(8)
    ]
    where = [st.sampled_from(each) for each in (telling, marks) if each]
    for _ in range(draw(st.sampled_from([1, 1, 2, 8]))):
        at = draw(st.one_of(integers(len(data) - 1), *where))
        size = draw(st.sampled_from([1, 2, 4, 8]))
        match draw(st.sampled_from(["bit", "number", "number", "place", "bytes", "move", "cut"])):
            case "bit":
                data[at % len(data)] ^= 1 << draw(integers(7))
            case "number":
                number = draw(st.sampled_from(NUMBERS)) % 2 ** (8 * size)
                data[at : at + size] = number.to_bytes(size, "little")
            case "place":
                data[at : at + 8] = draw(st.sampled_from(telling)).to_bytes(8, "little")
            case "bytes":
                data[at : at + size] = draw(st.binary(min_size=size, max_size=size))
            case "move":
                start = draw(integers(len(data) - 1))
                data[at : at + 8 * size] = data[start : start + 8 * size]
            case "cut" if draw(st.booleans()):
                del data[at : draw(st.sampled_from([at + size, len(data)]))]
                data += b"\0" * (not data)
    return bytes(data)


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Yield `(holder, key)` for all that is within a description."""
    if isinstance(value, (dict, list)):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(each)


@st.composite
def rewritten(draw: Any, text: bytes) -> bytes:
    """A description with a few values exchanged, left out, nested or told twice."""
    config = json.loads(text)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 4]))):
        found = list(places(config))
        (holder, key), (other, there) = (found[draw(integers(len(found) - 1))] for _ in "ab")
        match draw(st.sampled_from(["other", "other", "moved", "gone", "nested", "more"])):
            case "other":
                holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
            case "moved":
                holder[key] = copy.deepcopy(other[there])
            case "gone":
                del holder[key]
            case "nested":
                new = [[holder[key]], {"a": holder[key]}, str(holder[key])]
                holder[key] = new[draw(integers(2))]
            case "more" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["x", "name", "class_name"]))] = holder[key]
        if not config:
            break
    return json.dumps(config).encode("utf-8", "surrogatepass")


@st.composite
def rewoven(draw: Any, content: bytes) -> bytes:
    """Weights with one array, group or attribute of another kind."""
    changed = io.BytesIO(content)
    with h5py.File(changed, "a") as h5:
        names: list[str] = []
        h5.visit(names.append)
        name = draw(st.sampled_from(names))
        kind = draw(st.sampled_from(["twice", "array", "packed", "attribute", "soft", "none"]))
        if kind in ("array", "packed", "soft", "none"):
            del h5[name]
        match kind:
            case "twice":
                h5[f"{name}_2"] = h5[draw(st.sampled_from(names))]
            case "array":
                dtype = draw(st.sampled_from(["f4", "f8", "i8", "S3", "c8", "?"]))
                h5.create_dataset(name, draw(st.sampled_from(SHAPES)), dtype)
            case "packed":
                made = h5.create_dataset(name, (3, 2), "f4", chunks=(2, 2), compression="gzip")
                if draw(st.booleans()):
                    made.id.write_direct_chunk((0, 0), draw(st.binary(min_size=1, max_size=20)))
            case "attribute":
                at = draw(st.sampled_from([h5, h5[name]]))
                key = draw(st.sampled_from(["layer_names", "weight_names"]))
                at.attrs[key] = draw(st.sampled_from(ATTRIBUTES))
            case "soft":
                h5[name] = h5py.SoftLink("/")
    return changed.getvalue()


@st.composite
def redescribed(draw: Any, content: bytes) -> bytes:
    """A whole model in HDF5 with another description, as any version may have written it."""
    changed = io.BytesIO(content)
    with h5py.File(changed, "a") as h5:
        name = draw(st.sampled_from(["model_config", "model_config", "training_config"]))
        h5.attrs[name] = draw(rewritten(h5.attrs[name].encode())).decode("utf-8", "replace")
        h5.attrs["keras_version"] = draw(st.sampled_from(["3.15.1", "2.15.0", "2.1.6", "x"]))
    return changed.getvalue()


@st.composite
def with_damage(draw: Any, members: dict[str, bytes], name: str, how: Callable) -> bytes:
    """A `.keras` file with one member damaged."""
    return packed(members | {name: draw(how(members[name]))})


@st.composite
def spoilt(draw: Any, members: dict[str, bytes]) -> bytes:
    """A checkpoint with one file of it damaged, or with the content of another."""
    name, other = (draw(st.sampled_from(sorted(members))) for _ in "ab")
    how = st.one_of(damaged(members[name] or b"0"), st.just(members[other]), st.just(b""))
    return packed(members | {name: draw(how)})


@st.composite
def rezipped(draw: Any, members: dict[str, bytes]) -> bytes:
    """A `.keras` file whose members are others, or whose lists of them tell other numbers."""
    names = [*members, "../out", "config.json/", "x" * 300]
    parts = [(draw(st.sampled_from(names)), content) for content in members.values()]
    if draw(st.booleans()):
        parts = list(members.items()) + parts[: draw(integers(1))]
    data = bytearray(packed(parts, draw(st.sampled_from([0, 8, 12, 14]))))
    for _ in range(draw(integers(2))):
        mark = draw(st.sampled_from([b"PK\1\2", b"PK\3\4", b"PK\5\6"]))
        starts = [i for i in range(len(data)) if data.startswith(mark, i)]
        if starts:
            at = draw(st.sampled_from(starts)) + 4 + draw(integers(42))
            size = draw(st.sampled_from([1, 2, 4]))
            number = draw(st.sampled_from(NUMBERS)) % 2 ** (8 * size)
            data[at : at + size] = number.to_bytes(size, "little")
    return bytes(data)


def packed(members: Any, method: int = 0) -> bytes:
    whole = io.BytesIO()
    items = members.items() if isinstance(members, dict) else members
    with zipfile.ZipFile(whole, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two members of a name
        for name, content in items:
            archive.writestr(name, content)
    return whole.getvalue()


@st.composite
def reheaded(draw: Any, content: bytes) -> bytes:
    """A safetensors file with another header, or another length for it."""
    size = int.from_bytes(content[:8], "little")
    header = draw(rewritten(content[8 : 8 + size]))
    told = draw(st.sampled_from([len(header)] * 5 + NUMBERS))
    return told.to_bytes(8, "little") + header + content[8 + size :]


# Each kind: the file, the damage, and its part of all.
KINDS = {
    "zip bytes": ("m.keras", lambda each: damaged(each.honest["m.keras"]), 6),
    "zip members": ("m.keras", lambda each: rezipped(each.members), 6),
    "config bytes": ("m.keras", lambda each: within(each, "config.json", damaged), 6),
    "config values": ("m.keras", lambda each: within(each, "config.json", rewritten), 9),
    "h5 bytes in a zip": ("m.keras", lambda each: within(each, "model.weights.h5", damaged), 5),
    "h5 values in a zip": ("m.keras", lambda each: within(each, "model.weights.h5", rewoven), 5),
    "weights bytes": ("m.weights.h5", lambda each: damaged(each.honest["m.weights.h5"]), 12),
    "weights values": ("m.weights.h5", lambda each: rewoven(each.honest["m.weights.h5"]), 7),
    "legacy bytes": ("m.h5", lambda each: damaged(each.honest["m.h5"]), 13),
    "legacy values": ("m.h5", lambda each: rewoven(each.honest["m.h5"]), 7),
    "model in h5, bytes": ("m.hdf5", lambda each: damaged(each.honest["m.hdf5"]), 3),
    "model in h5, values": ("m.hdf5", lambda each: redescribed(each.honest["m.hdf5"]), 3),
    "safetensors bytes": ("m.safetensors", lambda each: damaged(each.honest["m.safetensors"]), 3),
    "safetensors header": ("m.safetensors", lambda each: reheaded(each.honest["m.safetensors"]), 5),
    "checkpoints": ("m.checkpoint", lambda each: spoilt(each.checkpoint), 6),
    "export bytes": ("m.stablehlo", lambda each: damaged(each.honest["m.stablehlo"]), 4),
}


def within(each: Loader, name: str, how: Callable) -> st.SearchStrategy[bytes]:
    return with_damage(each.members, name, how)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(kind, loader):
    name, damage, part = KINDS[kind]
    answers = []
    rounds = -(-FILES * part // 100)

    @settings(
        max_examples=rounds,
        derandomize=not FRESH,
        database=None,
        deadline=None,
        phases=[Phase.generate],  # to make hanging ones smaller takes long
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(damage(loader).map(Content))
    def loads_or_tells(content):
        answers.append(loader.load(content, name))

    loads_or_tells()
    assert len(answers) >= 0.9 * rounds
    assert len(answers) - answers.count("loaded") > rounds / 20


def test_all_kinds_together_are_enough():
    assert sum(part for *_, part in KINDS.values()) == 100
    assert 0.9 * FILES > 2000
