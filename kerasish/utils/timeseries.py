"""timeseries_dataset_from_array: sliding windows over a time series."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import PyTree
from kerasish.utils.py_dataset import IndexedBatches

__all__ = ["timeseries_dataset_from_array"]


def timeseries_dataset_from_array(
    data: npt.ArrayLike,
    targets: npt.ArrayLike | None,
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
    """Create a dataset of sliding windows over a time series.

    Args:
        data: the series, `(time, ...)`.
        targets: `(time, ...)`; `targets[i]` belongs to the window that starts at `i`. None
            yields windows only.
        sequence_length: the number of steps in a window.
        sequence_stride: the distance between the starts of windows.
        sampling_rate: the distance between the steps of a window.
        batch_size: the number of windows in a batch; None yields single windows.
        shuffle: whether to shuffle the windows in each epoch.
        seed: the seed for shuffling.
        start_index: the first index of the series to use.
        end_index: the end (exclusive) of the part of the series to use.
        format: accepted as in Keras; the result is always a `PyDataset`.

    Returns:
        A dataset of batches `(batch, sequence_length, ...)`, or of `(windows, targets)` with
        targets of shape `(batch, ...)`.

    Raises:
        ArgumentError: if an argument is not positive.
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
            raise ArgumentError(f"{name} must be a positive integer; got {value!r}.")
    series = np.asarray(data)[start_index:end_index]
    labels = None if targets is None else np.asarray(targets)[start_index:end_index]
    count = len(series) - (sequence_length - 1) * sampling_rate
    if labels is not None:
        count = min(count, len(labels))
    if count < 1:
        raise DataError(
            f"A window of {sequence_length} steps at a distance of {sampling_rate} does not fit "
            "into "
            f"a series of {len(series)}."
        )
    starts = np.arange(0, count, sequence_stride)
    steps = np.arange(sequence_length) * sampling_rate

    def gather(numbers: np.ndarray) -> PyTree:
        begin = starts[numbers]
        windows = series[begin[..., None] + steps]
        return windows if labels is None else (windows, labels[begin])

    return IndexedBatches(gather, len(starts), batch_size, shuffle, seed)
