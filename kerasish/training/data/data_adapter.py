"""DataAdapter: the base of what turns data into stacks of batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from typing import TypeAlias

import numpy as np

from kerasish.training.data.batch import Batch
from kerasish.training.data.block import Block

__all__ = ["CheckFn", "DataAdapter", "WeightFn"]

WeightFn: TypeAlias = Callable[[Batch, Batch], Batch]
"""Multiplies the sample weights of data; the second argument is one batch of them."""

CheckFn: TypeAlias = Callable[[Batch], None]
"""Raises `DataError` if a batch has values that the model cannot use."""


class DataAdapter(ABC):
    """A source of stacks of batches.

    Args:
        seed: what the order of a pass depends on, besides its number.

    Attributes:
        num_batches: batches in one pass; None if unknown beforehand.
        num_samples: samples in one pass; None if unknown beforehand.
        is_infinite: whether a pass is known to have no end.
        arrays: the data, if they are arrays.
    """

    num_batches: int | None = None
    num_samples: int | None = None
    is_infinite = False
    arrays: Batch | None = None

    def __init__(self, seed: int) -> None:
        self.seed = seed

    @abstractmethod
    def stacks(
        self,
        number: int,
        *,
        start: int = 0,
        limit: int | None = None,
        check: CheckFn | None = None,
        extra_bytes_per_batch: int = 0,
    ) -> Generator[Block]:
        """Yield the stacks of one pass over the data.

        Args:
            number: the number of the pass, which its order depends on.
            start: how many batches to skip; a resumed run has used them already.
            limit: the number of batches to read at most.
            check: called with each batch whose values were not known before.
            extra_bytes_per_batch: bytes that the device keeps for each batch besides the batch.
        """

    @abstractmethod
    def first_batch(self) -> Batch:
        """Return a batch to infer shapes from; it is still part of the next pass."""

    def last_partial_batch(self) -> Batch | None:
        """Return a last batch with fewer samples than the others, if it is known."""
        return None

    def stack_specs(self) -> list[Block]:
        """Return abstract blocks of each shape that is known to come."""
        return []

    def sample_indices(self, number: int, batch: int) -> np.ndarray | None:
        """Return which samples of the arrays are in a batch of a pass; None without arrays."""
        return None

    def skip_passes(self, count: int) -> None:  # noqa: B027
        """Account for passes that were made before a run was resumed."""
