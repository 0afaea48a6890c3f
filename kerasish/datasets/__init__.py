"""Small datasets with Keras's `load_data`, read without TensorFlow.

| module               | what                           | where it comes from |
|----------------------|--------------------------------|----------------------------------------- |
| `mnist`              | 28 x 28 pixels, 10 digits      | prepared by TensorFlow Datasets |
| `fashion_mnist`      | 28 x 28 pixels, 10 clothes     | the same |
| `cifar10`            | 32 x 32 x 3 pixels, 10 kinds   | the same |
| `cifar100`           | 32 x 32 x 3 pixels, 100 kinds  | the authors' archive, on this machine |
| `imdb`               | reviews of films, good or bad  | Keras's file, on this machine |
| `reuters`            | news on 46 topics              | the same |
| `california_housing` | districts, 8 attributes        | the same |
| `boston_housing`     | suburbs, 13 attributes         | the same |
| `digits`             | 8 x 8 pixels, 10 digits        | inside this package: no file, no network |

The first three need `pip install "kerasish[datasets]"`. They are decoded once
and kept in `~/.cache/kerasish`; the environment variable `KERASISH_CACHE_DIR`
names another folder. Files that must be on this machine are looked for at the path given, in
`~/.keras/datasets` and in `datasets` of that folder.
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
