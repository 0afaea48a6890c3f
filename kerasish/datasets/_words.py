"""Texts as sequences of word numbers, the way Keras loads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError

__all__ = ["Vocabulary", "as_objects", "read_word_index"]


@dataclass(frozen=True)
class Vocabulary:
    """Which words are kept, and what stands for the others.

    Args:
        num_words: only numbers below it are kept; None keeps all but the greatest, as in Keras.
        skip_top: only numbers from it on are kept.
        maxlen: only sequences shorter than this are kept.
        start_char: begins each sequence; None for nothing.
        oov_char: stands for words that are not kept; None leaves them out.
        index_from: what is added to the numbers of words.
    """

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int

    def fits(self, texts: Any) -> np.ndarray:
        """Return which texts are short enough.

        Raises:
            ArgumentError: if none is.
        """
        begun = int(self.start_char is not None)
        fits = np.array([not self.maxlen or len(text) + begun < self.maxlen for text in texts])
        if not fits.any():
            raise ArgumentError(f"No sequence is shorter than maxlen={self.maxlen}; give more.")
        return fits

    def __call__(self, texts: Any) -> list[list[int]]:
        """Return the sequences of texts, with the words that are kept."""
        begin = [] if self.start_char is None else [self.start_char]
        sequences = [begin + [word + self.index_from for word in text] for text in texts]
        end = self.num_words or max(max(sequence, default=0) for sequence in sequences)
        return [self._known(sequence, end) for sequence in sequences]

    def _known(self, sequence: list[int], end: int) -> list[int]:
        if self.oov_char is None:
            return [word for word in sequence if self.skip_top <= word < end]
        return [word if self.skip_top <= word < end else self.oov_char for word in sequence]


def as_objects(sequences: list[list[int]]) -> np.ndarray:
    """Return lists as an array of lists, whatever their lengths."""
    array = np.empty(len(sequences), object)
    array[:] = sequences
    return array


def read_word_index(path: Path) -> dict[str, int]:
    """Return the numbers of words in a JSON file.

    Raises:
        FileFormatError: if it is not such a file.
    """
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        return {str(word): int(number) for word, number in words.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise FileFormatError(f"{str(path)!r} is not a JSON file of words and numbers.") from error
