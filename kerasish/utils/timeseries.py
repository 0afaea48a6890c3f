"""Windows over a series."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.utils.py_dataset import IndexedBatches

__all__ = ["timeseries_dataset_from_array"]


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> IndexedBatches:
    """Return a dataset of windows over a series.

    Args:
        data: `(time, ...)`.
        targets: `(time, ...)`: `targets[i]` belongs to the window that starts at `i`;
            None for windows alone.
        sequence_length: how many steps a window has.
        sequence_stride: how far apart the windows begin.
        sampling_rate: how far apart the steps of a window are.
        batch_size: windows in a batch; None gives single windows.
        shuffle: whether each pass takes another order.
        seed: what the orders depend on.
        start_index: leaves out what comes before.
        end_index: leaves out what comes from there on.
        format: accepted; the result is a `PyDataset` in any case.

    Returns:
        Batches `(batch, sequence_length, ...)`, or pairs of them and targets `(batch, ...)`.

    Raises:
        ArgumentError: if a number is not positive.
        DataError: if the series is shorter than a window.

    Examples:
        >>> windows = timeseries_dataset_from_array(np.arange(6), np.arange(6) * 10, 3)
        >>> [each.tolist() for each in windows[0]]
        [[[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], [0, 10, 20, 30]]
    """
    for name, value in (
        ("sequence_length", sequence_length),
        ("sequence_stride", sequence_stride),
        ("sampling_rate", sampling_rate),
    ):
        if value < 1:
            raise ArgumentError(f"{name} must be a positive whole number; got {value!r}.")
    series = np.asarray(data)[start_index:end_index]
    answers = None if targets is None else np.asarray(targets)[start_index:end_index]
    count = len(series) - (sequence_length - 1) * sampling_rate
    if answers is not None:
        count = min(count, len(answers))
    if count < 1:
        raise DataError(
            f"A window of {sequence_length} steps, {sampling_rate} apart, does not fit into "
            f"a series of {len(series)}."
        )
    starts = np.arange(0, count, sequence_stride)
    steps = np.arange(sequence_length) * sampling_rate

    def gather(numbers: Any) -> Any:
        begin = starts[numbers]
        windows = series[begin[..., None] + steps]
        return windows if answers is None else (windows, answers[begin])

    return IndexedBatches(gather, len(starts), batch_size, shuffle, seed)
