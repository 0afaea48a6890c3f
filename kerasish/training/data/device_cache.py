"""Data that stay on the device: if they fit on an accelerator, they are transferred once."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.types import Array, PyTree
from kerasish.training.data.block import nbytes
from kerasish.training.data.memory import free_bytes

__all__ = ["fits_on_device", "shuffled", "to_device"]

# The data, the data in the order of the epoch, and as much again for everything else.
_SHARE = 4


def fits_on_device(arrays: PyTree) -> bool:
    """Return whether an accelerator can hold two copies of the arrays, with room to spare.

    On CPU the memory is that of the host, where the arrays are already: gathering stacks there is
    faster than a copy, and takes no memory.
    """
    if jax.default_backend() == "cpu":
        return False
    return nbytes(arrays) * _SHARE <= free_bytes()


def to_device(arrays: PyTree) -> PyTree:
    """Begin to transfer the arrays to an accelerator; on CPU return them as they are."""
    return arrays if jax.default_backend() == "cpu" else jax.device_put(arrays)


@jax.jit
def _take(arrays: PyTree, order: Array) -> PyTree:
    return jax.tree.map(lambda array: jnp.take(array, order, axis=0), arrays)


def shuffled(arrays: PyTree, order: np.ndarray) -> PyTree:
    """Return a stack of samples in another order: gathered once an epoch, not once a step.

    Args:
        arrays: arrays of samples on the device.
        order: indices of samples, of shape `(batches, size)`.
    """
    return _take(arrays, order.astype("int32"))
