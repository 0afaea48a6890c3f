"""Reuters: 11,228 newswires as sequences of word indices, labeled with 46 topics."""

from __future__ import annotations

import numpy as np

from kerasish.datasets.image_dataset import PathLike
from kerasish.datasets.keras_files import KERAS_DATA, find, read_npz, shuffle_together
from kerasish.datasets.vocabulary import Vocabulary, as_objects, read_word_index

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
    """Load the Reuters newswires.

    The file is not downloaded; if it is missing, the error says where to get it.

    Args:
        path: the path of the file, or its name in `~/.keras/datasets` or the cache folder of
            kerasish.
        num_words: as in `imdb.load_data`.
        skip_top: as in `imdb.load_data`.
        maxlen: as in `imdb.load_data`.
        test_split: the fraction of test samples.
        seed: as in `imdb.load_data`.
        start_char: as in `imdb.load_data`.
        oov_char: as in `imdb.load_data`.
        index_from: as in `imdb.load_data`.

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
    x, y = shuffle_together(np.random.RandomState(seed), arrays["x"], arrays["y"])
    vocabulary = Vocabulary(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    kept = vocabulary.is_short_enough(x)
    x, y = as_objects(vocabulary.filter(x[kept])), y[kept]
    split = int(len(x) * (1 - test_split))
    return (x[:split], y[:split]), (x[split:], y[split:])


def get_word_index(path: PathLike = "reuters_word_index.json") -> dict[str, int]:
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
    return read_word_index(find(path, f"{KERAS_DATA}/reuters_word_index.json"))


def get_label_names() -> tuple[str, ...]:
    """Return the names of the topics in the order of the labels.

    Examples:
        >>> get_label_names()[3]
        'earn'
    """
    return tuple(_TOPICS.split())
