"""How much memory there is."""

from __future__ import annotations

import os

import jax

__all__ = ["free_bytes"]


def free_bytes() -> int:
    """Return how much memory the device has left; on a CPU that is the machine's."""
    statistics = jax.local_devices()[0].memory_stats()
    if statistics and "bytes_limit" in statistics:
        return int(statistics["bytes_limit"]) - int(statistics.get("bytes_in_use", 0))
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
