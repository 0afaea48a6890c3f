"""Files that are whole or not there."""

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
    """Return the path to read from, which is that of a file: others may have no end.

    Raises:
        ArgumentError: if it is no path.
        FileFormatError: if there is nothing, no file, or one that may not be read.
    """
    try:
        path = Path(filepath).expanduser()
        kind = path.stat().st_mode
    except TypeError as error:
        raise ArgumentError(f"A file is told by its path; got {filepath!r}.") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise FileFormatError(f"There is no file {str(filepath)!r}: {error}.") from error
    if (path / "saved_model.pb").is_file():
        raise FileFormatError(
            f"{str(path)!r} is a TensorFlow SavedModel, whose graph needs TensorFlow. Load it "
            "there, call `model.save('model.keras')`, and load that file here."
        )
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "a pipe or a device"
        raise FileFormatError(f"There is no file {str(path)!r}: it is {what}.")
    if not os.access(path, os.R_OK):
        raise FileFormatError(f"The file {str(path)!r} may not be read by this user.")
    return path


def target(filepath: PathLike, endings: str | tuple[str, ...], overwrite: bool) -> Path:
    """Return the path to write to.

    Raises:
        ArgumentError: if it has another ending, is in no folder, or is there
            already and must not be replaced.
    """
    path = Path(filepath).expanduser()
    if not path.name.endswith(endings):
        known = " or ".join(map(repr, [endings] if isinstance(endings, str) else endings))
        raise ArgumentError(f"The file must end in {known}; got {os.fspath(filepath)!r}.")
    if not path.parent.is_dir():
        raise ArgumentError(f"There is no folder {str(path.parent)!r} to write {path.name!r} to.")
    if path.exists() and not overwrite:
        raise ArgumentError(f"{str(path)!r} is there already; pass `overwrite=True` to replace it.")
    return path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, and put it in its place when the block is done.

    Raises:
        ArgumentError: if the folder cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ArgumentError(f"{str(path.parent)!r} cannot be written to: {error}.") from error
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
    """Return the permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
