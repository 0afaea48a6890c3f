"""IMDB: 50,000 film reviews as sequences of word indices, labeled by sentiment."""

from __future__ import annotations

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.datasets.image_dataset import PathLike
from kerasish.datasets.keras_files import KERAS_DATA, find, read_npz, shuffle_together
from kerasish.datasets.vocabulary import Vocabulary, as_objects, read_word_index

__all__ = ["get_word_index", "load_data"]

Arrays = tuple[np.ndarray, np.ndarray]


def load_data(
    path: PathLike = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: object,
) -> tuple[Arrays, Arrays]:
    """Load the IMDB reviews: 25,000 for training and 25,000 for testing.

    The file is not downloaded; if it is missing, the error says where to get it.

    Args:
        path: the path of the file, or its name in `~/.keras/datasets` or the cache folder of
            kerasish.
        num_words: keep only words with an index below it, the most frequent ones.
        skip_top: drop words with an index below it, the most frequent ones.
        maxlen: keep only sequences shorter than this.
        seed: the seed for shuffling.
        start_char: the index that begins each sequence; None for none.
        oov_char: the index that replaces dropped words; None removes them.
        index_from: the offset added to word indices.
        **kwargs: not supported.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists of integers, and labels 0 or 1.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.
        ArgumentError: if no sequence is kept.
        FileFormatError: if the file is damaged.

    Source:
        A. L. Maas et al., "Learning Word Vectors for Sentiment Analysis", 2011.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)  # doctest: +SKIP
    """
    if kwargs:
        raise ArgumentError(f"`imdb.load_data` has no argument {sorted(kwargs)[0]!r}.")
    arrays = read_npz(find(path, f"{KERAS_DATA}/imdb.npz"))
    rng = np.random.RandomState(seed)
    x_train, y_train = shuffle_together(rng, arrays["x_train"], arrays["y_train"])
    x_test, y_test = shuffle_together(rng, arrays["x_test"], arrays["y_test"])
    vocabulary = Vocabulary(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    train, test = vocabulary.is_short_enough(x_train), vocabulary.is_short_enough(x_test)
    x = as_objects(vocabulary.filter([*x_train[train], *x_test[test]]))
    split = int(train.sum())
    return (x[:split], y_train[train]), (x[split:], y_test[test])


def get_word_index(path: PathLike = "imdb_word_index.json") -> dict[str, int]:
    """Return the index of each word, before `index_from` is added.

    Args:
        path: the path of the file, or its name in `~/.keras/datasets` or the cache folder of
            kerasish.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.

    Examples:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return read_word_index(find(path, f"{KERAS_DATA}/imdb_word_index.json"))
