"""Small datasets with Keras's `load_data`, read without TensorFlow.

| module          | images                | where they come from                         |
|-----------------|-----------------------|----------------------------------------------|
| `mnist`         | 28 x 28, 10 digits    | TensorFlow Datasets, prepared as ArrayRecord |
| `fashion_mnist` | 28 x 28, 10 clothes   | the same                                     |
| `cifar10`       | 32 x 32 x 3, 10 kinds | the same                                     |
| `digits`        | 8 x 8, 10 digits      | inside this package: no file, no network     |

The first three need `pip install "kerasish[datasets]"`. They are decoded once
and kept in `~/.cache/kerasish`; the environment variable `KERASISH_CACHE_DIR`
names another folder.
"""

from kerasish.datasets import cifar10, digits, fashion_mnist, mnist

__all__ = ["cifar10", "digits", "fashion_mnist", "mnist"]
