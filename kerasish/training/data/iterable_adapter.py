"""IterableAdapter: batches from generators and loaders, stacked by a thread ahead of the device."""

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
from kerasish.core.types import PyTree
from kerasish.training.data import device_cache
from kerasish.training.data.batch import Batch, num_samples, unpack_x_y_sample_weight
from kerasish.training.data.block import Block, empty_aligned, nbytes, stack_capacity
from kerasish.training.data.data_adapter import CheckFn, DataAdapter, WeightFn
from kerasish.training.data.prefetcher import Prefetcher

__all__ = ["IterableAdapter", "explain_single_samples"]

# Slow batches are not collected for longer than this.
_SECONDS = 0.1
# A source with a length of this or more repeats itself (Grain's says `sys.maxsize`).
_INFINITE = 2**40


class IterableAdapter(DataAdapter):
    """Batches from a generator, a loader, or an object with `__len__` and `__getitem__`.

    Each item is `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`. A thread takes them from the
    source and stacks them while the device computes.

    Args:
        source: what to take batches from.
        shuffle: whether an indexable source is read in another order each pass.
        seed: what the orders depend on, besides the number of the pass.
        weight_fn: multiplies the sample weights of each batch.
        batch_size: the number of samples that the user expects in a batch, if it was given.
    """

    def __init__(
        self,
        source: Any,
        shuffle: bool = False,
        seed: int = 0,
        weight_fn: WeightFn | None = None,
        batch_size: int | None = None,
    ) -> None:
        super().__init__(seed)
        self.source = source
        self._weight_fn = weight_fn
        self._batch_size = batch_size
        self.shuffle = shuffle
        count = _length_of(source)
        self.is_indexable = hasattr(source, "__getitem__") and count is not None
        self.is_infinite = count is not None and count >= _INFINITE
        self.num_batches = None if self.is_infinite else count
        self.is_single_use = not self.is_indexable and iter(source) is source
        self._peeked: list[PyTree] = []
        self._like: Batch | None = None

    def stacks(
        self,
        number: int,
        *,
        start: int = 0,
        limit: int | None = None,
        check: CheckFn | None = None,
        extra_bytes_per_batch: int = 0,
    ) -> Generator[Block]:
        self._call_hook("on_epoch_begin")

        def stacks() -> Iterator[Block]:
            batches = map(self._as_batch, itertools.islice(self._items(number, start), limit))
            return self._stacked(batches, check, extra_bytes_per_batch)

        prefetcher = Prefetcher(stacks)
        try:
            yield from prefetcher
        finally:
            prefetcher.close()
        self._call_hook("on_epoch_end")

    def skip_passes(self, count: int) -> None:
        for _ in range(count):
            self._call_hook("on_epoch_begin")
            self._call_hook("on_epoch_end")

    def _call_hook(self, name: str) -> None:
        """Call a hook of the source, if it has it."""
        getattr(self.source, name, lambda: None)()

    def _stacked(
        self, batches: Iterator[Batch], check: CheckFn | None, extra_bytes_per_batch: int
    ) -> Iterator[Block]:
        stack: _StackBuilder | None = None
        try:
            for batch in batches:
                if check is not None:
                    check(batch)
                if stack is None:
                    # The same in every pass, also in one that resumes at its last, smaller batch.
                    like = self._like or batch
                    stack = _StackBuilder(like, self.num_batches, extra_bytes_per_batch)
                if not stack.accepts(batch):
                    yield from stack.flush()
                    yield Block(batch, size=num_samples(batch))
                else:
                    stack.add(batch)
                    if stack.is_due():
                        yield from stack.flush()
        except Exception:
            # The batches before the error are trained on before it is raised.
            if stack is not None:
                yield from stack.flush()
            raise
        if stack is not None:
            yield from stack.flush()

    def _items(self, number: int, start: int) -> Iterator[PyTree]:
        if not self.is_indexable:
            peeked, self._peeked = self._peeked, []
            return itertools.islice(itertools.chain(peeked, self.source), start, None)
        # Some datasets have an order of their own; infinite ones are not shuffled.
        if self.is_infinite or not self.shuffle or getattr(self.source, "keeps_order", False):
            return (self.source[i] for i in range(start, len(self.source)))
        order = np.arange(len(self.source))
        np.random.default_rng((self.seed, number)).shuffle(order)
        return (self.source[int(i)] for i in order[start:])

    def _as_batch(self, item: PyTree) -> Batch:
        batch = unpack_x_y_sample_weight(item)
        return batch if self._weight_fn is None else self._weight_fn(batch, batch)

    def is_exhausted(self) -> bool:
        """Return whether this is a generator without further batches; one that is read is kept."""
        if self.is_single_use and not self._peeked:
            self._peeked = _take_one(self.source)
        return self.is_single_use and not self._peeked

    def first_batch(self) -> Batch:
        if self.is_single_use:
            # An item that is taken from a generator is kept for the pass that follows.
            if not self._peeked:
                self._peeked = _take_one(self.source)
            found = [self._first_batch(item) for item in self._peeked]
        elif self.is_indexable:
            has_items = self.is_infinite or self.num_batches
            found = [self._first_batch(self.source[0])] if has_items else []
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

    def _first_batch(self, item: PyTree) -> Batch:
        parts = item if isinstance(item, (list, tuple)) and len(item) <= 3 else (item,)
        if any(map(_has_scalar, parts)):
            raise DataError(explain_single_samples(self.source))
        return self._as_batch(item)


class _StackBuilder:
    """Collects batches of one shape until they are worth a dispatch.

    Args:
        like: a batch; others of its shapes can be collected with it.
        steps: the number of batches at most; None if unknown.
        extra_bytes_per_batch: see `DataAdapter.stacks`.
    """

    def __init__(self, like: Batch, steps: int | None, extra_bytes_per_batch: int) -> None:
        self._signature = Block(like).signature
        self._capacity = stack_capacity(nbytes(like) + extra_bytes_per_batch, steps)
        self._size = num_samples(like)
        self._data: Batch | None = None
        self._count = 0
        self._since = self._last = self._wait = 0.0

    def accepts(self, batch: Batch) -> bool:
        """Return whether a batch can be collected with the others."""
        on_host = not any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(batch))
        return self._capacity > 1 and on_host and Block(batch).signature == self._signature

    def add(self, batch: Batch) -> None:
        """Copy a batch into the stack."""
        now = time.perf_counter()
        if self._data is None:
            room = lambda a: empty_aligned((self._capacity, *a.shape), a.dtype)
            self._data = jax.tree.map(room, batch)
            self._since = now
        self._wait, self._last = now - (self._last or now), now
        for stack, array in zip(jax.tree.leaves(self._data), jax.tree.leaves(batch), strict=True):
            stack[self._count] = array
        self._count += 1

    def is_due(self) -> bool:
        """Return whether the stack is full, or would wait too long for the next batch."""
        age = time.perf_counter() - self._since
        return self._count == self._capacity or age + self._wait > _SECONDS

    def flush(self) -> Iterator[Block]:
        """Yield what was collected, if any, on its way to the device."""
        if self._data is not None:
            data = device_cache.to_device(self._data)
            yield Block(data, 0, self._count, self._size, is_stack=True)
            self._data, self._count = None, 0


def explain_single_samples(source: object) -> str:
    """Return the message for a source whose items are samples and not batches."""
    kind = type(source).__name__
    if hasattr(source, "batch"):
        fix = "Write `.batch(32)` behind it"
    elif type(source).__module__.startswith("torch") or hasattr(type(source), "__getitems__"):
        fix = "Put it into a `torch.utils.data.DataLoader(..., batch_size=32)`"
    else:
        fix = "Turn them into one array, `np.stack([...])`, or into batches in a `utils.PyDataset`"
    return f"The items of x, a {kind}, are single samples, and a source gives batches. {fix}."


def _has_scalar(part: PyTree) -> bool:
    """Return whether inputs or targets are those of one sample: a number, or one by name."""
    if isinstance(part, Mapping) and not hasattr(part, "tocsr"):
        return any(map(_has_scalar, part.values()))
    return isinstance(part, (Number, np.generic)) or getattr(part, "shape", None) == ()


def _length_of(source: Any) -> int | None:
    """Return how many batches a source has; None if unknown."""
    try:
        return len(source)
    except Exception:  # streaming loaders have a length that raises all kinds of errors
        return None


def _take_one(source: Iterable[PyTree]) -> list[PyTree]:
    for item in source:
        return [item]
    return []
