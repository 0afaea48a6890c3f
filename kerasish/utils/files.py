"""Files from the network, kept on disk."""

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

_PATIENCE = 30.0  # seconds without an answer
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
    """Return the path of a file, which is downloaded unless it is there already.

    A file whose checksum is wrong is not kept. Members of an archive that point
    out of their folder are refused.

    Args:
        fname: what to call the file; the last part of `origin` by default.
        origin: its URL.
        untar: unpack it as a tar archive, into a folder called `fname`.
        md5_hash: its MD5 checksum; `file_hash` with SHA-256 is the better choice.
        file_hash: its checksum, in hexadecimal.
        cache_subdir: the folder within `cache_dir`.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"`: told from the checksum's length.
        extract: unpack it, into a folder beside it.
        archive_format: `"tar"`, `"zip"`, or `"auto"`: whichever it is.
        cache_dir: where to keep it; kerasish's cache folder by default.
        force_download: download it even if it is there.

    Returns:
        The path of the file, or of the folder that it was unpacked into.

    Raises:
        ArgumentError: if the arguments make no sense.
        DatasetUnavailableError: if it cannot be had, or is another file than expected.

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
            f"fname must be the name of a file and no path; got {name!r}. Say where with "
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
        _unpack(path, target, "tar" if untar else archive_format)
    return str(target)


def _stem(name: str) -> str:
    """Return a name without what says that it is an archive: `data.tar.gz` is `data`."""
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
    """Put what a URL gives at a path, all at once, or nothing."""
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        reading = urllib.request.urlopen(origin, timeout=_PATIENCE)
        with os.fdopen(handle, "wb") as file, reading as response:
            shutil.copyfileobj(response, file)
        if not _is_expected(Path(part), checksum, algorithm):
            raise DatasetUnavailableError(
                f"{origin} gave another file than the one expected: its checksum differs."
            )
        os.replace(part, path)
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise DatasetUnavailableError(f"{origin} could not be downloaded: {reason}.") from error
    finally:
        Path(part).unlink(missing_ok=True)


def _unpack(path: Path, target: Path, archive_format: str | Sequence[str] | None) -> None:
    """Unpack an archive into a folder, all at once, or nothing; another file is left alone."""
    formats = (archive_format,) if isinstance(archive_format, str) else archive_format or ()
    formats = ("tar", "zip") if "auto" in formats else formats
    if unknown := set(formats) - {"tar", "zip"}:
        raise ArgumentError(f"archive_format must be 'tar', 'zip' or 'auto'; got {unknown}.")
    with tempfile.TemporaryDirectory(dir=target.parent) as part:
        inside = Path(part) / "unpacked"
        try:
            if "tar" in formats and tarfile.is_tarfile(path):
                with tarfile.open(path) as tar:
                    tar.extractall(inside, filter="data")
            elif "zip" in formats and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    _check_names(archive.namelist())
                    archive.extractall(inside)
            else:
                raise ArgumentError(f"{str(path)!r} is no archive that can be unpacked.")
        except tarfile.FilterError as error:
            raise UnsafeModelError(f"{str(path)!r} was not unpacked: {error}.") from error
        except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
            raise DatasetUnavailableError(f"{str(path)!r} was not unpacked: {error}.") from error
        if target.exists():
            shutil.rmtree(target)
        os.replace(inside, target)


def _check_names(names: Sequence[str]) -> None:
    """Refuse members that point out of their folder; tarfile does so itself.

    Raises:
        UnsafeModelError: if there is one.
    """
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise UnsafeModelError(f"The archive has a member out of its folder: {name!r}.")
