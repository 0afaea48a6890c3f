"""Reuters: 11,228 news as sequences of word numbers, on 46 topics."""

from __future__ import annotations

import numpy as np

from kerasish.datasets._images import PathLike
from kerasish.datasets._local import KERAS_DATA, find, read_npz, shuffled
from kerasish.datasets._words import Vocabulary, as_objects, read_word_index

__all__ = ["get_label_names", "get_word_index", "load_data"]

Arrays = tuple[np.ndarray, np.ndarray]

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves "
    "ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin "
    "strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem "
    "dlr gas silver wpi hog lead"
)


def load_data(
    path: PathLike = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Arrays, Arrays]:
    """Return the news, to train on and to test on.

    Nothing is downloaded; the error for a file that is not there says where to get it.

    Args:
        path: Keras's file, or its name in `~/.keras/datasets` or kerasish's cache folder.
        num_words: as in `imdb.load_data`.
        skip_top: likewise.
        maxlen: likewise.
        test_split: the share to test on.
        seed: likewise.
        start_char: likewise.
        oov_char: likewise.
        index_from: likewise.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists of integers, and topics 0 to 45.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.
        ArgumentError: if no sequence is kept.
        FileFormatError: if the file is damaged.

    Examples:
        >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)  # doctest: +SKIP
    """
    arrays = read_npz(find(path, f"{KERAS_DATA}/reuters.npz"))
    x, y = shuffled(np.random.RandomState(seed), arrays["x"], arrays["y"])
    keep = Vocabulary(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    fits = keep.fits(x)
    x, y = as_objects(keep(x[fits])), y[fits]
    trained = int(len(x) * (1 - test_split))
    return (x[:trained], y[:trained]), (x[trained:], y[trained:])


def get_word_index(path: PathLike = "reuters_word_index.json") -> dict[str, int]:
    """Return the number of each word, before `index_from` is added.

    Args:
        path: Keras's file, or its name in `~/.keras/datasets` or kerasish's cache folder.

    Raises:
        DatasetUnavailableError: if the file is not on this machine.

    Examples:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return read_word_index(find(path, f"{KERAS_DATA}/reuters_word_index.json"))


def get_label_names() -> tuple[str, ...]:
    """Return the topics, in the order of their numbers.

    Examples:
        >>> get_label_names()[3]
        'earn'
    """
    return tuple(_TOPICS.split())
