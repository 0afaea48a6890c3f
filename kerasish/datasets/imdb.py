"""IMDB: 50,000 reviews of films as sequences of word numbers, good or bad."""

from __future__ import annotations

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.datasets._images import PathLike
from kerasish.datasets._local import KERAS_DATA, find, read_npz, shuffled
from kerasish.datasets._words import Vocabulary, as_objects, read_word_index

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
    """Return the reviews: 25,000 to train on and 25,000 to test on.

    Nothing is downloaded; the error for a file that is not there says where to get it.

    Args:
        path: Keras's file, or its name in `~/.keras/datasets` or kerasish's cache folder.
        num_words: only the most frequent words are kept: those whose numbers are below it.
        skip_top: the most frequent ones are not kept: those whose numbers are below it.
        maxlen: only sequences shorter than this are kept.
        seed: of the order.
        start_char: begins each sequence; None for nothing.
        oov_char: stands for words that are not kept; None leaves them out.
        index_from: what is added to the numbers of words.
        **kwargs: refused.

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
    x_train, y_train = shuffled(rng, arrays["x_train"], arrays["y_train"])
    x_test, y_test = shuffled(rng, arrays["x_test"], arrays["y_test"])
    keep = Vocabulary(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    train, test = keep.fits(x_train), keep.fits(x_test)
    x = as_objects(keep([*x_train[train], *x_test[test]]))
    trained = int(train.sum())
    return (x[:trained], y_train[train]), (x[trained:], y_test[test])


def get_word_index(path: PathLike = "imdb_word_index.json") -> dict[str, int]:
    """Return the number of each word, before `index_from` is added.

    Args:
        path: Keras's file, or its name in `~/.keras/datasets` or kerasish's cache folder.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.

    Examples:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return read_word_index(find(path, f"{KERAS_DATA}/imdb_word_index.json"))
