"""Targets and predictions of one rank and shape."""

from __future__ import annotations

from typing import Any

from kerasish.core.errors import ShapeError

__all__ = ["align", "same_shape"]


def align(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Give targets and predictions the same rank, if a last axis of size 1 is the difference.

    Without this, `(n,)` against `(n, 1)` would broadcast to `(n, n)`.
    """
    if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        return y_true[..., None], y_pred
    if y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        # A bare vector gets an axis: what is averaged is the last one, never the batch.
        return (y_true, y_pred[:, None]) if y_pred.ndim == 1 else (y_true[..., 0], y_pred)
    return y_true, y_pred


def same_shape(y_true: Any, y_pred: Any, what: str) -> None:
    """Check that targets and predictions have one shape.

    Raises:
        ShapeError: if they do not.
    """
    if y_true.ndim != y_pred.ndim or not all(
        a == b or 1 in (a, b) for a, b in zip(y_true.shape, y_pred.shape, strict=True)
    ):
        raise ShapeError(
            f"{what} compares targets and predictions of one shape; "
            f"y_true has {y_true.shape} and y_pred {y_pred.shape}."
        )
