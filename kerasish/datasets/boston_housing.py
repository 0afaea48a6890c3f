"""Boston housing: 506 suburbs with 13 attributes, and what a house costs there.

One attribute assumes that people segregate themselves by race; use it to speak about that only.
`california_housing` serves for everything else.
"""

from __future__ import annotations

from kerasish.datasets._images import PathLike
from kerasish.datasets._tables import Arrays, load_table

__all__ = ["load_data"]


def load_data(
    path: PathLike = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Arrays, Arrays]:
    """Return the suburbs, to train on and to test on.

    Nothing is downloaded; the error for a file that is not there says where to get it.

    Args:
        path: Keras's file, or its name in `~/.keras/datasets` or kerasish's cache folder.
        test_split: the share to test on.
        seed: of the order.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: attributes `(n, 13)`, prices `(n,)` in 1000 dollars.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.
        FileFormatError: if the file is damaged.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    return load_table("boston_housing.npz", path, test_split, seed)
