"""Packing and unpacking of batches: x, (x, y) or (x, y, sample_weight)."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import DataError
from kerasish.core.types import PyTree

__all__ = ["pack_x_y_sample_weight", "unpack_x_y_sample_weight"]


def pack_x_y_sample_weight(
    x: PyTree, y: PyTree | None = None, sample_weight: PyTree | None = None
) -> PyTree:
    """Pack inputs, targets and weights into a batch as `fit` expects it from an iterator.

    Args:
        x: inputs.
        y: targets; None omits targets and weights.
        sample_weight: weights; None omits them.

    Returns:
        `x`, `(x, y)` or `(x, y, sample_weight)`. A list or tuple of inputs without targets is
        wrapped in a tuple, so that it is not read as inputs and targets.

    Examples:
        >>> pack_x_y_sample_weight(1), pack_x_y_sample_weight(1, 2), pack_x_y_sample_weight([1, 2])
        (1, (1, 2), ([1, 2],))
    """
    if y is None:
        return (x,) if isinstance(x, (list, tuple)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: PyTree) -> tuple[Any, Any, Any]:
    """Unpack a batch into inputs, targets and weights.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        `(x, y, sample_weight)`, with None for missing parts.

    Raises:
        DataError: if the batch is a tuple or list of another length.

    Examples:
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
    """
    parts = tuple(data) if isinstance(data, (list, tuple)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch must be x, (x,), (x, y) or (x, y, sample_weight); got {len(parts)} parts."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight
