"""California housing: prices in 20,640 districts with 8 attributes."""

from __future__ import annotations

from kerasish.core.errors import ArgumentError
from kerasish.datasets.image_dataset import PathLike
from kerasish.datasets.tables import Arrays, load_table

__all__ = ["load_data"]

_ROWS = {"small": 600, "large": None}


def load_data(
    version: str = "large",
    path: PathLike = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> tuple[Arrays, Arrays]:
    """Load the California housing dataset.

    The file is not downloaded; if it is missing, the error says where to get it.

    Args:
        version: `"large"` for all districts, or `"small"` for 600.
        path: the path of the file, or its name in `~/.keras/datasets` or the cache folder of
            kerasish.
        test_split: the fraction of test samples.
        seed: the seed for shuffling.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: attributes `(n, 8)`, prices `(n,)` in dollars.

    Raises:
        ArgumentError: if the version is unknown.
        DatasetUnavailableError: if the file is not on this machine.
        FileFormatError: if the file is damaged.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data("small")  # doctest: +SKIP
    """
    if version not in _ROWS:
        raise ArgumentError(f"version must be 'small' or 'large'; got {version!r}.")
    return load_table("california_housing.npz", path, test_split, seed, _ROWS[version])
