"""From the data that users pass to an adapter: read, split, weigh, adapt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import PyTree
from kerasish.training.data.array_adapter import ArrayAdapter
from kerasish.training.data.batch import (
    Batch,
    clean,
    is_integer,
    num_samples,
    split_validation,
    take_batch,
)
from kerasish.training.data.conversion import as_column, is_arrays, is_column
from kerasish.training.data.data_adapter import DataAdapter, WeightFn
from kerasish.training.data.iterable_adapter import IterableAdapter
from kerasish.training.data.lazy_rows import dense

__all__ = [
    "Data",
    "make_adapter",
    "read_batch",
    "read_data",
    "read_split",
    "unpack_validation_data",
]

Data: TypeAlias = Batch | Iterable[PyTree]
"""Arrays as a `Batch` of all samples, or a source of batches, which is never a tuple."""

_BATCH_SIZE = 32


def read_data(x: PyTree, y: PyTree = None, sample_weight: PyTree = None) -> Data:
    """Convert arrays to a batch of all samples; return a source of batches as it is.

    Raises:
        ArgumentError: if targets or weights are passed beside a source of batches.
        DataError: if the data cannot be used.
    """
    labelled = y is not None or sample_weight is not None
    if is_arrays(x):
        return clean(x, y, sample_weight, lazy=True)
    # A column of arrays without targets is a source of batches; one of numbers or lists is not.
    if is_column(x) and (labelled or not hasattr(x[0], "shape")):
        return clean(as_column(x, "x"), y, sample_weight, lazy=True)
    _check_source(x, labelled)
    source: Iterable[PyTree] = x
    return source


def read_split(x: PyTree, y: PyTree, sample_weight: PyTree, fraction: float) -> tuple[Batch, Batch]:
    """Convert arrays to a batch of the samples for training, and one of those for validation.

    Raises:
        ArgumentError: if x is not arrays, or one of the parts would be empty.
        DataError: if the arrays cannot be used.
    """
    if not is_arrays(x):
        raise ArgumentError(
            f"validation_split needs x and y as arrays; x is a {type(x).__name__}. Give "
            "`validation_data` instead."
        )
    return split_validation(clean(x, y, sample_weight, lazy=True), fraction)


def read_batch(x: PyTree, y: PyTree = None, sample_weight: PyTree = None) -> Batch:
    """Convert arrays to one batch.

    Raises:
        DataError: if they are not arrays of numbers, are empty, or differ in length.
    """
    batch = clean(x, y, sample_weight)
    num_samples(batch)
    return batch


def unpack_validation_data(data: PyTree) -> Batch:
    """Return `validation_data` as inputs, targets and weights; anything but a tuple is inputs.

    Raises:
        ArgumentError: if it has more than three parts.
    """
    # A list is the same as a tuple, as in Keras.
    parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(
            "validation_data is (x, y) or (x, y, sample_weight), or an iterable of batches; got "
            f"a {type(data).__name__} of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def make_adapter(
    data: Data,
    *,
    batch_size: int | None = None,
    default_batch_size: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    multiple_passes: bool = False,
    weight_fn: WeightFn | None = None,
) -> DataAdapter:
    """Return the adapter for data.

    Args:
        data: what `read_data` or `read_split` returned.
        batch_size: samples in a batch. The items of a source are batches already.
        default_batch_size: samples in a batch if `batch_size` is None; 32 if both are.
        shuffle: whether each pass has another order.
        seed: what the orders depend on.
        multiple_passes: whether there will be several passes.
        weight_fn: multiplies the sample weights.

    Raises:
        ArgumentError: if `batch_size` is not a positive integer.
        DataError: if there are no samples, or the arrays differ in length.
    """
    if batch_size is not None and (not is_integer(batch_size) or batch_size < 1):
        raise ArgumentError(f"batch_size must be a positive whole number; got {batch_size!r}.")
    if not isinstance(data, tuple):
        return IterableAdapter(data, shuffle, seed, weight_fn, batch_size)
    size = batch_size or default_batch_size or _BATCH_SIZE
    if weight_fn is not None:
        num_samples(data)
        data = weight_fn(data, dense(take_batch(data, size)))
    return ArrayAdapter(data, size, shuffle, seed, multiple_passes)


def _check_source(x: Any, labelled: bool) -> None:
    """Raise unless batches can be taken from `x`."""
    kind = type(x).__name__
    if isinstance(x, (list, tuple)):
        items = ", ".join(sorted({type(item).__name__ for item in x})[:4])
        raise DataError(
            f"x is a {kind} of {items}; turn it into an array of numbers: "
            "`np.stack([np.asarray(item) for item in x])`, or give a dict of arrays."
        )
    if isinstance(x, Mapping):
        items = ", ".join(f"{k!r}: {type(v).__name__}" for k, v in x.items() if not is_arrays(v))
        raise DataError(
            f"x is a dict whose items are not all arrays: {items}; turn them into some."
        )
    if hasattr(x, "collect"):
        raise DataError(f"x is a {kind}, which is not computed yet; give `x.collect()`.")
    source = hasattr(x, "__iter__") or hasattr(x, "__getitem__")
    if not source or isinstance(x, (str, bytes)):
        raise DataError(f"x must be arrays, or something to iterate; got {kind}.")
    if isinstance(x, Collection) and not hasattr(x, "__getitem__"):
        raise DataError(
            f"x is a {kind}, which has no batches; turn it into an array: `np.asarray(list(x))`."
        )
    if labelled:
        raise ArgumentError(
            f"x is a {kind}, whose items hold targets and weights themselves: `(x, y)` or "
            "`(x, y, sample_weight)`. Leave `y` and `sample_weight` out; or, if its items are "
            "samples, turn it into an array: `np.asarray(list(x))`."
        )
