"""CIFAR-10: 60,000 small colour photographs of 10 kinds of things."""

from __future__ import annotations

from kerasish.datasets._images import ImageDataset, PathLike, Splits
from kerasish.datasets._load import available, load
from kerasish.datasets._originals import unpack_cifar

__all__ = ["is_available", "load_data"]

_CIFAR10 = ImageDataset(
    "cifar10",
    image_shape=(32, 32, 3),
    label_shape=(1,),  # a column, as in Keras
    unpack=unpack_cifar,
    class_names=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
)


def load_data(data_dir: PathLike | None = None) -> Splits:
    """Return CIFAR-10: 50,000 images to train on and 10,000 to test on.

    Shapes: `x (n, 32, 32, 3)`, red, green and blue from 0 to 255; `y (n, 1)`,
    0 to 9 for airplane, automobile, bird, cat, deer, dog, frog, horse, ship,
    truck; all uint8. The examples come in TensorFlow Datasets' order, which is
    fixed but is not that of the original files.

    Args:
        data_dir: the folder of prepared TensorFlow Datasets that holds
            `cifar10/`; None for the environment variable `TFDS_DATA_DIR`, or
            else `~/tensorflow_datasets`. What is not there is downloaded to it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: if `data_dir` is no path.
        DatasetUnavailableError: if the dataset can be neither read nor downloaded.

    Source:
        A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images",
        2009.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train.shape  # doctest: +SKIP
        ((50000, 32, 32, 3), (50000, 1))
    """
    return load(_CIFAR10, data_dir)


def is_available(data_dir: PathLike | None = None) -> bool:
    """Return whether `load_data(data_dir)` needs no download. Reads no image.

    Examples:
        >>> is_available("a folder without it")
        False
    """
    return available(_CIFAR10, data_dir)
