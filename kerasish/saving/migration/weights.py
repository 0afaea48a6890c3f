"""The weights of Keras 2's files, as the layers of Keras 3 have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from kerasish.core.layer import Layer

__all__ = ["WeightConversion", "conversions", "flip_theano_kernel"]

Shape = tuple[int, ...]
_LSTM, _GRU = 4, 3


class WeightConversion(NamedTuple):
    """How a weight is read: its shape in the file, and what makes the weight of it."""

    shape: Shape
    convert: Callable[[np.ndarray], np.ndarray]


def conversions(shapes: Sequence[Shape], found: Sequence[Shape | None]) -> list[WeightConversion]:
    """Return how to read weights of these shapes from arrays in a file.

    A `CuDNNLSTM` or `CuDNNGRU` has two biases for each gate, one behind the other, and kernels in
    the order of cuDNN; it is known by the shape of its bias.

    Args:
        shapes: those of the weights, in order.
        found: those in the file.
    """
    made = [WeightConversion(shape, np.asarray) for shape in shapes]
    for i, (shape, there) in enumerate(zip(shapes, found, strict=True)):
        gates = _gates(shape, there)
        if gates and i >= 2:
            units = shapes[i - 1][0]
            if there == (2 * gates * units,) and shapes[i - 1] == (units, gates * units):
                turned = partial(_by_gate, gates=gates)
                made[i - 2] = WeightConversion(shapes[i - 2], turned)
                made[i - 1] = WeightConversion(shapes[i - 1], turned)
                made[i] = WeightConversion(there, _summed if gates == _LSTM else _stacked)
    return made


def _gates(shape: Shape, found: Shape | None) -> int:
    """Return how many gates a layer has whose bias has one shape here and another in the file."""
    if found is None or len(found) != 1 or found == shape:
        return 0
    if len(shape) == 1 and found[0] == 2 * shape[0]:
        return _LSTM
    return _GRU if len(shape) == 2 and shape[0] == 2 and found[0] == 2 * shape[1] else 0


def _by_gate(kernel: np.ndarray, gates: int) -> np.ndarray:
    """Return kernels whose part of each gate lies by its outputs, and not by its inputs."""
    parts = np.split(kernel, gates, axis=1)
    return np.concatenate([part.reshape(part.shape[::-1]).T for part in parts], axis=1)


def _summed(bias: np.ndarray) -> np.ndarray:
    return np.asarray(bias.reshape(2, -1).sum(axis=0))


def _stacked(bias: np.ndarray) -> np.ndarray:
    return bias.reshape(2, -1)


def flip_theano_kernel(layer: Layer, name: str, value: np.ndarray) -> np.ndarray:
    """Return a weight that Keras on Theano wrote, where convolutions turn their kernels round."""
    if type(layer).__name__.startswith("Conv") and name.endswith("kernel") and value.ndim > 2:
        return np.flip(value, tuple(range(value.ndim - 2)))
    return value
