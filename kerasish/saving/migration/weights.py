"""Conversion of weights in files of Keras 2 to the layout of Keras 3."""

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
    """The shape of a weight in the file, and the function that converts it."""

    shape: Shape
    convert: Callable[[np.ndarray], np.ndarray]


def conversions(shapes: Sequence[Shape], found: Sequence[Shape | None]) -> list[WeightConversion]:
    """Return the conversions for the weights of a layer.

    `CuDNNLSTM` and `CuDNNGRU` have two biases for each gate and kernels in the layout of cuDNN;
    they are recognized by the shape of the bias.

    Args:
        shapes: the shapes of the weights, in order.
        found: the shapes in the file.
    """
    plan = [WeightConversion(shape, np.asarray) for shape in shapes]
    for i, (shape, there) in enumerate(zip(shapes, found, strict=True)):
        gates = _gates(shape, there)
        if gates and i >= 2:
            units = shapes[i - 1][0]
            if there == (2 * gates * units,) and shapes[i - 1] == (units, gates * units):
                convert = partial(_by_gate, gates=gates)
                plan[i - 2] = WeightConversion(shapes[i - 2], convert)
                plan[i - 1] = WeightConversion(shapes[i - 1], convert)
                plan[i] = WeightConversion(there, _sum_biases if gates == _LSTM else _stack_biases)
    return plan


def _gates(shape: Shape, found: Shape | None) -> int:
    """Return the number of gates if the bias in the file is that of a cuDNN layer, else 0."""
    if found is None or len(found) != 1 or found == shape:
        return 0
    if len(shape) == 1 and found[0] == 2 * shape[0]:
        return _LSTM
    return _GRU if len(shape) == 2 and shape[0] == 2 and found[0] == 2 * shape[1] else 0


def _by_gate(kernel: np.ndarray, gates: int) -> np.ndarray:
    """Convert kernels from the layout of cuDNN, where the part of each gate is transposed."""
    parts = np.split(kernel, gates, axis=1)
    return np.concatenate([part.reshape(part.shape[::-1]).T for part in parts], axis=1)


def _sum_biases(bias: np.ndarray) -> np.ndarray:
    return np.asarray(bias.reshape(2, -1).sum(axis=0))


def _stack_biases(bias: np.ndarray) -> np.ndarray:
    return bias.reshape(2, -1)


def flip_theano_kernel(layer: Layer, name: str, value: np.ndarray) -> np.ndarray:
    """Flip convolution kernels written by Keras on Theano, whose convolutions flip them."""
    if type(layer).__name__.startswith("Conv") and name.endswith("kernel") and value.ndim > 2:
        return np.flip(value, tuple(range(value.ndim - 2)))
    return value
