"""Vocabulary: filters texts given as word indices, as Keras's loaders do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError

__all__ = ["Vocabulary", "as_objects", "read_word_index"]


@dataclass(frozen=True)
class Vocabulary:
    """Settings for which words and sequences to keep.

    Args:
        num_words: keep indices below it; None keeps all but the largest, as in Keras.
        skip_top: keep indices from it on.
        maxlen: keep only sequences shorter than this.
        start_char: the index that begins each sequence; None for none.
        oov_char: the index that replaces dropped words; None removes them.
        index_from: the offset added to word indices.
    """

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int

    def is_short_enough(self, texts: Iterable[Sequence[int]]) -> np.ndarray:
        """Return a mask of the texts that are shorter than `maxlen`.

        Raises:
            ArgumentError: if there are none.
        """
        extra = int(self.start_char is not None)
        short = np.array([not self.maxlen or len(text) + extra < self.maxlen for text in texts])
        if not short.any():
            raise ArgumentError(f"No sequence is shorter than maxlen={self.maxlen}; increase it.")
        return short

    def filter(self, texts: Iterable[Sequence[int]]) -> list[list[int]]:
        """Return the sequences of kept words."""
        begin = [] if self.start_char is None else [self.start_char]
        sequences = [begin + [word + self.index_from for word in text] for text in texts]
        end = self.num_words or max(max(sequence, default=0) for sequence in sequences)
        return [self._replace_dropped(sequence, end) for sequence in sequences]

    def _replace_dropped(self, sequence: list[int], end: int) -> list[int]:
        if self.oov_char is None:
            return [word for word in sequence if self.skip_top <= word < end]
        return [word if self.skip_top <= word < end else self.oov_char for word in sequence]


def as_objects(sequences: list[list[int]]) -> np.ndarray:
    """Return lists of any lengths as an array of objects."""
    array = np.empty(len(sequences), object)
    array[:] = sequences
    return array


def read_word_index(path: Path) -> dict[str, int]:
    """Read the indices of words from a JSON file.

    Raises:
        FileFormatError: if the file has another format.
    """
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        return {str(word): int(number) for word, number in words.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise FileFormatError(
            f"{str(path)!r} is not a JSON file of words and their indices."
        ) from error
