"""California housing: 20,640 districts with 8 attributes, and what a house costs there."""

from __future__ import annotations

from kerasish.core.errors import ArgumentError
from kerasish.datasets._images import PathLike
from kerasish.datasets._tables import Arrays, load_table

__all__ = ["load_data"]

_ROWS = {"small": 600, "large": None}


def load_data(
    version: str = "large",
    path: PathLike = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> tuple[Arrays, Arrays]:
    """Return the districts, to train on and to test on.

    Nothing is downloaded; the error for a file that is not there says where to get it.

    Args:
        version: `"large"`, all of them, or `"small"`, 600.
        path: Keras's file, or its name in `~/.keras/datasets` or kerasish's cache folder.
        test_split: the share to test on.
        seed: of the order.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: attributes `(n, 8)`, prices `(n,)` in dollars.

    Raises:
        ArgumentError: if there is no such version.
        DatasetUnavailableError: if the file is not on this machine.
        FileFormatError: if the file is damaged.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data("small")  # doctest: +SKIP
    """
    if version not in _ROWS:
        raise ArgumentError(f"version must be 'small' or 'large'; got {version!r}.")
    return load_table("california_housing.npz", path, test_split, seed, _ROWS[version])
