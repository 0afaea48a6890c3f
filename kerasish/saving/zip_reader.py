"""Reading zip files from strangers: nothing is unpacked elsewhere, nor is absurdly large."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasish.core.errors import UnsafeModelError
from kerasish.core.serialization.untrusted import guarded
from kerasish.saving.folders import copy_files, read_file

__all__ = ["read_member", "unpacked"]

_LARGEST_CONFIG = 64 * 2**20
_LARGEST_RATIO = 200
# What the files of layers may come to together in any case, and how many there may be.
_SMALL = 2**26
_MOST_MEMBERS = 10_000
# No control characters, and nothing that is a drive or a folder elsewhere.
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\\:]+")
_LONGEST_NAME = 200
_DEEPEST = 30
# Others cannot be unpacked a bit at a time.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_member(path: Path, name: str) -> bytes:
    """Return a member of a `.keras` file, or of a folder with the same files.

    Raises:
        FileFormatError: if there is none.
        UnsafeModelError: if it would be far larger than the file, or if a member lies outside of
            the file's folder or is a link.
    """
    if path.is_dir():
        return read_file(path, name)
    damaged = guarded(f"{str(path)!r} is not a `.keras` file, or it is damaged")
    with damaged, zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            _check_name(info)
        info = archive.getinfo(name)
        _check_size(info, path)
        with archive.open(info) as member:
            return member.read(info.file_size)


@contextmanager
def unpacked(path: Path, folder: str) -> Iterator[Path]:
    """Give a temporary folder with the files that a `.keras` file has in one of its folders.

    A folder in the place of the file has them as they are.

    Raises:
        FileFormatError: if the file is damaged.
        UnsafeModelError: if a member would lie elsewhere or is a link, or if there are too many
            or they are far larger than the file.
    """
    with tempfile.TemporaryDirectory(prefix="kerasish-") as target:
        if path.is_dir():
            copy_files(path / folder, Path(target))
            yield Path(target)
            return
        damaged = guarded(f"{str(path)!r} is not a `.keras` file, or it is damaged")
        with damaged, zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                _check_name(info)
            members = [m for m in archive.infolist() if m.filename.startswith(folder)]
            _check_all(members, path)
            for info in members:
                _unpack(archive, info, Path(target, *_parts(info, folder)))
        yield Path(target)


def _check_all(members: list[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > _MOST_MEMBERS:
        raise UnsafeModelError(f"{str(path)!r} has over {_MOST_MEMBERS} files of layers.")
    for info in members:
        _check_size(info, path)
    size = sum(info.file_size for info in members)
    if size > max(_LARGEST_RATIO * path.stat().st_size, _SMALL):
        raise UnsafeModelError(
            f"The files of layers in {str(path)!r} claim {size} bytes, far more than it holds."
        )


def _parts(info: zipfile.ZipInfo, folder: str) -> list[str]:
    """Return the names on the way to a member, none of which may mean something else."""
    parts = info.filename[len(folder) :].removesuffix("/").split("/")
    strange = any(
        each in ("", ".", "..") or len(each) > _LONGEST_NAME or not _PLAIN.fullmatch(each)
        for each in parts
    )
    if (strange and parts != [""]) or len(parts) > _DEEPEST:
        raise UnsafeModelError(f"The file has a member of a strange name: {info.filename[:200]!r}.")
    return parts


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as member, target.open("xb") as file:
        shutil.copyfileobj(member, file)


def _check_name(info: zipfile.ZipInfo) -> None:
    """Refuse what would be written elsewhere by a program that unpacks the file."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/"):
        raise UnsafeModelError(f"The file has a member out of its folder: {info.filename[:200]!r}.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnsafeModelError(f"The file has a link, {info.filename[:200]!r}, in it.")


def _check_size(info: zipfile.ZipInfo, path: Path) -> None:
    packed = min(info.compress_size, path.stat().st_size)
    config = info.filename.endswith(".json")
    if info.file_size > max(_LARGEST_RATIO * packed, 2**20) or (
        config and info.file_size > _LARGEST_CONFIG
    ):
        raise UnsafeModelError(f"{info.filename} in {str(path)!r} claims to be absurdly large.")
    if info.compress_type not in _METHODS:
        raise UnsafeModelError(
            f"{info.filename} in {str(path)!r} is packed in a way that `.keras` files are not."
        )
