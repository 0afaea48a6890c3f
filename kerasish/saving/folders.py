"""Models in folders (`zipped=False`): the members of a `.keras` file as separate files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasish.core.errors import ArgumentError, UnsafeModelError
from kerasish.saving.files import source

__all__ = ["copy_files", "is_model_folder", "read_file", "target_folder", "write_folder"]

_MARK = "config.json"
_LARGEST_CONFIG = 64 * 2**20


def is_model_folder(filepath: str | os.PathLike[str]) -> bool:
    """Return whether a path is a folder with a model."""
    try:
        return (Path(filepath).expanduser() / _MARK).is_file()
    except (TypeError, ValueError, OSError, RuntimeError):
        return False


def target_folder(filepath: str | os.PathLike[str], overwrite: bool) -> Path:
    """Return the path of the folder to write to after checking it.

    Raises:
        ArgumentError: if the path has the extension of a file, or if it exists and is not a model
            folder or must not be replaced.
    """
    path = Path(filepath).expanduser()
    if path.suffix in (".keras", ".h5", ".hdf5"):
        raise ArgumentError(
            f"With zipped=False a model is saved to a folder; {path.name!r} is the name of a file. "
            f"Use {path.stem!r}."
        )
    if not path.parent.is_dir():
        raise ArgumentError(f"There is no folder {str(path.parent)!r} to write {path.name!r} to.")
    if path.exists() and not (overwrite and is_model_folder(path)):
        what = "exists already; pass `overwrite=True`" if is_model_folder(path) else "is not one"
        raise ArgumentError(f"{str(path)!r} {what}: only the folder of a model is replaced.")
    return path


def write_folder(path: Path, members: Mapping[str, Any]) -> None:
    """Write files to a folder atomically.

    Args:
        path: the folder.
        members: contents (strings or bytes) by file name.

    Raises:
        ArgumentError: if the parent folder is not writable.
    """
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise ArgumentError(f"{str(path.parent)!r} is not writable: {error}.") from error
    try:
        for name, content in members.items():
            file = temporary / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        (temporary / "assets").mkdir(exist_ok=True)
        temporary.chmod(0o755)
        old = temporary.with_name(f"{temporary.name}.old")
        if path.exists():
            path.rename(old)
        temporary.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def copy_files(folder: Path, target: Path) -> None:
    """Copy the files of a folder, if it exists, to an empty folder.

    Raises:
        UnsafeModelError: if one is a symbolic link or not a regular file.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise UnsafeModelError(f"{str(path)!r} is not a regular file; it was not read.")
        if path.is_file():
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def read_file(folder: Path, name: str) -> bytes:
    """Return the content of a file in a model folder.

    Raises:
        FileFormatError: if the file does not exist.
        UnsafeModelError: if it is a symbolic link, or too large for a config.
    """
    file = folder / name
    if file.is_symlink():
        raise UnsafeModelError(f"{str(file)!r} is a symbolic link, which was not followed.")
    if name.endswith(".json") and source(file).stat().st_size > _LARGEST_CONFIG:
        raise UnsafeModelError(f"{str(file)!r} is too large for a config.")
    return source(file).read_bytes()
