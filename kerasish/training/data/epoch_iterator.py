"""EpochIterator: the blocks of several epochs, which need not be passes over the data."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Mapping

import numpy as np

from kerasish.training.data.block import Block
from kerasish.training.data.data_adapter import CheckFn, DataAdapter

__all__ = ["EpochIterator"]


class EpochIterator:
    """Cuts the stacks of an adapter into the blocks of epochs.

    Args:
        adapter: the source of stacks.
        steps_per_epoch: batches in an epoch; None for a whole pass over the data. With a number,
            an epoch continues where the last one stopped.
        epochs: the number of epochs at most.
        check: called with each batch whose values were not known before.
        extra_bytes_per_batch: bytes that the device keeps for each batch besides the batch.
    """

    def __init__(
        self,
        adapter: DataAdapter,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        *,
        check: CheckFn | None = None,
        extra_bytes_per_batch: int = 0,
    ) -> None:
        self.adapter = adapter
        self.steps_per_epoch = steps_per_epoch
        self._check = check
        self._extra_bytes_per_batch = extra_bytes_per_batch
        # No more than this is read of a generator.
        self._limit = None if steps_per_epoch is None else steps_per_epoch * epochs
        self._pass = 0  # the number of the pass that is under way
        self._finished = 0  # passes that came to their end
        self._taken = 0  # batches of the pass that are used
        self._done = 0  # batches of the next epoch that were used before the run was resumed
        self._left: int | None = None  # batches that the epoch still has, if that is known
        self._stacks: Generator[Block] | None = None
        self._stack: Block | None = None  # what is left of the last stack

    def begin_epoch(self, epoch: int) -> None:
        """Begin an epoch; without `steps_per_epoch` it is the pass of that number."""
        done, self._done = self._done, 0
        if self.steps_per_epoch is None:
            self._left = self._stack = None
            self._pass, self._taken = epoch, done
            self._open()
        else:
            self._left = self.steps_per_epoch - done

    def next_block(self, max_steps: int) -> Block | None:
        """Return the next batches of the epoch, at most `max_steps`; None at its end."""
        if self._left is not None:
            max_steps = min(max_steps, self._left)
            if not max_steps:
                return None
        stack = self._next_stack() if self._stack is None else self._stack
        if stack is None:
            if self._left is not None:
                warnings.warn(
                    f"The data ended before {self.steps_per_epoch} steps were made; the epoch ends "
                    "here. Let the generator go on for ever, or give fewer `steps_per_epoch`.",
                    stacklevel=2,
                )
            return None
        block, self._stack = stack.split(max_steps)
        self._taken += block.steps
        if self._left is not None and self._limit is not None:
            self._left -= block.steps
            self._limit -= block.steps
        return block

    def _next_stack(self) -> Block | None:
        """Return the next stack; with `steps_per_epoch` another pass follows the first."""
        if self.steps_per_epoch is None:
            return self._advance()
        for _ in range(2):
            if self._stacks is None:
                self._open()
            stack = self._advance()
            if stack is not None:
                return stack
            self._pass, self._taken = self._pass + 1, 0
        return None

    def _open(self) -> None:
        self._stacks = self.adapter.stacks(
            self._pass,
            start=self._taken,
            limit=self._limit,
            check=self._check,
            extra_bytes_per_batch=self._extra_bytes_per_batch,
        )

    def _advance(self) -> Block | None:
        """Return the next stack of the pass; None at its end."""
        stack = None if self._stacks is None else next(self._stacks, None)
        if stack is None and self._stacks is not None:
            self._stacks = None
            self._finished += 1
        return stack

    def close(self) -> None:
        """Release the data; nothing more is read."""
        stacks, self._stacks, self._stack = self._stacks, None, None
        if stacks is not None:
            stacks.close()

    def state_dict(self) -> dict[str, int]:
        """Return the position in the data: the pass, and how many of its batches are used."""
        return {"passes": self._pass, "finished": self._finished, "taken": self._taken}

    def load_state_dict(self, state: Mapping[str, int], seed: int, done: int, epochs: int) -> None:
        """Continue from another position.

        Args:
            state: what `state_dict` returned there.
            seed: the seed of the orders there.
            done: batches of the next epoch that are used already.
            epochs: epochs that follow at most, including that one.
        """
        self.adapter.seed = seed
        self._pass, self._taken, self._done = state["passes"], state["taken"], done
        self._finished = state["finished"]
        self.adapter.skip_passes(self._finished)
        if self.steps_per_epoch is not None:
            self._limit = self.steps_per_epoch * epochs - done

    def sample_indices(self, steps_back: int) -> np.ndarray | None:
        """Return which samples of the arrays are in a batch; None if the data are not arrays.

        Args:
            steps_back: the number of batches that were taken after it.
        """
        batch, number = self._taken - 1 - steps_back, self._pass
        while batch < 0 and self.adapter.num_batches:
            batch, number = batch + self.adapter.num_batches, number - 1
        return self.adapter.sample_indices(number, batch)
