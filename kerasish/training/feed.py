"""Where batches come from: arrays in memory, or anything that can be iterated."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.training import residency

__all__ = [
    "ArrayFeed",
    "Block",
    "Feed",
    "IterableFeed",
    "is_whole",
    "make_feed",
    "split_validation",
]

# (inputs, targets, sample weights); the last two may be None.
Batch = tuple[Any, Any, Any]


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
        self.samples = _length(batch)
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
            yield Block(_as_batch(item))
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
                self._peeked = [_as_batch(item) for item in _take_one(self.source)]
            found = self._peeked
        elif self.indexable:
            found = [_as_batch(self.source[0])] if len(self.source) else []
        else:
            found = [_as_batch(item) for item in _take_one(self.source)]
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
        return ArrayFeed(_clean(x, y, sample_weight), batch_size or 32, shuffle, seed)
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


def is_whole(n: Any) -> bool:
    """Return whether `n` is a whole number, Python's or NumPy's; True and False are none."""
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool)


def is_arrays(x: Any) -> bool:
    """Return whether `x` is arrays in memory: one, or a list or dict of them."""
    if isinstance(x, (list, tuple)):
        return len(x) == 0 or all(is_arrays(item) or np.isscalar(item) for item in x)
    if isinstance(x, Mapping):
        return all(is_arrays(item) for item in x.values())
    return (hasattr(x, "shape") and hasattr(x, "dtype")) or hasattr(x, "to_numpy")


def as_arrays(data: Any, name: str) -> Any:
    """Return a structure of NumPy (or JAX) arrays that a model can be trained on.

    Lists of numbers and data frames become arrays; 64-bit numbers become 32-bit.

    Raises:
        DataError: if there is something in it that is no number, or nothing.
    """
    if data is None:
        return None
    if isinstance(data, Mapping):
        return {key: as_arrays(value, f"{name}[{key!r}]") for key, value in data.items()}
    if isinstance(data, (list, tuple)) and data and not _is_row(data[0]):
        return [as_arrays(value, f"{name}[{i}]") for i, value in enumerate(data)]
    array = data if isinstance(data, jax.Array) else _to_numpy(data, name)
    if array.ndim == 0:
        raise DataError(f"{name} is a single number, {data!r}; an array of samples is wanted.")
    return array


def _is_row(item: Any) -> bool:
    """Return whether a list with this first item is one array, written as a list."""
    return np.isscalar(item) or (isinstance(item, (list, tuple)) and (not item or _is_row(item[0])))


_NARROW = {"float64": "float32", "int64": "int32", "uint64": "uint32"}


def _to_numpy(data: Any, name: str) -> np.ndarray:
    try:
        array = data.to_numpy() if hasattr(data, "to_numpy") else np.asarray(data)
    except ValueError as error:
        raise DataError(
            f"{name} is a list whose items differ in length; pad them to one."
        ) from error
    if array.dtype.kind in "OSTUMm":
        raise DataError(
            f"{name} has dtype {array.dtype}, which holds no numbers. If the samples differ in "
            "length, pad them; if they are texts or categories, turn them into numbers."
        )
    if not jax.config.read("jax_enable_x64"):
        array = array.astype(_NARROW.get(array.dtype.name, array.dtype), copy=False)
    return array


def _named(x: Any, y: Any, sample_weight: Any) -> list[tuple[Any, str]]:
    return [(x, "x"), (y, "y"), (sample_weight, "sample_weight")]


def _length(batch: Batch) -> int:
    """Return the number of samples.

    Raises:
        DataError: if there are none, or the arrays differ.
    """
    lengths = {
        name: [len(leaf) for leaf in jax.tree.leaves(data)]
        for data, name in _named(*batch)
        if data is not None
    }
    different = {n for each in lengths.values() for n in each}
    if not different or different == {0}:
        raise DataError("The data is empty: x has no samples.")
    if len(different) > 1:
        told = ", ".join(
            f"{name} has {' and '.join(map(str, each))}" for name, each in lengths.items()
        )
        raise DataError(f"All arrays must have the same number of samples; {told}.")
    return different.pop()


def _take_one(source: Iterable[Any]) -> list[Any]:
    for item in source:
        return [item]
    return []


def _as_batch(item: Any) -> Batch:
    """Return what an iterator gave as inputs, targets and weights."""
    parts = tuple(item) if isinstance(item, tuple) else (item,)
    if isinstance(item, list) and 2 <= len(item) <= 3:
        parts = tuple(item)  # as loaders of PyTorch give it
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch is x, (x, y) or (x, y, sample_weight); got a tuple of {len(parts)}."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return _clean(x, y, sample_weight)


def _clean(x: Any, y: Any, sample_weight: Any) -> Batch:
    return as_arrays(x, "x"), as_arrays(y, "y"), as_arrays(sample_weight, "sample_weight")


def split_validation(batch: Batch, share: float) -> tuple[Batch, Batch]:
    """Cut the last `share` of the samples off, before any shuffling, as Keras does.

    Raises:
        ArgumentError: if nothing would be left on one side.
    """
    if not 0 < share < 1:
        raise ArgumentError(f"validation_split must be between 0 and 1; got {share}.")
    samples = _length(batch)
    cut = math.floor(samples * (1 - share))
    if cut in (0, samples):
        raise ArgumentError(
            f"validation_split={share} of {samples} samples leaves one side without any."
        )
    return (
        jax.tree.map(lambda array: array[:cut], batch),
        jax.tree.map(lambda array: array[cut:], batch),
    )
