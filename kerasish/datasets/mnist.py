"""MNIST: 70,000 grayscale images of handwritten digits of 28 x 28 pixels."""

from __future__ import annotations

from kerasish.datasets.idx import unpack_idx
from kerasish.datasets.image_dataset import ImageDataset, PathLike, Splits
from kerasish.datasets.image_loading import available, load
from kerasish.datasets.keras_files import is_npz, load_mnist_npz

__all__ = ["is_available", "load_data"]

_MNIST = ImageDataset("mnist", image_shape=(28, 28), label_shape=(), unpack=unpack_idx)


def load_data(path: PathLike = "mnist.npz", data_dir: PathLike | None = None) -> Splits:
    """Load MNIST: 60,000 training images and 10,000 test images.

    Shapes: `x (n, 28, 28)`, grayscale values 0 to 255; `y (n,)`, the digits 0 to 9;
    all uint8. The examples have the order of the file, or that of TensorFlow Datasets, which
    is fixed but differs from that of the original files.

    Args:
        path: a `.npz` file in Keras's format; by default the one in Keras's folder. If the file
            is missing, or if this is a folder, the data come from TensorFlow Datasets.
        data_dir: the folder of prepared TensorFlow Datasets that holds
            `mnist/`; None for the environment variable `TFDS_DATA_DIR`, or
            else `~/tensorflow_datasets`. A missing dataset is downloaded to it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: if an argument is not a path.
        FileFormatError: if the file has another content.
        DatasetUnavailableError: if the dataset can neither be read nor downloaded.

    Source:
        Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST Database of Handwritten
        Digits", 1998.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train.shape  # doctest: +SKIP
        ((60000, 28, 28), (60000,))
    """
    if not is_npz(path):
        return load(_MNIST, path)
    return load_mnist_npz(path) or load(_MNIST, data_dir)


def is_available(data_dir: PathLike | None = None) -> bool:
    """Return whether `load_data(data_dir)` needs no download, without reading images.

    Examples:
        >>> is_available("a folder without it")
        False
    """
    return available(_MNIST, data_dir)
