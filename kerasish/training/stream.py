"""Batches from anything that can be iterated, stacked by a thread ahead of the device."""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import DataError
from kerasish.training import residency
from kerasish.training.ahead import Ahead
from kerasish.training.block import Block, batches_in_a_stack, empty, nbytes
from kerasish.training.data import Batch, as_batch, length
from kerasish.training.feed import Feed, Room, Weigh, cut

__all__ = ["IterableFeed"]

# Batches that are slow to come are not collected for longer than this.
_SECONDS = 0.1


class IterableFeed(Feed):
    """Batches from a generator, a loader, or an object with `__len__` and `__getitem__`.

    Each item is `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`. A thread
    takes them from the source and stacks them, while the device computes.

    Args:
        source: what to take batches from.
        shuffle: whether an indexable source is read in another order each pass.
        seed: what the orders depend on, besides the number of the pass.
        weigh: gives each batch further weights.
    """

    def __init__(self, source: Any, shuffle: bool, seed: int, weigh: Weigh | None = None) -> None:
        super().__init__(seed)
        self.source = source
        self._weigh = weigh
        self.shuffle = shuffle
        self.indexable = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        if hasattr(source, "__len__"):
            self.steps = len(source)
        self.once = not self.indexable and iter(source) is source
        self._peeked: list[Any] = []
        self._like: Batch | None = None

    def blocks(
        self, epoch: int, room: Room, limit: int | None = None, start: int = 0
    ) -> Generator[Block]:
        self._tell("on_epoch_begin")
        stacks = Ahead(lambda: self._stacks(epoch, limit, start))
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
                    stack = _Stack(self._like or batch, self.steps, self.beside)
                if not stack.takes(batch):
                    yield from stack.take_out()
                    yield Block(batch, size=length(batch))
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
        order = np.arange(len(self.source))
        # Some datasets have orders of their own.
        if self.shuffle and not getattr(self.source, "keeps_order", False):
            np.random.default_rng((self.seed, epoch)).shuffle(order)
        return (self.source[int(i)] for i in order[start:])

    def _batch(self, item: Any) -> Batch:
        batch = as_batch(item)
        return batch if self._weigh is None else self._weigh(batch, batch)

    def first(self) -> Batch:
        if self.once:
            # What is taken from a generator is kept for the pass that follows, which is the rest.
            if not self._peeked:
                self._peeked = _take_one(self.source)
            found = [self._batch(item) for item in self._peeked]
        elif self.indexable:
            found = [self._batch(self.source[0])] if len(self.source) else []
        else:
            found = [self._batch(item) for item in _take_one(self.source)]
        if not found:
            raise DataError("The data has no batches.")
        self._like = found[0]
        return self._like


class _Stack:
    """Collects batches of one shape until they are worth a dispatch.

    Args:
        like: a batch; others of its shapes can be collected with it.
        steps: how many there will be at most; None if that is not known.
        beside: see `Feed`.
    """

    def __init__(self, like: Batch, steps: int | None, beside: int) -> None:
        self._shapes = Block(like).shapes
        self._most = batches_in_a_stack(nbytes(like) + beside, steps)
        self._size = length(like)
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
            yield Block(residency.sent(self._data), 0, self._count, self._size)
            self._data, self._count = None, 0


def _take_one(source: Iterable[Any]) -> list[Any]:
    for item in source:
        return [item]
    return []
