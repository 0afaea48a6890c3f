"""A batch as data gives it: x, (x, y), or (x, y, sample_weight)."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import DataError

__all__ = ["pack_x_y_sample_weight", "unpack_x_y_sample_weight"]


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Put inputs, targets and weights together, as an iterator gives them to `fit`.

    Args:
        x: inputs.
        y: targets; None leaves them and the weights out.
        sample_weight: weights; None leaves them out.

    Returns:
        `x`, `(x, y)` or `(x, y, sample_weight)`. A list or tuple of inputs alone is
        put into a tuple, lest it be taken for inputs and targets.

    Examples:
        >>> pack_x_y_sample_weight(1), pack_x_y_sample_weight(1, 2), pack_x_y_sample_weight([1, 2])
        (1, (1, 2), ([1, 2],))
    """
    if y is None:
        return (x,) if isinstance(x, (list, tuple)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Take what an iterator gave apart.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Returns:
        `(x, y, sample_weight)`, with None for what is not there.

    Raises:
        DataError: if it is a tuple or list of another length.

    Examples:
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
    """
    parts = tuple(data) if isinstance(data, (list, tuple)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch is x, (x,), (x, y) or (x, y, sample_weight); got {len(parts)} parts."
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight
