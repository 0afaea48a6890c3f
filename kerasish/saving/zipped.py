"""Reading zip files from strangers: nothing is unpacked, and no member is absurdly large."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from kerasish.core.errors import UnsafeModelError
from kerasish.core.guard import guarded
from kerasish.saving.folders import read_file

__all__ = ["read_member"]

_LARGEST_CONFIG = 64 * 2**20
_LARGEST_RATIO = 200
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
