"""Files of layers in `.keras` files, and what hooks read of weights, made to do harm."""

from __future__ import annotations

import io
import os
import stat
import tempfile
import zipfile

import h5py
import numpy as np
import pytest

from kerasish import Input, Sequential, layers
from kerasish.core.serialization.custom_objects import get_custom_objects
from kerasish.errors import FileFormatError, KerasishError, UnsafeModelError
from kerasish.saving import load_model, register_keras_serializable

SEEN: list[list[str]] = []


@register_keras_serializable("hostile")
class Keeper(layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight((3, 1), name="kernel")

    def call(self, inputs):
        return inputs @ self.kernel

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["more"] = np.ones(3)

    def load_own_variables(self, store):
        SEEN.append(sorted(store))
        super().load_own_variables({"0": store["0"]})

    def save_assets(self, dir_path):
        with open(os.path.join(dir_path, "a.txt"), "w") as file:
            file.write("a")

    def load_assets(self, dir_path):
        with open(os.path.join(dir_path, "a.txt")) as file:
            SEEN.append([file.read()])


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A file that loads; temporary folders are made where they can be counted."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Sequential([Input((3,)), Keeper()]).save(tmp_path / "m.keras")
    SEEN.clear()
    yield tmp_path / "m.keras"
    assert not list((tmp_path / "temporary").iterdir())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["m.keras", "temporary"]


def refused(path, error=KerasishError, match=None):
    with pytest.raises(error, match=match):
        load_model(path)
    assert ["a"] not in SEEN


def member(name, content=b"a", mode=0o644, packing=zipfile.ZIP_DEFLATED):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, packing
    return info, content


def appended(path, *members):
    with zipfile.ZipFile(path, "a") as archive:
        for info, content in members:
            archive.writestr(info, content)


def test_an_honest_file(path):
    load_model(path)
    assert SEEN == [["0", "more"], ["a"]]


@pytest.mark.parametrize(
    "name",
    [
        "assets/../out",
        "assets/layers/keeper/../../../../out",
        "/assets/out",
        "assets//tmp/out",
        "assets/./out",
        "assets/..\\..\\out",
        "assets/layers\\out",
        "assets/C:out",
        "assets/a\nb",
        "assets/" + "a" * 300,
        "assets/" + "a/" * 40 + "b",
    ],
)
def test_names_that_lead_elsewhere(path, name):
    appended(path, member(name))
    refused(path, UnsafeModelError, "member")


def test_links(path):
    appended(path, member("assets/layers/keeper/link", b"/etc/passwd", stat.S_IFLNK | 0o777))
    refused(path, UnsafeModelError, "link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "names", [["assets/x", "assets/x"], ["assets/x", "assets/x/y"], ["assets/x/y", "assets/x"]]
)
def test_two_of_a_name(path, names):
    appended(path, *map(member, names))
    refused(path, FileFormatError)


def test_a_bomb(path):
    appended(path, member("assets/big", bytes(2**24)))
    refused(path, UnsafeModelError, "implausible size")


def test_many_small_bombs(path):
    appended(path, *(member(f"assets/{i}", bytes(2**20)) for i in range(70)))
    refused(path, UnsafeModelError, "far more than the file")


def test_too_many(path):
    appended(path, *(member(f"assets/{i}", b"") for i in range(10_001)))
    refused(path, UnsafeModelError, "more than 10000 asset files")


def test_other_packings(path):
    appended(path, member("assets/x", b"x", packing=zipfile.ZIP_LZMA))
    refused(path, UnsafeModelError, "compression method")


def test_damage(path):
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("assets/layers/keeper/a.txt").header_offset
    start = content.index(b"a.txt", at) + len("a.txt")
    path.write_bytes(content[:start] + b"b" + content[start + 1 :])
    refused(path, FileFormatError, "damaged")


def with_weights(path, change):
    """Write the file again, with other weights."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO(members["model.weights.h5"])
    with h5py.File(stream, "r+") as h5:
        change(h5["layers/keeper/vars"])
    members["model.weights.h5"] = stream.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def linked(group):
    group["soft"] = h5py.SoftLink("/layers/keeper/vars/0")


def external(group):
    group["external"] = h5py.ExternalLink("/etc/passwd", "x")


def repeated(group):
    group["again"] = group["more"]


def nested(group):
    group.create_group("inner")["x"] = np.ones(2)


def circular(group):
    group["self"] = group


def texts(group):
    group["text"] = "hello"


def claims(group):
    group.create_dataset("huge", (2**30,), "float64")


def packed(group):
    # Each is within bounds, all are not.
    for i in range(80):
        group.create_dataset(f"p{i}", data=np.zeros(2**17), compression="gzip", chunks=True)


def missing(group):
    del group["more"], group["0"]


@pytest.mark.parametrize(
    "change",
    [linked, external, repeated, nested, circular, texts, claims, packed, missing],
    ids=lambda change: change.__name__,
)
def test_arrays_of_a_layer(path, change):
    with_weights(path, change)
    refused(path)


def test_a_class_that_is_not_registered_is_not_asked(path):
    entries = get_custom_objects()
    kept = entries.pop("hostile>Keeper")
    try:
        refused(path, UnsafeModelError, "Keeper")
        assert SEEN == []
    finally:
        entries["hostile>Keeper"] = kept
