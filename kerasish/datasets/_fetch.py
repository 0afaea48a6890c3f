"""Fetching a file over the network: checked, reported, and given up on soon."""

from __future__ import annotations

import hashlib
import sys
import time
import urllib.request
from typing import Any

__all__ = ["fetch"]

_PATIENCE = 10.0  # seconds without an answer; TFDS's own downloader retries for minutes
_REPORT_EVERY = 5.0  # seconds
_MEGABYTE = 1_000_000


def fetch(url: str, sha256: str) -> bytes:
    """Return the content of `url`.

    Args:
        url: where the file is.
        sha256: the checksum that it must have, in hexadecimal.

    Raises:
        OSError: if it cannot be had, or is another file; said in one line.
    """
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as response:
            data = _read(url, response)
    except TimeoutError as error:
        raise OSError(f"{url} did not answer within {_PATIENCE:.0f} seconds") from error
    except OSError as error:
        raise OSError(f"{url} cannot be reached ({getattr(error, 'reason', error)})") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise OSError(f"{url} gave another file than the one expected (its checksum differs)")
    return data


def _read(url: str, response: Any) -> bytes:
    """Read to the end, with a line on stderr now and then."""
    total = int(response.headers.get("Content-Length") or 0)
    of_total = f" of {total / _MEGABYTE:.1f}" if total else ""
    chunks: list[bytes] = []
    done, last = 0, -_REPORT_EVERY
    while chunk := response.read(_MEGABYTE):
        chunks.append(chunk)
        done += len(chunk)
        if time.monotonic() - last >= _REPORT_EVERY:
            last = time.monotonic()
            print(f"Downloading {url}: {done / _MEGABYTE:.1f}{of_total} MB", file=sys.stderr)
    return b"".join(chunks)
