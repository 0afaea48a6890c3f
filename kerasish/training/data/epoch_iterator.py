"""What `fit` was given as data, as a feed, and the epochs that it makes of it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Generator, Iterator, Mapping
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, DataError
from kerasish.training.data.array_adapter import ArrayAdapter, DataAdapter, StepBudget, WeightFn
from kerasish.training.data.batch import clean, is_integer
from kerasish.training.data.block import Block
from kerasish.training.data.conversion import as_column, is_arrays, is_column
from kerasish.training.data.iterable_adapter import IterableAdapter

__all__ = ["EpochIterator", "make_adapter"]


def make_adapter(
    x: Any,
    y: Any,
    sample_weight: Any,
    *,
    batch_size: int | None,
    shuffle: bool,
    seed: int,
    again: bool = False,
    weigh: WeightFn | None = None,
    usual_size: int | None = None,
) -> DataAdapter:
    """Return the feed for what `fit`, `evaluate` or `predict` was given.

    Args:
        x: inputs: arrays, or an iterable of batches.
        y: targets.
        sample_weight: sample weights.
        batch_size: samples in a batch; `usual_size` if None. An iterable has its own batches.
        shuffle: whether each pass takes another order.
        seed: what the orders depend on.
        again: whether there will be several passes.
        weigh: gives data further weights.
        usual_size: samples in a batch unless given; 32 if None.

    Raises:
        ArgumentError: if arguments exclude each other.
        DataError: if the data cannot be used.
    """
    if batch_size is not None and (not is_integer(batch_size) or batch_size < 1):
        raise ArgumentError(f"batch_size must be a positive whole number; got {batch_size!r}.")
    if isinstance(x, DataAdapter):
        return x
    labelled = y is not None or sample_weight is not None
    if is_arrays(x) or (labelled and is_column(x)) or _is_column_of_inputs(x):
        x = x if is_arrays(x) else as_column(x, "x")
        batch = clean(x, y, sample_weight, lazy=True)
        return ArrayAdapter(batch, batch_size or usual_size or 32, shuffle, seed, again, weigh)
    _check_source(x, labelled)
    return IterableAdapter(x, shuffle, seed, weigh, batch_size)


def _is_column_of_inputs(x: Any) -> bool:
    """Return whether `x`, given alone, is rows written as lists of numbers, and no batches."""
    return is_column(x) and not hasattr(x[0], "shape")


def _check_source(x: Any, labelled: bool) -> None:
    """Raise unless batches can be taken from something."""
    kind = type(x).__name__
    if isinstance(x, (list, tuple)):
        items = ", ".join(sorted({type(item).__name__ for item in x})[:4])
        raise DataError(
            f"x is a {kind} of {items}; turn it into an array of numbers: "
            "`np.stack([np.asarray(item) for item in x])`, or give a dict of arrays."
        )
    if isinstance(x, Mapping):
        items = ", ".join(f"{k!r}: {type(v).__name__}" for k, v in x.items() if not is_arrays(v))
        raise DataError(
            f"x is a dict whose items are not all arrays: {items}; turn them into some."
        )
    if hasattr(x, "collect"):
        raise DataError(f"x is a {kind}, which is not computed yet; give `x.collect()`.")
    source = hasattr(x, "__iter__") or hasattr(x, "__getitem__")
    if not source or isinstance(x, (str, bytes)):
        raise DataError(f"x must be arrays, or something to iterate; got {kind}.")
    if isinstance(x, Collection) and not hasattr(x, "__getitem__"):
        raise DataError(
            f"x is a {kind}, which has no batches; turn it into an array: `np.asarray(list(x))`."
        )
    if labelled:
        raise ArgumentError(
            f"x is a {kind}, whose items hold targets and weights themselves: `(x, y)` or "
            "`(x, y, sample_weight)`. Leave `y` and `sample_weight` out; or, if its items are "
            "samples, turn it into an array: `np.asarray(list(x))`."
        )


class EpochIterator:
    """The batches of several epochs, where an epoch need not be a pass.

    Args:
        feed: where they come from.
        steps: how many batches make an epoch; None for a whole pass. With a
            number, an epoch goes on where the last one stopped.
        epochs: how many epochs there will be at most.
    """

    def __init__(self, feed: DataAdapter, steps: int | None, epochs: int = 1) -> None:
        self.feed = feed
        self.steps = steps
        # So much of a generator is read, and no more.
        self._wanted = None if steps is None else steps * epochs
        self._passes = 0
        self._finished = 0
        self._taken = 0  # of the pass that is under way
        self._made = 0  # of the epoch that comes next, before it was interrupted
        self._left = 0
        self._room: StepBudget = lambda: 1
        self._current: Generator[Block] | None = None

    def close(self) -> None:
        """Let go of the data: nothing more will be taken."""
        if self._current is not None:
            self._current.close()
            self._current = None

    def get_state(self) -> dict[str, int]:
        """Return where in the data this is: in which pass, and how many batches of it are over."""
        return {"passes": self._passes, "finished": self._finished, "taken": self._taken}

    def set_state(self, state: dict[str, int], made: int, epochs: int) -> None:
        """Go on from somewhere else.

        Args:
            state: what `get_state` returned there.
            made: how many batches of the epoch that comes next were made already.
            epochs: how many epochs there will be from there at most, with that one.
        """
        self._passes, self._taken, self._made = state["passes"], state["taken"], made
        self._finished = state["finished"]
        self.feed.skip(self._finished)
        if self.steps is not None:
            self._wanted = self.steps * epochs - made

    def samples_of(self, back: int) -> np.ndarray | None:
        """Return which samples of the user's arrays are in a batch; None if there are no arrays.

        Args:
            back: how many batches were taken after it.
        """
        number, passed = self._taken - 1 - back, self._passes
        while number < 0 and self.feed.steps:
            number, passed = number + self.feed.steps, passed - 1
        return self.feed.samples_of(passed, number)

    def epoch(self, epoch: int, room: StepBudget) -> Iterator[Block]:
        """Return the blocks of an epoch; `room` is as in `DataAdapter.blocks`."""
        made, self._made = self._made, 0
        if self.steps is None:
            self._passes, self._taken = epoch, made
            current = self._current = self.feed.blocks(epoch, room, start=made)
            for taken in current:
                self._taken += taken.steps
                yield taken
            self._finished += 1
            return
        assert self._wanted is not None
        self._room, self._left = room, self.steps - made
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
            self._wanted -= block.steps
            self._taken += block.steps
            yield block

    def _next(self) -> Block | None:
        for _ in range(2):
            if self._current is None:
                self._current = self.feed.blocks(
                    self._passes, self._room_left, self._wanted, self._taken
                )
            block = next(self._current, None)
            if block is not None:
                return block
            self._current = None
            self._passes, self._taken = self._passes + 1, 0
            self._finished += 1
        return None

    def _room_left(self) -> int:
        return min(self._left, self._room())
