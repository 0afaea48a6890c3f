"""Tables of numbers, split as Keras splits them."""

from __future__ import annotations

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.datasets._images import PathLike
from kerasish.datasets._local import KERAS_DATA, find, read_npz, shuffled

__all__ = ["Arrays", "load_table"]

Arrays = tuple[np.ndarray, np.ndarray]


def load_table(
    name: str, path: PathLike, test_split: float, seed: int, rows: int | None = None
) -> tuple[Arrays, Arrays]:
    """Return the rows to train on and to test on.

    Args:
        name: of Keras's file.
        path: where it is.
        test_split: the share to test on.
        seed: of the order.
        rows: how many to take; None takes all.

    Raises:
        ArgumentError: if `test_split` is not a share.
    """
    if not 0 <= test_split < 1:
        raise ArgumentError(f"test_split must be from 0 to below 1; got {test_split!r}.")
    arrays = read_npz(find(path, f"{KERAS_DATA}/{name}"))
    x, y = shuffled(np.random.RandomState(seed), arrays["x"][:rows], arrays["y"][:rows])
    trained = int(len(x) * (1 - test_split))
    return (x[:trained], y[:trained]), (x[trained:], y[trained:])
