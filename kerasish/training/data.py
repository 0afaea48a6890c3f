"""Data as it can be trained on: batches of arrays of numbers, all of one length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError

__all__ = [
    "Batch",
    "as_arrays",
    "as_batch",
    "clean",
    "is_arrays",
    "is_whole",
    "length",
    "split_validation",
]

# (inputs, targets, sample weights); the last two may be None.
Batch = tuple[Any, Any, Any]


def is_whole(n: Any) -> bool:
    """Return whether `n` is a whole number, Python's or NumPy's; True and False are none."""
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool)


def is_arrays(x: Any) -> bool:
    """Return whether `x` is arrays in memory: one, or a list or dict of them."""
    if isinstance(x, (list, tuple)):
        return len(x) == 0 or all(is_arrays(item) or np.isscalar(item) for item in x)
    if isinstance(x, Mapping):
        return all(is_arrays(item) for item in x.values())
    return (hasattr(x, "shape") and hasattr(x, "dtype")) or hasattr(x, "to_numpy")


def as_arrays(data: Any, name: str) -> Any:
    """Return a structure of NumPy (or JAX) arrays that a model can be trained on.

    Lists of numbers and data frames become arrays; 64-bit numbers become 32-bit.

    Raises:
        DataError: if there is something in it that is no number, or nothing.
    """
    if data is None:
        return None
    if isinstance(data, Mapping):
        return {key: as_arrays(value, f"{name}[{key!r}]") for key, value in data.items()}
    if isinstance(data, (list, tuple)) and data and not _is_row(data[0]):
        return [as_arrays(value, f"{name}[{i}]") for i, value in enumerate(data)]
    array = _one_device(data, name) if isinstance(data, jax.Array) else _to_numpy(data, name)
    if array.ndim == 0:
        raise DataError(f"{name} is a single number, {data!r}; an array of samples is wanted.")
    return array


def _one_device(data: jax.Array, name: str) -> Any:
    """Return an array as it is; one that is spread over devices as NumPy's, to be cut into batches.

    Raises:
        DataError: if parts of it are in other processes.
    """
    if len(data.sharding.device_set) == 1:
        return data
    if not data.is_fully_addressable:
        raise DataError(
            f"{name} is spread over the devices of several processes; give each process its own "
            "part: a NumPy array, or an array on its own devices."
        )
    return np.asarray(data)


def _is_row(item: Any) -> bool:
    """Return whether a list with this first item is one array, written as a list."""
    return np.isscalar(item) or (isinstance(item, (list, tuple)) and (not item or _is_row(item[0])))


_NARROW = {"float64": "float32", "int64": "int32", "uint64": "uint32"}


def _to_numpy(data: Any, name: str) -> np.ndarray:
    try:
        array = data.to_numpy() if hasattr(data, "to_numpy") else np.asarray(data)
    except ValueError as error:
        raise DataError(
            f"{name} is a list whose items differ in length; pad them to one."
        ) from error
    if array.dtype.kind in "OSTUMm":
        raise DataError(
            f"{name} has dtype {array.dtype}, which holds no numbers. If the samples differ in "
            "length, pad them; if they are texts or categories, turn them into numbers."
        )
    if not jax.config.read("jax_enable_x64"):
        array = array.astype(_NARROW.get(array.dtype.name, array.dtype), copy=False)
    return array


def _named(x: Any, y: Any, sample_weight: Any) -> list[tuple[Any, str]]:
    return [(x, "x"), (y, "y"), (sample_weight, "sample_weight")]


def length(batch: Batch) -> int:
    """Return the number of samples.

    Raises:
        DataError: if there are none, or the arrays differ.
    """
    lengths = {
        name: [len(leaf) for leaf in jax.tree.leaves(data)]
        for data, name in _named(*batch)
        if data is not None
    }
    different = {n for each in lengths.values() for n in each}
    if not different or different == {0}:
        raise DataError("The data is empty: x has no samples.")
    if len(different) > 1:
        told = ", ".join(
            f"{name} has {' and '.join(map(str, each))}" for name, each in lengths.items()
        )
        raise DataError(f"All arrays must have the same number of samples; {told}.")
    return different.pop()


def as_batch(item: Any) -> Batch:
    """Return what an iterator gave as inputs, targets and weights."""
    parts = tuple(item) if isinstance(item, tuple) else (item,)
    if isinstance(item, list) and 2 <= len(item) <= 3:
        parts = tuple(item)  # as loaders of PyTorch give it
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch is x, (x, y) or (x, y, sample_weight); got a tuple of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return clean(x, y, sample_weight)


def clean(x: Any, y: Any, sample_weight: Any) -> Batch:
    """Return inputs, targets and weights as structures of arrays.

    Raises:
        DataError: if there is something among them that is no number.
    """
    return as_arrays(x, "x"), as_arrays(y, "y"), as_arrays(sample_weight, "sample_weight")


def split_validation(batch: Batch, share: float) -> tuple[Batch, Batch]:
    """Cut the last `share` of the samples off, before any shuffling, as Keras does.

    Raises:
        ArgumentError: if nothing would be left on one side.
    """
    if not 0 < share < 1:
        raise ArgumentError(f"validation_split must be between 0 and 1; got {share}.")
    samples = length(batch)
    cut = math.floor(samples * (1 - share))
    if cut in (0, samples):
        raise ArgumentError(
            f"validation_split={share} of {samples} samples leaves one side without any."
        )
    return (
        jax.tree.map(lambda array: array[:cut], batch),
        jax.tree.map(lambda array: array[cut:], batch),
    )
