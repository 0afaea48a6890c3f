"""Safetensors files made to do harm: each is refused with a word."""

from __future__ import annotations

import json
import re

import pytest

KERNEL = {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]}
BIAS = {"dtype": "F32", "shape": [2], "data_offsets": [24, 32]}


def written(header: object, size: int = 32, told: int | None = None) -> bytes:
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    return (len(text) if told is None else told).to_bytes(8, "little") + text + bytes(size)


def of(**changes: object) -> dict[str, object]:
    """Return an honest header, but for what is changed of the kernel."""
    return {"d/kernel": KERNEL | changes, "d/bias": BIAS}


def pair(name: str) -> str:
    return f'"{name}": {json.dumps(BIAS | {"data_offsets": [0, 8]})}'


HOSTILE = {
    "arrays that overlap": (
        written(of() | {"d/bias": BIAS | {"data_offsets": [16, 24]}}),
        "offset",
    ),
    "a gap between arrays": (
        written(of() | {"d/bias": BIAS | {"data_offsets": [32, 40]}}, 40),
        "offset",
    ),
    "bytes of no array": (written(of(), 40), "not fully covered"),
    "an array beyond the file": (written(of(), 31), "not fully covered"),
    "an array that ends before it begins": (written(of(data_offsets=[24, 0])), "ffset"),
    "an array of other bytes than its shape": (written(of(shape=[3, 3])), "."),
    "a header of 2**63 bytes": (written(of(), told=2**63), "eader"),
    "a header that is longer than the file": (written(of(), told=10_000), "eader"),
    "a header of nothing": (written("", told=0), "eader"),
    "a shape whose product is over 2**64": (written(of(shape=[2**40, 2**40])), "."),
    "a shape whose product is over 2**64 but for zero": (
        written(of(shape=[2**40, 2**40, 0], data_offsets=[0, 0])),
        ".",
    ),
    "a negative size": (written(of(shape=[-3, -2])), "."),
    "a size that is no number": (written(of(shape=["3", 2])), "."),
    "an unknown dtype": (written(of(dtype="F12")), "F12"),
    "a dtype that is no name": (written(of(dtype=7)), "."),
    "a dtype that NumPy lacks": (written(of(dtype="F8_E8M0", data_offsets=[0, 6])), "."),
    "objects": (written(of(dtype="O")), "."),
    "a name twice": (written("{" + pair("d/bias") + ", " + pair("d/bias") + "}", 8), "."),
    "metadata that are not a number": (
        written('{"__metadata__": {"a": NaN}, ' + json.dumps(of())[1:]),
        ".",
    ),
    "metadata that are no text": (written(of() | {"__metadata__": {"a": [1]}}), "."),
    "a header that is a list": (written("[]"), "."),
    "a header that is no UTF-8": (b"\2" + bytes(7) + b"\xff\xfe", "."),
    "a header that is too deep": (written('{"a":' * 100_000), "."),
    "a header of no array": (written({}, 0), "lacks"),
    "names from elsewhere": (
        written(of() | {"../d": BIAS | {"data_offsets": [32, 40]}}, 40),
        "no '../d'",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_headers(case, loader):
    content, words = HOSTILE[case]
    answer = loader.load(content, "hostile.safetensors")
    kind, _, sentence = answer.partition(": ")
    assert kind in ("FileFormatError", "ShapeError") and sentence.endswith(".")
    assert re.search(words, sentence), sentence


def test_the_honest_file(loader):
    assert loader.load(written(of()), "hostile.safetensors") == "loaded"
