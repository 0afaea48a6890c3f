"""Text preprocessing of Keras 2: Tokenizer, hashing_trick, one_hot."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError

__all__ = [
    "Tokenizer",
    "hashing_trick",
    "one_hot",
    "text_to_word_sequence",
    "tokenizer_from_json",
]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "freq", "tfidf")

Text = str | Sequence[str]
Analyzer = Callable[[str], Sequence[str]]


def text_to_word_sequence(
    input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Split a text into words.

    Args:
        input_text: the text.
        filters: characters that are treated as separators.
        lower: whether to convert to lower case.
        split: the separator of words.

    Examples:
        >>> text_to_word_sequence("Good morning, world!")
        ['good', 'morning', 'world']
    """
    text = input_text.lower() if lower else input_text
    text = text.translate({ord(character): split for character in filters})
    return [word for word in text.split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """Hash each word of a text to an integer in `[1, n)`; collisions are possible.

    Args:
        text: the text.
        n: the size of the range, including 0.
        hash_function: maps a word to an integer. `"md5"` is stable across processes; the
            default, Python's `hash`, is not.
        filters: as in `text_to_word_sequence`.
        lower: as in `text_to_word_sequence`.
        split: as in `text_to_word_sequence`.
        analyzer: a function that splits the text instead.

    Examples:
        >>> hashing_trick("the cat and the dog", 100, "md5")
        [51, 3, 69, 51, 33]
    """
    words = (
        text_to_word_sequence(text, filters, lower, split) if analyzer is None else (analyzer(text))
    )
    function = _md5 if hash_function == "md5" else (hash_function or hash)
    if not callable(function):
        raise ArgumentError(f"hash_function must be callable or 'md5'; got {hash_function!r}.")
    return [int(function(word)) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


def one_hot(
    input_text: str,
    n: int,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """Hash words with Python's `hash`; returns integers, despite the name (see `hashing_trick`).

    Args:
        input_text: the text.
        n: the size of the range, including 0.
        filters: as in `text_to_word_sequence`.
        lower: as in `text_to_word_sequence`.
        split: as in `text_to_word_sequence`.
        analyzer: a function that splits the text instead.

    Examples:
        >>> first, second, third = one_hot("tick tock tick", 50)
        >>> first == third
        True
    """
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Maps words to integers by their frequency: 1 for the most frequent word.

    Args:
        num_words: keep only the `num_words - 1` most frequent words; None keeps all.
        filters: as in `text_to_word_sequence`.
        lower: as in `text_to_word_sequence`.
        split: as in `text_to_word_sequence`.
        char_level: whether each character is a word.
        oov_token: replaces unknown words, with the index 1; None drops them.
        analyzer: a function that splits texts instead.

    Raises:
        ArgumentError: if an argument is unknown.

    Examples:
        >>> tokenizer = Tokenizer(oov_token="?")
        >>> tokenizer.fit_on_texts(["the cat sat", "the dog sat, the end"])
        >>> tokenizer.texts_to_sequences(["the cat ran"])
        [[2, 4, 1]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Analyzer | None = None,
        **kwargs: Any,
    ) -> None:
        self.document_count = int(kwargs.pop("document_count", 0))
        if kwargs:
            raise ArgumentError(f"Tokenizer has no argument {sorted(kwargs)[0]!r}.")
        self.num_words = num_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.word_counts: Counter[str] = Counter()
        self.word_docs: Counter[str] = Counter()
        self.index_docs: dict[int, int] = {}
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Text) -> Sequence[str]:
        if self.char_level or not isinstance(text, str):
            if not self.lower:
                return text
            return text.lower() if isinstance(text, str) else [word.lower() for word in text]
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Text]) -> None:
        """Update the vocabulary with the words of texts.

        Args:
            texts: strings, or lists of words.
        """
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        # Ties keep the order of first occurrence.
        words = [word for word, _ in self.word_counts.most_common()]
        if self.oov_token is not None:
            words = [self.oov_token, *words]
        self.word_index = {word: i for i, word in enumerate(dict.fromkeys(words), 1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        self.index_docs = {self.word_index[word]: n for word, n in self.word_docs.items()}

    def fit_on_sequences(self, sequences: Iterable[Sequence[int]]) -> None:
        """Count the sequences that contain each integer, for `sequences_to_matrix`.

        Args:
            sequences: lists of integers.
        """
        for sequence in sequences:
            self.document_count += 1
            for index in set(sequence):
                self.index_docs[index] = self.index_docs.get(index, 0) + 1

    def texts_to_sequences(self, texts: Iterable[Text]) -> list[list[int]]:
        """Convert texts to lists of integers.

        Args:
            texts: strings, or lists of words.
        """
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Text]) -> Iterator[list[int]]:
        """Yield the list of integers of each text; see `texts_to_sequences`.

        Args:
            texts: strings, or lists of words.
        """
        unknown = self._unknown()
        for text in texts:
            found = (self.word_index.get(word) for word in self._words(text))
            kept = (unknown if i is None or not self._is_kept(i) else i for i in found)
            yield [i for i in kept if i is not None]

    def sequences_to_texts(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """Convert lists of integers to words joined by spaces.

        Args:
            sequences: lists of integers.
        """
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Sequence[int]]) -> Iterator[str]:
        """Yield the text of each sequence; see `sequences_to_texts`.

        Args:
            sequences: lists of integers.
        """
        unknown = self._unknown()
        substitute = None if unknown is None else self.index_word[unknown]
        for sequence in sequences:
            found = (self.index_word.get(i) if self._is_kept(i) else None for i in sequence)
            words = (substitute if word is None else word for word in found)
            yield " ".join(word for word in words if word is not None)

    def _unknown(self) -> int | None:
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def _is_kept(self, index: int) -> bool:
        return not self.num_words or index < self.num_words

    def texts_to_matrix(self, texts: Iterable[Text], mode: str = "binary") -> np.ndarray:
        """Convert texts to a matrix; see `sequences_to_matrix`.

        Args:
            texts: strings, or lists of words.
            mode: as in `sequences_to_matrix`.
        """
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> np.ndarray:
        """Convert lists of integers to a matrix `(sequences, num_words)`.

        Args:
            sequences: lists of integers.
            mode: `"binary"` for presence, `"count"` for counts, `"freq"` for relative frequencies,
                or `"tfidf"` for TF-IDF weights.

        Raises:
            ArgumentError: if the number of words is unknown, or the mode is unknown.
        """
        if mode not in _MODES:
            raise ArgumentError(f"mode must be one of {', '.join(_MODES)}; got {mode!r}.")
        if not self.num_words and not self.word_index:
            raise ArgumentError("Pass `num_words`, or call `fit_on_texts` first.")
        if mode == "tfidf" and not self.document_count:
            raise ArgumentError("mode='tfidf' needs `fit_on_texts` or `fit_on_sequences` first.")
        width = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), width))
        for row, sequence in zip(matrix, sequences, strict=True):
            for index, count in Counter(i for i in sequence if i < width).items():
                row[index] = self._entry(mode, index, count, len(sequence))
        return matrix

    def _entry(self, mode: str, index: int, count: int, length: int) -> float:
        if mode == "tfidf":
            rarity = self.document_count / (1 + self.index_docs.get(index, 0))
            return float((1 + np.log(count)) * np.log(1 + rarity))
        return {"binary": 1, "count": count, "freq": count / length}[mode]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, and the counts as JSON strings."""
        return {
            "num_words": self.num_words,
            "filters": self.filters,
            "lower": self.lower,
            "split": self.split,
            "char_level": self.char_level,
            "oov_token": self.oov_token,
            "document_count": self.document_count,
            **{name: json.dumps(getattr(self, name)) for name in _COUNTED},
        }

    def to_json(self, **kwargs: Any) -> str:
        """Serialize the tokenizer to JSON for `tokenizer_from_json`.

        Args:
            **kwargs: arguments of `json.dumps`.
        """
        config = {"class_name": type(self).__name__, "config": self.get_config()}
        return json.dumps(config, **kwargs)


_COUNTED = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Create a `Tokenizer` from the result of `to_json`, also from Keras.

    Args:
        json_string: the string.

    Raises:
        ArgumentError: if the string has another format.

    Examples:
        >>> tokenizer = Tokenizer()
        >>> tokenizer.fit_on_texts(["a b a"])
        >>> tokenizer_from_json(tokenizer.to_json()).word_index
        {'a': 1, 'b': 2}
    """
    try:
        config = dict(json.loads(json_string)["config"])
        counted = {name: json.loads(config.pop(name)) for name in _COUNTED}
        tokenizer = Tokenizer(**config)
        for name, found in counted.items():
            if name.startswith("index_"):  # the keys of JSON are strings
                found = {int(index): value for index, value in found.items()}
            setattr(tokenizer, name, Counter(found) if name.startswith("word_") else found)
        tokenizer.word_index = dict(tokenizer.word_index)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArgumentError("The string is not a tokenizer in the format of `to_json`.") from error
    return tokenizer
