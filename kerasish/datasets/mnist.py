"""MNIST: 70,000 handwritten digits of 28 x 28 grey pixels."""

from __future__ import annotations

from kerasish.datasets._images import ImageDataset, PathLike, Splits
from kerasish.datasets._load import available, load
from kerasish.datasets._npz import is_npz, read_npz
from kerasish.datasets._originals import unpack_idx

__all__ = ["is_available", "load_data"]

_MNIST = ImageDataset("mnist", image_shape=(28, 28), label_shape=(), unpack=unpack_idx)


def load_data(path: PathLike = "mnist.npz", data_dir: PathLike | None = None) -> Splits:
    """Return MNIST: 60,000 images to train on and 10,000 to test on.

    Shapes: `x (n, 28, 28)`, grey values 0 to 255; `y (n,)`, the digits 0 to 9;
    all uint8. The examples come in the order of the file, or in TensorFlow Datasets', which
    is fixed but is not that of the original files.

    Args:
        path: a file with the arrays, as Keras keeps it; the one in Keras's folder by default. If
            it is not there, or this is the path of a folder, TensorFlow Datasets' folder counts.
        data_dir: the folder of prepared TensorFlow Datasets that holds
            `mnist/`; None for the environment variable `TFDS_DATA_DIR`, or
            else `~/tensorflow_datasets`. What is not there is downloaded to it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: if a path is not one.
        FileFormatError: if the file holds something else.
        DatasetUnavailableError: if the dataset can be neither read nor downloaded.

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
    return read_npz(path) or load(_MNIST, data_dir)


def is_available(data_dir: PathLike | None = None) -> bool:
    """Return whether `load_data(data_dir)` needs no download. Reads no image.

    Examples:
        >>> is_available("a folder without it")
        False
    """
    return available(_MNIST, data_dir)
