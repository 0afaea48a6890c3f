"""Reading zip files from strangers: no member may be absurdly larger than the file."""

from __future__ import annotations

import zipfile
from pathlib import Path

from kerasish.core.errors import FileFormatError

__all__ = ["read_member"]

_LARGEST_CONFIG = 256 * 2**20
_LARGEST_RATIO = 200


def read_member(path: Path, name: str) -> bytes:
    """Return a member of a `.keras` file.

    Raises:
        FileFormatError: if there is none, or it would be far larger than the file.
    """
    if not path.is_file():
        raise FileFormatError(f"There is no file {str(path)!r}.")
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(name)
            limit = max(_LARGEST_RATIO * info.compress_size, 2**20)
            if info.file_size > limit or (
                name.endswith(".json") and info.file_size > _LARGEST_CONFIG
            ):
                raise FileFormatError(f"{name} in {str(path)!r} claims to be absurdly large.")
            with archive.open(info) as member:
                return member.read(info.file_size)
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, OSError) as error:
        raise FileFormatError(
            f"{str(path)!r} is no `.keras` file, or it is damaged: {error}."
        ) from error
