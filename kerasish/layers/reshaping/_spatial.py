"""Base of padding and cropping layers: margins of the spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from kerasish.core.errors import ArgumentError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.layers._shared import standardize_data_format, standardize_tuple

__all__ = ["SpatialMargins"]


class SpatialMargins(Layer):
    """Base of layers that pad or crop `rank` spatial axes."""

    rank: ClassVar[int]

    def _set_spatial(
        self,
        amounts: int | Sequence[int] | Sequence[Sequence[int]],
        name: str,
        data_format: str | None,
    ) -> Any:
        """Set the data format and the margins; return the margins in the form of the config."""
        self.data_format, channels = standardize_data_format(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        pairs = _standardize_pairs(amounts, self.rank, name)
        axes = (i for i in range(1, self.rank + 2) if i != channels)
        self._margins = dict(zip(axes, pairs, strict=True))  # the amounts by axis
        return pairs if self.rank > 1 else pairs[0]


def _standardize_pairs(
    amounts: int | Sequence[int] | Sequence[Sequence[int]], rank: int, name: str
) -> tuple[tuple[int, ...], ...]:
    """Return a pair of margins, before and after, for each axis."""
    try:
        if rank == 1:
            return (standardize_tuple(amounts, 2, name, minimum=0),)
        each = amounts if isinstance(amounts, (tuple, list)) else (amounts,) * rank
        pairs = tuple(standardize_tuple(amount, 2, name, minimum=0) for amount in each)
    except ArgumentError:
        pairs = ()
    if len(pairs) == rank:
        return pairs
    several = f", {rank} of them or {rank} pairs" if rank > 1 else " or a pair"
    raise ArgumentError(f"{name} must be a whole number from 0{several}; got {amounts!r}.")
