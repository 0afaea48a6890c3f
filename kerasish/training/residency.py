"""Data on the device: what fits there stays there."""

from __future__ import annotations

import os
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["fits", "permuted", "put"]

# The data, the data in the order of the pass, and room for the rest.
_SHARE = 4


def fits(arrays: Any) -> bool:
    """Return whether arrays, and a second copy of them, leave most of the memory free."""
    size = sum(leaf.nbytes for leaf in jax.tree.leaves(arrays))
    return bool(size * _SHARE <= _free_bytes())


def _free_bytes() -> int:
    """Return how much memory the device has left; on a CPU that is the machine's."""
    statistics = jax.local_devices()[0].memory_stats()
    if statistics and "bytes_limit" in statistics:
        return int(statistics["bytes_limit"]) - int(statistics.get("bytes_in_use", 0))
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")


def put(arrays: Any) -> Any:
    """Return the arrays on the device."""
    return jax.tree.map(jnp.asarray, arrays)


@jax.jit
def _take(arrays: Any, order: Any) -> Any:
    return jax.tree.map(lambda array: jnp.take(array, order, axis=0), arrays)


def permuted(arrays: Any, order: np.ndarray) -> Any:
    """Return the arrays with their samples in another order: once a pass, not once a step."""
    return _take(arrays, order.astype("int32"))
