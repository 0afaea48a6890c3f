"""StepHistory: what a run would need to make its last steps again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.training.data.batch import Batch
from kerasish.training.data.block import Block
from kerasish.training.execution.compiled_steps import CompiledSteps
from kerasish.training.execution.state import TrainState

__all__ = ["ReplayedStep", "StepHistory"]

# One that went wrong, the one that was under way when that was seen, and the one before both:
# what a step does to the weights is seen in the loss of the next.
_DISPATCHES = 3


class ReplayedStep(NamedTuple):
    """A step that is made again.

    Attributes:
        before: the state that it begins with.
        after: the state that it ends with.
        batch: its data.
    """

    before: TrainState
    after: TrainState
    batch: Batch


class StepHistory:
    """The last dispatches of training: the state that each began with, and its data.

    All are references to what is there anyway, unless steps give their state away.

    Args:
        run: the run of `fit`, which knows its epoch and batch.
    """

    def __init__(self, run: Any) -> None:
        self._run = run
        self._dispatches: deque[tuple[TrainState, Block]] = deque(maxlen=_DISPATCHES)
        # Of each epoch: its number, how many steps and how many of its batches were made before.
        self._epochs: deque[tuple[int, Any, int]] = deque(maxlen=_DISPATCHES + 1)

    def note(self, state: TrainState, block: Block) -> None:
        """Remember a dispatch before it is made.

        Args:
            state: the state before it, in arrays that stay as they are.
            block: the batches.
        """
        # The dicts are new ones: a callback that assigns to a weight writes into the old ones.
        self._dispatches.append((jax.tree.map(lambda array: array, state), block))
        if not self._epochs or self._epochs[-1][0] != self._run.epoch:
            self._epochs.append((self._run.epoch, state.step, self._run.batch))

    def place(self, step: int) -> tuple[int, int]:
        """Return the epoch and batch of a step that is remembered."""
        epoch, first, made = next(each for each in reversed(self._epochs) if int(each[1]) <= step)
        return epoch, step - int(first) + made

    def replay(self, programs: CompiledSteps) -> Iterator[ReplayedStep]:
        """Make the steps again, one by one, with the programs that made them: bit by bit the same.

        Args:
            programs: the compiled steps.
        """
        for noted, block in self._dispatches:
            state = jax.tree.map(jnp.asarray, noted)
            for number in range(block.start, block.stop):
                part = block
                if block.size is not None:
                    part = block._replace(start=number, stop=number + 1)
                given = jax.tree.map(jnp.copy, state) if programs.donates else state
                after = programs.run("train", part, given, np.bool_(False))[0]
                yield ReplayedStep(state, after, block.batch(number) if block.size else block.data)
                state = after
