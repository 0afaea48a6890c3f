"""Paths that are no files: each is told at once, and nothing is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kerasish import Input, Sequential, export
from kerasish.errors import ArgumentError, FileFormatError, KerasishError
from kerasish.saving import load_model

ENDINGS = (".keras", ".weights.h5", ".safetensors", ".stablehlo")


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def circle(path: Path) -> None:
    path.symlink_to(path)


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def empty(path: Path) -> None:
    path.touch()


def nothing(path: Path) -> None:
    pass


WORDS = {
    folder: "it is a folder",
    pipe: "it is a pipe or a device",
    device: "it is a pipe or a device",
    circle: "There is no file",
    link_to_nothing: "There is no file",
    nothing: "There is no file",
    empty: "FileFormatError: ",
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("made", WORDS)
def test_what_is_no_file(made, ending, loader, tmp_path):
    path = tmp_path / f"m{ending}"
    made(path)
    answer = loader(path)
    assert answer.startswith("FileFormatError: ") and answer.endswith(".")
    assert WORDS[made] in answer


def reading(ending):
    """Return what loads a file with an ending."""
    if ending == ".keras":
        return load_model
    return export.load if ending == ".stablehlo" else Sequential([Input((3,))]).load_weights


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "path", ["a\0b", "x" * 5000, "~nobody-is-called-so/m", "\ud800"], ids=ascii
)
def test_what_is_no_path(path, ending):
    with pytest.raises(FileFormatError, match="There is no file"):
        reading(ending)(path + ending)


@pytest.mark.parametrize("path", [None, 3, [], b"m.keras"], ids=repr)
def test_what_is_no_text(path):
    with pytest.raises(ArgumentError, match="path"):
        load_model(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_may_not_be_read(ending, tmp_path, monkeypatch):
    path = tmp_path / f"m{ending}"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.geteuid() == 0:  # who may read everything
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileFormatError, match="is not readable"):
        reading(ending)(path)


def test_the_sentence(tmp_path):
    with pytest.raises(KerasishError) as caught:
        load_model(tmp_path)
    assert str(caught.value) == f"There is no file {str(tmp_path)!r}: it is a folder."
