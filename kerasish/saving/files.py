"""Paths to read from and to write to, and atomic writes."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasish.core.errors import ArgumentError, FileFormatError

__all__ = ["atomic_write", "source", "target"]

PathLike = str | os.PathLike[str]


def source(filepath: PathLike) -> Path:
    """Return the path to read from after checking that it is a readable regular file.

    Raises:
        ArgumentError: if the argument is not a path.
        FileFormatError: if there is no such file, or it is not a regular file, or not readable.
    """
    try:
        path = Path(filepath).expanduser()
        kind = path.stat().st_mode
    except TypeError as error:
        raise ArgumentError(f"Expected a file path; got {filepath!r}.") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise FileFormatError(f"There is no file {str(filepath)!r}: {error}.") from error
    if (path / "saved_model.pb").is_file():
        raise FileFormatError(
            f"{str(path)!r} is a TensorFlow SavedModel, which needs TensorFlow. Load it "
            "there, call `model.save('model.keras')`, and load that file here."
        )
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "a pipe or a device"
        raise FileFormatError(f"There is no file {str(path)!r}: it is {what}.")
    if not os.access(path, os.R_OK):
        raise FileFormatError(f"The file {str(path)!r} is not readable by this user.")
    return path


def target(filepath: PathLike, endings: str | tuple[str, ...], overwrite: bool) -> Path:
    """Return the path to write to after checking it.

    Raises:
        ArgumentError: if the path has another extension, its folder does not exist, or the file
            exists and `overwrite` is False.
    """
    path = Path(filepath).expanduser()
    if not path.name.endswith(endings):
        known = " or ".join(map(repr, [endings] if isinstance(endings, str) else endings))
        raise ArgumentError(f"The file must end in {known}; got {os.fspath(filepath)!r}.")
    if not path.parent.is_dir():
        raise ArgumentError(f"There is no folder {str(path.parent)!r} to write {path.name!r} to.")
    if path.exists() and not overwrite:
        raise ArgumentError(f"{str(path)!r} exists already; pass `overwrite=True` to replace it.")
    return path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path, and rename it to `path` when the block succeeds.

    Raises:
        ArgumentError: if the folder is not writable.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ArgumentError(f"{str(path.parent)!r} is not writable: {error}.") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Return the umask of the process."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
