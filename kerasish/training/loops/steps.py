"""The steps of an epoch: what fit, evaluate, validation and predict do for each block."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kerasish.training.data.block import Block
from kerasish.training.data.epoch_iterator import EpochIterator
from kerasish.training.execution.logs import PendingLogs
from kerasish.training.loops.callback_runner import CallbackRunner, Kind

__all__ = ["run_steps"]


def run_steps(
    kind: Kind,
    iterator: EpochIterator,
    runner: CallbackRunner,
    step: Callable[[Block], PendingLogs],
    done: int = 0,
) -> Iterator[Block]:
    """Dispatch the blocks of an epoch that was begun, with the batch hooks around each.

    Args:
        kind: what the steps do.
        iterator: the blocks.
        runner: the callbacks.
        step: dispatches a block and returns its logs.
        done: batches of the epoch that were used before.

    Yields:
        Each block after its hooks were called; `runner.end_pass` is left to the caller.
    """
    runner.begin_pass(done)
    while (block := iterator.next_block(runner.steps_per_dispatch(kind))) is not None:
        runner.begin_block(kind, block)
        runner.end_block(kind, block, step(block))
        yield block
