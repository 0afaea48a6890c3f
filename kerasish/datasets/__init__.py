"""Small datasets with Keras's `load_data`, read without TensorFlow.

| module               | content                         | source                          |
|----------------------|---------------------------------|---------------------------------|
| `mnist`              | 28 x 28 pixels, 10 digits       | TensorFlow Datasets             |
| `fashion_mnist`      | 28 x 28 pixels, 10 classes      | TensorFlow Datasets             |
| `cifar10`            | 32 x 32 x 3 pixels, 10 classes  | TensorFlow Datasets             |
| `cifar100`           | 32 x 32 x 3 pixels, 100 classes | local copy of the archive       |
| `imdb`               | film reviews, 2 classes         | local copy of Keras's file      |
| `reuters`            | news, 46 topics                 | local copy of Keras's file      |
| `california_housing` | districts, 8 attributes         | local copy of Keras's file      |
| `boston_housing`     | suburbs, 13 attributes          | local copy of Keras's file      |
| `digits`             | 8 x 8 pixels, 10 digits         | included in the package         |

The first three need `pip install "kerasish[datasets]"`. They are decoded once and cached in
`~/.cache/kerasish`, or in the folder named by the environment variable `KERASISH_CACHE_DIR`.
Local copies are searched at the given path, in `~/.keras/datasets`, and in the folder `datasets`
of the cache.
"""

from kerasish.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
]
