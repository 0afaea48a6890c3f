"""Data on the device: what fits_on_device on an accelerator stays there."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.training.data.block import nbytes
from kerasish.training.execution.memory import free_bytes

__all__ = ["fits_on_device", "shuffled", "to_device"]

# The data, the data in the order of the pass, and room for the rest.
_SHARE = 4


def fits_on_device(arrays: Any) -> bool:
    """Return whether an accelerator can hold two copies of the arrays, with room to spare.

    A CPU's memory is the host's, where the arrays are already: gathering them
    there in stacks is faster than a copy, and takes no memory.
    """
    if jax.default_backend() == "cpu":
        return False
    return nbytes(arrays) * _SHARE <= free_bytes()


def to_device(arrays: Any) -> Any:
    """Return the arrays on their way to an accelerator; on the host, if that is the device."""
    return arrays if jax.default_backend() == "cpu" else jax.device_put(arrays)


@jax.jit
def _take(arrays: Any, order: Any) -> Any:
    return jax.tree.map(lambda array: jnp.take(array, order, axis=0), arrays)


def shuffled(arrays: Any, order: np.ndarray) -> Any:
    """Return the arrays with their samples in another order: once a pass, not once a step."""
    return _take(arrays, order.astype("int32"))
