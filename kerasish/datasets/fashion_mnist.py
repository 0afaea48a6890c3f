"""Fashion-MNIST: 70,000 grayscale images of clothing of 28 x 28 pixels."""

from __future__ import annotations

from kerasish.datasets.idx import unpack_idx
from kerasish.datasets.image_dataset import ImageDataset, PathLike, Splits
from kerasish.datasets.image_loading import available, load

__all__ = ["is_available", "load_data"]

_FASHION_MNIST = ImageDataset(
    "fashion_mnist", image_shape=(28, 28), label_shape=(), unpack=unpack_idx
)


def load_data(data_dir: PathLike | None = None) -> Splits:
    """Load Fashion-MNIST: 60,000 training images and 10,000 test images.

    Shapes: `x (n, 28, 28)`, grayscale values 0 to 255; `y (n,)`, 0 to 9 for T-shirt,
    trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot; all
    uint8. The examples have the order of TensorFlow Datasets, which is fixed but
    differs from that of the original files.

    Args:
        data_dir: the folder of prepared TensorFlow Datasets that holds
            `fashion_mnist/`; None for the environment variable `TFDS_DATA_DIR`,
            or else `~/tensorflow_datasets`. A missing dataset is downloaded to it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: if `data_dir` is not a path.
        DatasetUnavailableError: if the dataset can neither be read nor downloaded.

    Source:
        H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
        Benchmarking Machine Learning Algorithms", 2017, arXiv:1708.07747.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train.shape  # doctest: +SKIP
        ((60000, 28, 28), (60000,))
    """
    return load(_FASHION_MNIST, data_dir)


def is_available(data_dir: PathLike | None = None) -> bool:
    """Return whether `load_data(data_dir)` needs no download, without reading images.

    Examples:
        >>> is_available("a folder without it")
        False
    """
    return available(_FASHION_MNIST, data_dir)
