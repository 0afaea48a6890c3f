"""Batches from anything that can be iterated, stacked by a thread ahead of the device."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping
from numbers import Number
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import DataError
from kerasish.training.data import device_cache
from kerasish.training.data.array_adapter import DataAdapter, StepBudget, WeightFn, cut
from kerasish.training.data.batch import Batch, as_batch, num_samples
from kerasish.training.data.block import Block, empty, nbytes, stack_capacity
from kerasish.training.data.prefetcher import Prefetcher

__all__ = ["IterableAdapter", "single_samples"]

# Batches that are slow to come are not collected for longer than this.
_SECONDS = 0.1
# A source with a length of this or more repeats itself (Grain's says `sys.maxsize`).
_ENDLESS = 2**40


class IterableAdapter(DataAdapter):
    """Batches from a generator, a loader, or an object with `__len__` and `__getitem__`.

    Each item is `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`. A thread
    takes them from the source and stacks them, while the device computes.

    Args:
        source: what to take batches from.
        shuffle: whether an indexable source is read in another order each pass.
        seed: what the orders depend on, besides the number of the pass.
        weigh: gives each batch further weights.
        batch_size: how many samples the user expects in a batch, if that was said.
    """

    def __init__(
        self,
        source: Any,
        shuffle: bool,
        seed: int,
        weigh: WeightFn | None = None,
        batch_size: int | None = None,
    ) -> None:
        super().__init__(seed)
        self.source = source
        self._weigh = weigh
        self._batch_size = batch_size
        self.shuffle = shuffle
        count = _count(source)
        self.indexable = hasattr(source, "__getitem__") and count is not None
        self.endless = count is not None and count >= _ENDLESS
        self.steps = None if self.endless else count
        self.once = not self.indexable and iter(source) is source
        self._peeked: list[Any] = []
        self._like: Batch | None = None

    def blocks(
        self, epoch: int, room: StepBudget, limit: int | None = None, start: int = 0
    ) -> Generator[Block]:
        self._tell("on_epoch_begin")
        stacks = Prefetcher(lambda: self._stacks(epoch, limit, start))
        try:
            for block in stacks:
                if block.size is None:
                    yield block
                else:
                    yield from cut(block.data, block.stop, block.size, room)
        finally:
            stacks.close()
        self._tell("on_epoch_end")

    def skip(self, passes: int) -> None:
        for _ in range(passes):
            self._tell("on_epoch_begin")
            self._tell("on_epoch_end")

    def _tell(self, hook: str) -> None:
        """Call a hook of the source, if it has that."""
        getattr(self.source, hook, lambda: None)()

    def _stacks(self, epoch: int, limit: int | None, start: int) -> Iterator[Block]:
        stack: _Stack | None = None
        items = itertools.islice(self._items(epoch, start), limit)
        batches = map(self._batch, items)
        try:
            for batch in batches:
                self.check(batch)
                if stack is None:
                    # As in every pass, also one that goes on with its last batch, a smaller one.
                    stack = _Stack(self._like or batch, self.steps, self.extra_bytes_per_batch)
                if not stack.takes(batch):
                    yield from stack.take_out()
                    yield Block(batch, size=num_samples(batch))
                else:
                    stack.add(batch)
                    if stack.is_due():
                        yield from stack.take_out()
        except Exception:
            # What came before the mistake is trained on before it is told.
            if stack is not None:
                yield from stack.take_out()
            raise
        if stack is not None:
            yield from stack.take_out()

    def _items(self, epoch: int, start: int) -> Iterator[Any]:
        if not self.indexable:
            peeked, self._peeked = self._peeked, []
            return itertools.islice(itertools.chain(peeked, self.source), start, None)
        # Some datasets have orders of their own; those without an end have no other.
        if self.endless or not self.shuffle or getattr(self.source, "keeps_order", False):
            return (self.source[i] for i in range(start, len(self.source)))
        order = np.arange(len(self.source))
        np.random.default_rng((self.seed, epoch)).shuffle(order)
        return (self.source[int(i)] for i in order[start:])

    def _batch(self, item: Any) -> Batch:
        batch = as_batch(item)
        return batch if self._weigh is None else self._weigh(batch, batch)

    def is_spent(self) -> bool:
        """Return whether this is a generator that has no more batches; what is read is kept."""
        if self.once and not self._peeked:
            self._peeked = _take_one(self.source)
        return self.once and not self._peeked

    def _first_batch(self, item: Any) -> Batch:
        parts = item if isinstance(item, (list, tuple)) and len(item) <= 3 else (item,)
        if any(map(_holds_a_number, parts)):
            raise DataError(single_samples(self.source))
        return self._batch(item)

    def first(self) -> Batch:
        if self.once:
            # What is taken from a generator is kept for the pass that follows, which is the rest.
            if not self._peeked:
                self._peeked = _take_one(self.source)
            found = [self._first_batch(item) for item in self._peeked]
        elif self.indexable:
            found = [self._first_batch(self.source[0])] if self.endless or self.steps else []
        else:
            found = [self._first_batch(item) for item in _take_one(self.source)]
        if not found:
            raise DataError("The data has no batches.")
        self._like = found[0]
        size = num_samples(self._like)
        if self._batch_size not in (None, size):
            warnings.warn(
                f"batch_size={self._batch_size} has no effect: the items of a "
                f"{type(self.source).__name__} are batches already, here of {size} samples.",
                stacklevel=2,
            )
            self._batch_size = None
        return self._like


class _Stack:
    """Collects batches of one shape until they are worth a dispatch.

    Args:
        like: a batch; others of its shapes can be collected with it.
        steps: how many there will be at most; None if that is not known.
        beside: see `DataAdapter`.
    """

    def __init__(self, like: Batch, steps: int | None, beside: int) -> None:
        self._shapes = Block(like).shapes
        self._most = stack_capacity(nbytes(like) + beside, steps)
        self._size = num_samples(like)
        self._data: Any = None
        self._count = 0
        self._since = self._last = self._wait = 0.0

    def takes(self, batch: Batch) -> bool:
        """Return whether a batch can be collected with the others."""
        on_host = not any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(batch))
        return self._most > 1 and on_host and Block(batch).shapes == self._shapes

    def add(self, batch: Batch) -> None:
        """Take a batch in."""
        now = time.perf_counter()
        if not self._count:
            rows = self._most * self._size
            self._data = jax.tree.map(lambda a: empty((rows, *a.shape[1:]), a.dtype), batch)
            self._since = now
        self._wait, self._last = now - (self._last or now), now
        place = slice(self._count * self._size, (self._count + 1) * self._size)
        for all_, some in zip(jax.tree.leaves(self._data), jax.tree.leaves(batch), strict=True):
            all_[place] = some
        self._count += 1

    def is_due(self) -> bool:
        """Return whether the stack is full, or would be kept waiting for the next batch."""
        age = time.perf_counter() - self._since
        return self._count == self._most or age + self._wait > _SECONDS

    def take_out(self) -> Iterator[Block]:
        """Return what was collected, if there is anything, on its way to the device."""
        if self._count:
            yield Block(device_cache.to_device(self._data), 0, self._count, self._size)
            self._data, self._count = None, 0


def single_samples(source: Any) -> str:
    """Return what there is to say of a source whose items are no batches."""
    kind = type(source).__name__
    if hasattr(source, "batch"):
        fix = "Write `.batch(32)` behind it"
    elif type(source).__module__.startswith("torch") or hasattr(type(source), "__getitems__"):
        fix = "Put it into a `torch.utils.data.DataLoader(..., batch_size=32)`"
    else:
        fix = "Turn them into one array, `np.stack([...])`, or into batches in a `utils.PyDataset`"
    return f"The items of x, a {kind}, are single samples, and a source gives batches. {fix}."


def _holds_a_number(part: Any) -> bool:
    """Return whether inputs or targets are those of one sample: a number, or one by name."""
    if isinstance(part, Mapping) and not hasattr(part, "tocsr"):
        return any(map(_holds_a_number, part.values()))
    return isinstance(part, (Number, np.generic)) or getattr(part, "shape", None) == ()


def _count(source: Any) -> int | None:
    """Return how many batches a source has; None if it does not know."""
    try:
        return len(source)
    except Exception:  # loaders of streams have a length that raises, each another error
        return None


def _take_one(source: Iterable[Any]) -> list[Any]:
    for item in source:
        return [item]
    return []
