"""Where batches come from: arrays in memory, or anything that can be iterated."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.training import residency
from kerasish.training.data import Batch, as_batch, clean, is_arrays, is_whole, length

__all__ = ["ArrayFeed", "Block", "Feed", "IterableFeed", "Passes", "make_feed"]


class Block(NamedTuple):
    """Batches for one dispatch.

    Attributes:
        data: a structure of arrays: one batch, or the samples of many.
        start: the number of the first batch to take from `data`.
        stop: the number of the batch to stop before.
        size: samples in a batch; None if `data` is the batch.
    """

    data: Batch
    start: int = 0
    stop: int = 1
    size: int | None = None

    @property
    def steps(self) -> int:
        """The number of batches."""
        return self.stop - self.start

    def batches(self) -> Iterator[Batch]:
        """Return the batches one by one."""
        if self.size is None:
            yield self.data
            return
        for i in range(self.start, self.stop):
            rows = slice(i * self.size, (i + 1) * self.size)
            yield jax.tree.map(lambda array, rows=rows: array[rows], self.data)


# Asked before each block: how many batches may it have?
Room = Callable[[], int]


class Feed:
    """A source of batches.

    Attributes:
        steps: how many batches one pass has; None if that is not known beforehand.
    """

    steps: int | None = None

    def blocks(self, epoch: int, room: Room) -> Iterator[Block]:
        """Return an iterator over one pass.

        Args:
            epoch: the number of the pass, which its order depends on.
            room: asked before each block how many batches it may have.
        """
        raise NotImplementedError

    def first(self) -> Batch:
        """Return a batch to learn shapes from; no pass loses it."""
        raise NotImplementedError


class ArrayFeed(Feed):
    """Batches cut from arrays.

    Arrays that fit stay on the device, in the order of the pass, so that many
    steps can be made in one dispatch.

    Args:
        batch: structures of arrays, all of one length.
        batch_size: samples in a batch; the last may have fewer.
        shuffle: whether each pass takes the samples in another order.
        seed: what the orders depend on, besides the number of the pass.
    """

    def __init__(self, batch: Batch, batch_size: int, shuffle: bool, seed: int) -> None:
        self.arrays = batch
        self.samples = length(batch)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.steps = math.ceil(self.samples / batch_size)
        self._resident: Batch | None = None

    def blocks(self, epoch: int, room: Room) -> Iterator[Block]:
        order = None
        if self.shuffle:
            order = np.random.default_rng((self.seed, epoch)).permutation(self.samples)
        if not residency.fits(self.arrays):
            for start in range(0, self.samples, self.batch_size):
                rows = slice(start, start + self.batch_size)
                picked = rows if order is None else order[rows]
                yield Block(jax.tree.map(lambda array, picked=picked: array[picked], self.arrays))
            return
        if self._resident is None:
            self._resident = residency.put(self.arrays)
        data = self._resident if order is None else residency.permuted(self._resident, order)
        whole, done = self.samples // self.batch_size, 0
        while done < whole:
            stop = min(whole, done + room())
            yield Block(data, done, stop, self.batch_size)
            done = stop
        if self.samples % self.batch_size:
            rest = slice(whole * self.batch_size, None)
            yield Block(jax.tree.map(lambda array: array[rest], data))

    def first(self) -> Batch:
        batch: Batch = jax.tree.map(lambda array: array[: self.batch_size], self.arrays)
        return batch


class IterableFeed(Feed):
    """Batches from a generator, a loader, or an object with `__len__` and `__getitem__`.

    Each item is `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        source: what to take batches from.
        shuffle: whether an indexable source is read in another order each pass.
        seed: what the orders depend on, besides the number of the pass.
    """

    def __init__(self, source: Any, shuffle: bool, seed: int) -> None:
        self.source = source
        self.shuffle = shuffle
        self.seed = seed
        self.indexable = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        if hasattr(source, "__len__"):
            self.steps = len(source)
        self.once = not self.indexable and iter(source) is source
        self._peeked: list[Batch] = []

    def blocks(self, epoch: int, room: Room) -> Iterator[Block]:
        if self._peeked:
            yield from map(Block, self._peeked)
            self._peeked = []
        for item in self._items(epoch):
            yield Block(as_batch(item))
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()

    def _items(self, epoch: int) -> Iterable[Any]:
        if not self.indexable:
            return self.source  # type: ignore[no-any-return]
        order = np.arange(len(self.source))
        if self.shuffle:
            np.random.default_rng((self.seed, epoch)).shuffle(order)
        return (self.source[int(i)] for i in order)

    def first(self) -> Batch:
        if self.once:
            # What is taken from a generator is kept for the pass that follows, which is the rest.
            if not self._peeked:
                self._peeked = [as_batch(item) for item in _take_one(self.source)]
            found = self._peeked
        elif self.indexable:
            found = [as_batch(self.source[0])] if len(self.source) else []
        else:
            found = [as_batch(item) for item in _take_one(self.source)]
        if not found:
            raise DataError("The data has no batches.")
        return found[0]


class Passes:
    """The batches of several epochs, where an epoch need not be a pass.

    Args:
        feed: where they come from.
        steps: how many batches make an epoch; None for a whole pass. With a
            number, an epoch goes on where the last one stopped.
    """

    def __init__(self, feed: Feed, steps: int | None) -> None:
        self.feed = feed
        self.steps = steps
        self._passes = 0
        self._left = 0
        self._room: Room = lambda: 1
        self._current: Iterator[Block] | None = None

    def epoch(self, epoch: int, room: Room) -> Iterator[Block]:
        """Return the blocks of an epoch; `room` is as in `Feed.blocks`."""
        if self.steps is None:
            yield from self.feed.blocks(epoch, room)
            return
        self._room, self._left = room, self.steps
        while self._left:
            block = self._next()
            if block is None:
                warnings.warn(
                    f"The data ended before {self.steps} steps were made; the epoch ends here. Let "
                    "the generator go on for ever, or give fewer `steps_per_epoch`.",
                    stacklevel=2,
                )
                return
            self._left -= block.steps
            yield block

    def _next(self) -> Block | None:
        for _ in range(2):
            if self._current is None:
                self._current = self.feed.blocks(self._passes, self._room_left)
                self._passes += 1
            block = next(self._current, None)
            if block is not None:
                return block
            self._current = None
        return None

    def _room_left(self) -> int:
        return min(self._left, self._room())


def make_feed(
    x: Any,
    y: Any,
    sample_weight: Any,
    *,
    batch_size: int | None,
    shuffle: bool,
    seed: int,
) -> Feed:
    """Return the feed for what `fit`, `evaluate` or `predict` was given.

    Raises:
        ArgumentError: if arguments exclude each other.
        DataError: if the data cannot be used.
    """
    if batch_size is not None and (not is_whole(batch_size) or batch_size < 1):
        raise ArgumentError(f"batch_size must be a positive whole number; got {batch_size!r}.")
    if isinstance(x, Feed):
        return x
    if is_arrays(x):
        return ArrayFeed(clean(x, y, sample_weight), batch_size or 32, shuffle, seed)
    source = hasattr(x, "__iter__") or hasattr(x, "__getitem__")
    if not source or isinstance(x, (str, bytes)):
        raise DataError(f"x must be arrays, or something to iterate; got {type(x).__name__}.")
    if y is not None or sample_weight is not None:
        raise ArgumentError(
            f"x is a {type(x).__name__}, whose items hold targets and weights themselves: "
            "`(x, y)` or `(x, y, sample_weight)`. Leave `y` and `sample_weight` out."
        )
    if batch_size is not None and batch_size != 32:
        raise ArgumentError(
            f"x is a {type(x).__name__}, whose items are batches already; leave `batch_size` out."
        )
    return IterableFeed(x, shuffle, seed)


def _take_one(source: Iterable[Any]) -> list[Any]:
    for item in source:
        return [item]
    return []
