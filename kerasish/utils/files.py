"""get_file: download a file once and cache it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

from kerasish.core.errors import ArgumentError, DatasetUnavailableError, UnsafeModelError
from kerasish.core.settings.cache import cache_folder

__all__ = ["get_file"]

_TIMEOUT = 30.0  # seconds
_SCHEMES = ("http", "https", "ftp", "file")
_ALGORITHMS = {32: "md5", 64: "sha256"}  # by the length of a checksum


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """Download a file unless it is in the cache, and return its path.

    A file with a wrong checksum is deleted. Archives with members that would be extracted outside
    of the target folder are rejected.

    Args:
        fname: the name of the file; by default the last part of `origin`.
        origin: the URL.
        untar: whether to extract a tar archive to a folder named `fname`.
        md5_hash: the MD5 checksum; prefer `file_hash` with SHA-256.
        file_hash: the checksum in hexadecimal.
        cache_subdir: the folder within `cache_dir`.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"`: inferred from the length of the checksum.
        extract: whether to extract an archive to a folder next to it.
        archive_format: `"tar"`, `"zip"`, or `"auto"`, which detects the format.
        cache_dir: the cache folder; by default that of kerasish.
        force_download: whether to download a cached file again.

    Returns:
        The path of the file, or of the folder with the extracted files.

    Raises:
        ArgumentError: if arguments are invalid.
        DatasetUnavailableError: if the download fails or the checksum differs.

    Examples:
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "there.txt").write_text("hello")
        5
        >>> path = get_file("here.txt", (folder / "there.txt").as_uri(), cache_dir=folder)
        >>> Path(path).read_text()
        'hello'
    """
    if not origin or urllib.parse.urlsplit(origin).scheme not in _SCHEMES:
        raise ArgumentError(f"origin must be a URL, such as 'https://...'; got {origin!r}.")
    name = fname or os.path.basename(urllib.parse.urlsplit(origin).path)
    if name != os.path.basename(name) or name in ("", ".", ".."):
        raise ArgumentError(
            f"fname must be a file name, not a path; got {name!r}. Choose the folder with "
            "`cache_dir` and `cache_subdir`."
        )
    folder = Path(cache_dir or cache_folder()).expanduser() / cache_subdir
    path = folder / (f"{name}_archive" if untar else name)
    checksum = file_hash or md5_hash
    algorithm = "md5" if checksum == md5_hash else hash_algorithm
    if force_download or not path.exists() or not _is_expected(path, checksum, algorithm):
        folder.mkdir(parents=True, exist_ok=True)
        _download(origin, path, checksum, algorithm)
    if not (untar or extract):
        return str(path)
    target = folder / name if untar else folder / f"{_stem(name)}_extracted"
    if force_download or not target.exists():
        _extract(path, target, "tar" if untar else archive_format)
    return str(target)


def _stem(name: str) -> str:
    """Return a name without archive extensions: `data.tar.gz` is `data`."""
    stem = os.path.splitext(name)[0]
    return stem.removesuffix(".tar")


def _is_expected(path: Path, checksum: str | None, algorithm: str) -> bool:
    if checksum is None:
        return True
    known = _ALGORITHMS.get(len(checksum)) if algorithm == "auto" else algorithm
    if known is None or known not in ("md5", "sha256"):
        raise ArgumentError(
            f"The checksum {checksum!r} is neither MD5 nor SHA-256 (hash_algorithm={algorithm!r})."
        )
    with path.open("rb") as file:
        return hashlib.file_digest(file, known).hexdigest() == checksum.lower()


def _download(origin: str, path: Path, checksum: str | None, algorithm: str) -> None:
    """Download a URL to a path atomically."""
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        opened = urllib.request.urlopen(origin, timeout=_TIMEOUT)
        with os.fdopen(handle, "wb") as file, opened as response:
            shutil.copyfileobj(response, file)
        if not _is_expected(Path(part), checksum, algorithm):
            raise DatasetUnavailableError(
                f"{origin} returned an unexpected file: its checksum differs."
            )
        os.replace(part, path)
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise DatasetUnavailableError(f"{origin} could not be downloaded: {reason}.") from error
    finally:
        Path(part).unlink(missing_ok=True)


def _extract(path: Path, target: Path, archive_format: str | Sequence[str] | None) -> None:
    """Extract an archive to a folder atomically."""
    formats = (archive_format,) if isinstance(archive_format, str) else archive_format or ()
    formats = ("tar", "zip") if "auto" in formats else formats
    if unknown := set(formats) - {"tar", "zip"}:
        raise ArgumentError(f"archive_format must be 'tar', 'zip' or 'auto'; got {unknown}.")
    with tempfile.TemporaryDirectory(dir=target.parent) as part:
        inside = Path(part) / "extracted"
        try:
            if "tar" in formats and tarfile.is_tarfile(path):
                with tarfile.open(path) as tar:
                    tar.extractall(inside, filter="data")
            elif "zip" in formats and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    _check_names(archive.namelist())
                    archive.extractall(inside)
            else:
                raise ArgumentError(f"{str(path)!r} is not a supported archive.")
        except tarfile.FilterError as error:
            raise UnsafeModelError(f"{str(path)!r} could not be extracted: {error}.") from error
        except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
            raise DatasetUnavailableError(
                f"{str(path)!r} could not be extracted: {error}."
            ) from error
        if target.exists():
            shutil.rmtree(target)
        os.replace(inside, target)


def _check_names(names: Sequence[str]) -> None:
    """Reject members of a zip archive that point outside of the folder (tarfile checks itself).

    Raises:
        UnsafeModelError: if there is such a member.
    """
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise UnsafeModelError(f"The archive has a member outside of its folder: {name!r}.")
