"""Boston housing: prices in 506 suburbs with 13 attributes.

One attribute is based on racial segregation; use the dataset only to discuss this problem, and
`california_housing` otherwise.
"""

from __future__ import annotations

from kerasish.datasets.image_dataset import PathLike
from kerasish.datasets.tables import Arrays, load_table

__all__ = ["load_data"]


def load_data(
    path: PathLike = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Arrays, Arrays]:
    """Load the Boston housing dataset.

    The file is not downloaded; if it is missing, the error says where to get it.

    Args:
        path: the path of the file, or its name in `~/.keras/datasets` or the cache folder of
            kerasish.
        test_split: the fraction of test samples.
        seed: the seed for shuffling.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: attributes `(n, 13)`, prices `(n,)` in 1000 dollars.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.
        FileFormatError: if the file is damaged.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    return load_table("boston_housing.npz", path, test_split, seed)
