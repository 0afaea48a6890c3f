"""Tabular datasets with the train-test split of Keras."""

from __future__ import annotations

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.datasets.image_dataset import PathLike
from kerasish.datasets.keras_files import KERAS_DATA, find, read_npz, shuffle_together

__all__ = ["Arrays", "load_table"]

Arrays = tuple[np.ndarray, np.ndarray]


def load_table(
    name: str, path: PathLike, test_split: float, seed: int, rows: int | None = None
) -> tuple[Arrays, Arrays]:
    """Load a table, shuffle its rows and split them.

    Args:
        name: the name of Keras's file.
        path: the path of the file.
        test_split: the fraction of test samples.
        seed: the seed for shuffling.
        rows: the number of rows to use; None uses all.

    Raises:
        ArgumentError: if `test_split` is not in [0, 1).
    """
    if not 0 <= test_split < 1:
        raise ArgumentError(f"test_split must be at least 0 and below 1; got {test_split!r}.")
    arrays = read_npz(find(path, f"{KERAS_DATA}/{name}"))
    x, y = shuffle_together(np.random.RandomState(seed), arrays["x"][:rows], arrays["y"][:rows])
    split = int(len(x) * (1 - test_split))
    return (x[:split], y[:split]), (x[split:], y[split:])
