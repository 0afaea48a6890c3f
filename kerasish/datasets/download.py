"""Downloading a dataset from its authors and preparing it for TensorFlow Datasets."""

from __future__ import annotations

import hashlib
import os
import sys
import time
import urllib.request
from http.client import HTTPResponse
from pathlib import Path

from kerasish.datasets.image_dataset import ImageDataset, display_path, unavailable
from kerasish.datasets.tfds import PreparedDataset, find
from kerasish.datasets.tfds_writer import prepare

__all__ = ["download", "fetch"]

_TIMEOUT = 10.0  # seconds; the downloader of TFDS itself retries for minutes
_REPORT_EVERY = 5.0  # seconds
_MEGABYTE = 1_000_000


def fetch(url: str, sha256: str) -> bytes:
    """Download the content of `url`.

    Args:
        url: the URL of the file.
        sha256: the expected checksum in hexadecimal.

    Raises:
        OSError: if the download fails or the checksum differs, with a message of one line.
    """
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as response:
            data = _read_response(url, response)
    except TimeoutError as error:
        raise OSError(f"{url} did not answer within {_TIMEOUT:.0f} seconds") from error
    except OSError as error:
        raise OSError(f"{url} cannot be reached ({getattr(error, 'reason', error)})") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise OSError(f"{url} returned an unexpected file (its checksum differs)")
    return data


def _read_response(url: str, response: HTTPResponse) -> bytes:
    """Read a response to the end and report the progress on stderr."""
    total = int(response.headers.get("Content-Length") or 0)
    of_total = f" of {total / _MEGABYTE:.1f}" if total else ""
    chunks: list[bytes] = []
    received, last = 0, -_REPORT_EVERY
    while chunk := response.read(_MEGABYTE):
        chunks.append(chunk)
        received += len(chunk)
        if time.monotonic() - last >= _REPORT_EVERY:
            last = time.monotonic()
            print(f"Downloading {url}: {received / _MEGABYTE:.1f}{of_total} MB", file=sys.stderr)
    return b"".join(chunks)


def download(dataset: ImageDataset, root: Path) -> PreparedDataset:
    """Download `dataset` from its authors and prepare it in `root`.

    Nothing is written before all files are downloaded.

    Raises:
        DatasetUnavailableError: if the download or the preparation fails.
    """
    try:
        import tensorflow_datasets as tfds

        builder = tfds.builder_cls(dataset.name)
        _check_target(root, root / dataset.name / str(builder.VERSION))
        infos = builder.url_infos.items()
        files = {os.path.basename(url): fetch(url, info.checksum) for url, info in infos}
        print(
            f"Preparing {dataset.name}, once; cached in {display_path(root)}",
            file=sys.stderr,
            flush=True,
        )
        prepare(dataset, dataset.unpack(files), root)
    except ImportError as error:
        reason = f'{error.name} is not installed (`pip install "kerasish[datasets]"`)'
        raise unavailable(dataset.name, root, reason) from error
    except Exception as error:  # the network, the disk, or any error of TFDS
        reason = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise unavailable(dataset.name, root, reason) from error
    prepared = find(dataset.name, root)
    assert prepared is not None, f"{root / dataset.name} was prepared but is incomplete"
    return prepared


def _check_target(root: Path, target: Path) -> None:
    """Raise before the download if the result could not be written to `target`."""
    if target.exists():
        raise FileExistsError(
            f"the content of {str(target)!r} is incomplete or in another file format"
        )
    nearest = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(f"{str(nearest)!r} is not a writable folder")
