"""Reading untrusted zip files: members stay in their folder and have bounded sizes."""

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

__all__ = ["extracted_assets", "read_member"]

_LARGEST_CONFIG = 64 * 2**20
_LARGEST_RATIO = 200
# The assets may have this total size in any case, and this number of files.
_SMALL = 2**26
_MOST_MEMBERS = 10_000
# No control characters, drives or backslashes.
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\\:]+")
_LONGEST_NAME = 200
_DEEPEST = 30
# Only these methods can be decompressed in bounded steps.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_member(path: Path, name: str) -> bytes:
    """Return a member of a `.keras` file, or of a folder with the same files.

    Raises:
        FileFormatError: if the member does not exist or the file is damaged.
        UnsafeModelError: if the member would be far larger than the file, or if any member points
            outside of the folder or is a link.
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
def extracted_assets(path: Path, folder: str) -> Iterator[Path]:
    """Extract a folder of a `.keras` file to a temporary folder.

    The files of a model folder are copied instead.

    Raises:
        FileFormatError: if the file is damaged.
        UnsafeModelError: if a member points outside of the folder or is a link, or if the members
            are too many or far larger than the file.
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
                _extract(archive, info, Path(target, *_parts(info, folder)))
        yield Path(target)


def _check_all(members: list[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > _MOST_MEMBERS:
        raise UnsafeModelError(f"{str(path)!r} has more than {_MOST_MEMBERS} asset files.")
    for info in members:
        _check_size(info, path)
    size = sum(info.file_size for info in members)
    if size > max(_LARGEST_RATIO * path.stat().st_size, _SMALL):
        raise UnsafeModelError(
            f"The asset files in {str(path)!r} would take {size} bytes, far more than the file."
        )


def _parts(info: zipfile.ZipInfo, folder: str) -> list[str]:
    """Return the validated parts of the path of a member below a folder."""
    parts = info.filename[len(folder) :].removesuffix("/").split("/")
    invalid = any(
        each in ("", ".", "..") or len(each) > _LONGEST_NAME or not _PLAIN.fullmatch(each)
        for each in parts
    )
    if (invalid and parts != [""]) or len(parts) > _DEEPEST:
        raise UnsafeModelError(
            f"The file has a member with an invalid name: {info.filename[:200]!r}."
        )
    return parts


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as member, target.open("xb") as file:
        shutil.copyfileobj(member, file)


def _check_name(info: zipfile.ZipInfo) -> None:
    """Reject names that point outside of the folder when the file is extracted."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/"):
        raise UnsafeModelError(
            f"The file has a member outside of its folder: {info.filename[:200]!r}."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnsafeModelError(f"The file contains a link: {info.filename[:200]!r}.")


def _check_size(info: zipfile.ZipInfo, path: Path) -> None:
    packed = min(info.compress_size, path.stat().st_size)
    config = info.filename.endswith(".json")
    if info.file_size > max(_LARGEST_RATIO * packed, 2**20) or (
        config and info.file_size > _LARGEST_CONFIG
    ):
        raise UnsafeModelError(f"{info.filename} in {str(path)!r} claims an implausible size.")
    if info.compress_type not in _METHODS:
        raise UnsafeModelError(
            f"{info.filename} in {str(path)!r} uses a compression method that `.keras` files do "
            "not have."
        )
