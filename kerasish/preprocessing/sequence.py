"""Sequences: TimeseriesGenerator, skipgrams, pad_sequences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.utils import PyDataset, pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]


class TimeseriesGenerator(PyDataset):
    """Batches of windows over a time series, as in Keras 2.

    `utils.timeseries_dataset_from_array` does the same with more options.

    Args:
        data: the series, time first.
        targets: one target for each step; the target of a window is that of the step after it.
        length: the length of a window in steps.
        sampling_rate: the distance between the steps of a window.
        stride: the distance between windows.
        start_index: the first step to use.
        end_index: the last step to use (inclusive); by default the last of the series.
        shuffle: whether to draw windows at random.
        reverse: whether to reverse the steps of a window.
        batch_size: the number of windows in a batch.
        **kwargs: arguments of `PyDataset`.

    Raises:
        ArgumentError: if the series is shorter than a window, or the number of targets differs.

    Examples:
        >>> windows = TimeseriesGenerator(np.arange(5), np.arange(5), length=3, batch_size=2)
        >>> x, y = windows[0]
        >>> x.tolist(), y.tolist()
        ([[0, 1, 2], [1, 2, 3]], [3, 4])
    """

    def __init__(
        self,
        data: Sequence[Any] | np.ndarray,
        targets: Sequence[Any] | np.ndarray,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if len(data) != len(targets):
            raise ArgumentError(f"There are {len(data)} times, and {len(targets)} targets.")
        self.data = data
        self.targets = targets
        self.length = length
        self.sampling_rate = sampling_rate
        self.stride = stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle = shuffle
        self.reverse = reverse
        self.batch_size = batch_size
        if self.start_index > self.end_index:
            raise ArgumentError(
                f"A window of {length} times and its target do not fit between the times "
                f"{start_index} and {self.end_index}."
            )

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return (self.end_index - self.start_index + span) // span

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, self.batch_size)
        else:
            span = self.batch_size * self.stride
            first = self.start_index + span * index
            rows = np.arange(first, min(first + span, self.end_index + 1), self.stride)
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        x, y = np.asarray(windows), np.asarray([self.targets[row] for row in rows])
        return (x[:, ::-1] if self.reverse else x), y


def make_sampling_table(size: int, sampling_factor: float = 1e-05) -> np.ndarray:
    """Return the sampling probabilities of words by frequency rank for `skipgrams`.

    Frequent words are sampled less often; frequencies are estimated from ranks by Zipf's law
    (Mikolov et al., 2013).

    Args:
        size: the number of words.
        sampling_factor: the frequency above which words are subsampled.

    Examples:
        >>> make_sampling_table(3, 0.1).round(3)
        array([0.315, 0.315, 0.548])
    """
    rank = np.arange(size, dtype="float64")
    rank[:1] = 1
    inverse_frequency = rank * (np.log(rank) + 0.577) + 0.5 - 1 / (12 * rank)
    return np.minimum(1.0, np.sqrt(sampling_factor * inverse_frequency))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Sequence[float] | np.ndarray | None = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Return pairs of nearby words, and negative samples with random words.

    Args:
        sequence: word indices of a text; 0 is skipped.
        vocabulary_size: the number of indices, including 0.
        window_size: the maximal distance of two words.
        negative_samples: the number of negative pairs for each positive pair.
        shuffle: whether to shuffle the pairs.
        categorical: whether labels are `[0, 1]` and `[1, 0]`, not 1 and 0.
        sampling_table: the sampling probability of each word; see `make_sampling_table`.
        seed: the random seed.

    Returns:
        The pairs, and a label for each: 1 for positive, 0 for negative pairs.

    Examples:
        >>> skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
        ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])
    """
    draw = random.Random(seed)
    pairs: list[list[int]] = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < draw.random()):
            continue
        context = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        pairs += [[word, sequence[j]] for j in context if j != i and sequence[j]]
    labels: list[Any] = [[0, 1] if categorical else 1] * len(pairs)
    if negative_samples > 0 and pairs:
        words = [word for word, _ in pairs]
        draw.shuffle(words)
        count = int(len(pairs) * negative_samples)
        pairs += [
            [words[i % len(words)], draw.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        labels += [[1, 0] if categorical else 0] * count
    if shuffle:
        order = list(range(len(pairs)))
        draw.shuffle(order)
        pairs, labels = [pairs[i] for i in order], [labels[i] for i in order]
    return pairs, labels
