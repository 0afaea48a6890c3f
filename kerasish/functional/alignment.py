"""Targets and predictions of one rank and shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.settings import config
from kerasish.core.types import Array

__all__ = ["align", "counted_by", "floating", "paired", "same_shape"]

T = TypeVar("T")


def align(y_true: Array, y_pred: Array) -> tuple[Any, Any]:
    """Give targets and predictions the same rank, if a last axis of size 1 is the difference.

    Without this, `(n,)` against `(n, 1)` would broadcast to `(n, n)`.
    """
    if y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        return y_true[..., None], y_pred
    if y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        # A bare vector gets an axis: what is averaged is the last one, never the batch.
        return (y_true, y_pred[:, None]) if y_pred.ndim == 1 else (y_true[..., 0], y_pred)
    return y_true, y_pred


def same_shape(y_true: Array, y_pred: Array, what: str) -> None:
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


def paired(y_true: Array, y_pred: Array, what: str) -> tuple[Any, Any]:
    """Return targets and predictions as arrays of one rank, shape and floating dtype.

    Raises:
        ShapeError: if their shapes differ by more than a last axis of size 1.
    """
    y_true, y_pred = align(jnp.asarray(y_true), floating(y_pred))
    same_shape(y_true, y_pred, what)
    return y_true.astype(y_pred.dtype), y_pred


def floating(y_pred: Array) -> Array:
    """Return predictions, whole numbers among them as floats."""
    # The same array if it is one: its logits are noted under its identity.
    y_pred = y_pred if isinstance(y_pred, jax.Array) else jnp.asarray(y_pred)
    return y_pred if jnp.issubdtype(y_pred.dtype, jnp.floating) else y_pred.astype(config.floatx())


def counted_by(counts: Callable[..., Any]) -> Callable[[T], T]:
    """Return a decorator for a criterion that leaves out some targets, in the mean too.

    Args:
        counts: returns which targets count, from them and the criterion's further arguments;
            None for all of them.
    """

    def mark(criterion: T) -> T:
        criterion.counts = counts  # type: ignore[attr-defined]
        return criterion

    return mark
