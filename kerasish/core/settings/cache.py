"""What is kept on disk between runs: where it lies, and XLA's compiled programs in it."""

from __future__ import annotations

import contextlib
import importlib
import os
import warnings
import zlib
from pathlib import Path
from types import ModuleType

import jax

__all__ = ["cache_folder", "disable_compilation_cache", "enable_compilation_cache"]

# Programs that compile faster than this many seconds are not kept.
_WORTH_KEEPING = 0.1

# Its modification time says when the entries of a cache folder were last checked.
_CHECKED = ".checked"


def cache_folder() -> Path:
    """Return `KERASISH_CACHE_DIR`, or `kerasish` in the user's cache folder."""
    if own := os.environ.get("KERASISH_CACHE_DIR"):
        return Path(os.path.expanduser(own))
    return Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")) / "kerasish"


def enable_compilation_cache(directory: str | os.PathLike[str] | None = None) -> Path:
    """Keep compiled programs on disk, so that a model that ran before starts at once.

    A program is found again if the model, the shapes, the versions of JAX and
    its compiler, and the kind of device are the same. The environment variable
    `KERASISH_COMPILATION_CACHE` does the same for a script: a directory, or `1`.

    Args:
        directory: where to keep them; `compiled` in kerasish's cache folder by
            default. Use a directory that only you can write to: programs in it are run.

    Returns:
        The directory. If it cannot be made, a warning says so and nothing is kept.

    Examples:
        >>> import tempfile
        >>> folder = enable_compilation_cache(tempfile.mkdtemp())
        >>> disable_compilation_cache()
    """
    folder = cache_folder() / "compiled" if directory is None else Path(directory).expanduser()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        warnings.warn(f"Compiled programs will not be kept: {error}.", stacklevel=2)
        return folder
    _remove_incomplete_entries(folder)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    return folder


def disable_compilation_cache() -> None:
    """Keep and look for compiled programs on disk no more."""
    jax.config.update("jax_compilation_cache_dir", None)


def _remove_incomplete_entries(folder: Path) -> None:
    """Remove entries that a killed process left half written.

    JAX writes an entry in place and never replaces one, so that a truncated one would cause a
    warning and a compilation at each later start. Only entries written since the last check are
    read.
    """
    stamp = folder / _CHECKED
    with contextlib.suppress(OSError):  # A folder that can only be read stays as it is.
        checked = stamp.stat().st_mtime if stamp.exists() else 0.0
        stamp.touch()
        for entry in folder.glob("*-cache"):
            if entry.stat().st_mtime >= checked and not _is_complete(entry.read_bytes()):
                entry.unlink()


def _is_complete(entry: bytes) -> bool:
    """Return whether a compressed entry decompresses to its end (or cannot be read here)."""
    try:
        if not entry.startswith(b"\x28\xb5\x2f\xfd"):  # The first bytes of a zstd frame.
            zlib.decompress(entry)
        elif (zstd := _zstd()) is not None:
            zstd.decompress(entry)
    except Exception:  # Each library has its own error.
        return False
    return True


def _zstd() -> ModuleType | None:
    """Return the module with which JAX reads zstd, in the order in which JAX looks for it."""
    for name in ("compression.zstd", "zstandard"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    return None


def from_environment() -> None:
    """Enable the cache if `KERASISH_COMPILATION_CACHE` says so."""
    told = os.environ.get("KERASISH_COMPILATION_CACHE", "")
    if told not in ("", "0"):
        enable_compilation_cache(None if told == "1" else told)
