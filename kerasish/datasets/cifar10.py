"""CIFAR-10: 60,000 color images of 32 x 32 pixels in 10 classes."""

from __future__ import annotations

from kerasish.datasets.idx import unpack_cifar
from kerasish.datasets.image_dataset import ImageDataset, PathLike, Splits
from kerasish.datasets.image_loading import available, load

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
    """Load CIFAR-10: 50,000 training images and 10,000 test images.

    Shapes: `x (n, 32, 32, 3)`, red, green and blue from 0 to 255; `y (n, 1)`,
    0 to 9 for airplane, automobile, bird, cat, deer, dog, frog, horse, ship,
    truck; all uint8. The examples have the order of TensorFlow Datasets, which is
    fixed but differs from that of the original files.

    Args:
        data_dir: the folder of prepared TensorFlow Datasets that holds
            `cifar10/`; None for the environment variable `TFDS_DATA_DIR`, or
            else `~/tensorflow_datasets`. A missing dataset is downloaded to it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: if `data_dir` is not a path.
        DatasetUnavailableError: if the dataset can neither be read nor downloaded.

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
    """Return whether `load_data(data_dir)` needs no download, without reading images.

    Examples:
        >>> is_available("a folder without it")
        False
    """
    return available(_CIFAR10, data_dir)
