"""UCI digits: 1,797 handwritten digits of 8 x 8 pixels, included in the package."""

from __future__ import annotations

from importlib import resources

import numpy as np

from kerasish.datasets.image_dataset import Splits

__all__ = ["load_data"]

_TRAIN = 1437


def load_data() -> Splits:
    """Load the UCI digits: 1,437 training images and 360 test images.

    The dataset is part of the package and needs no download.

    Shapes: `x (n, 8, 8)`, ink from 0 to 16; `y (n,)`, the digits 0 to 9; all
    uint8. The images are in their original order, grouped by writer, and the
    test images are the last ones. Most of their writers are not in the training
    set, so the test accuracy is lower than with a shuffled split and measures
    generalization to new writers.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Source:
        E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
        Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49, its
        test part; licensed under CC BY 4.0 (see `DIGITS_LICENSE.txt`).

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape
        ((1437, 8, 8), (360, 8, 8))
        >>> y_train[:10].tolist()
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    file = resources.files("kerasish.datasets").joinpath("digits.npz")
    with file.open("rb") as stream, np.load(stream) as arrays:
        x, y = arrays["x"], arrays["y"]
    return (x[:_TRAIN], y[:_TRAIN]), (x[_TRAIN:], y[_TRAIN:])
