"""Masks of attention: padding, causal, sliding window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.types import Array

__all__ = ["add_heads_axis", "combine_masks", "padding_mask", "position_mask"]


def combine_masks(*masks: Array | None) -> Array | None:
    """Return the conjunction of masks; None stands for a mask that is True everywhere."""
    found = None
    for mask in masks:
        if mask is not None:
            mask = mask.astype(bool)
            found = mask if found is None else jnp.logical_and(*_match_ranks(found, mask))
    return found


def _match_ranks(*masks: Array) -> list[Array]:
    """Give all masks the rank of the largest by adding leading axes."""
    rank = max(mask.ndim for mask in masks)
    return [mask.reshape((1,) * (rank - mask.ndim) + mask.shape) for mask in masks]


def padding_mask(
    query_mask: Array | None, source_mask: Array | None, axes: Sequence[int], ndim: int
) -> Array | None:
    """Return the mask of pairs of valid query and source positions.

    Args:
        query_mask: `(batch, ...)`, or None.
        source_mask: `(batch, ...)`, or None.
        axes: the axes to attend over.
        ndim: the rank of the whole masks, `1 +` the number of those and other axes.

    Returns:
        `(batch, <other axes>, <axes>, <axes>)` with ones where nothing is known, or None.
    """
    count = len(axes)

    def side(mask: Array | None, new: tuple[int, ...]) -> Array | None:
        if mask is None:
            return None
        mask = mask.reshape(mask.shape + (1,) * (ndim - mask.ndim))
        return jnp.expand_dims(jnp.moveaxis(mask, axes, range(-count, 0)), new)

    behind, before = tuple(range(-count, 0)), tuple(range(ndim - count, ndim))
    return combine_masks(side(query_mask, behind), side(source_mask, before))


def position_mask(steps: int, source: int, causal: bool, window: int | None) -> Array | None:
    """Return the causal and sliding-window mask, of shape `(steps, source)`, or None.

    Args:
        steps: number of query positions.
        source: number of source positions.
        causal: whether a position attends only to itself and earlier positions.
        window: number of positions to attend to in either direction, the own one included.
    """
    row, column = (jax.lax.broadcasted_iota(jnp.int32, (steps, source), axis) for axis in (0, 1))
    return combine_masks(
        column <= row if causal else None,
        None if window is None else abs(row - column) < window,
    )


def add_heads_axis(
    mask: Array | None, scores: Sequence[Any], count: int, name: str
) -> Array | None:
    """Broadcast a mask to the rank of the scores, with an axis for the heads.

    Args:
        mask: `(..., steps, source)`, with heads before the steps or without; or None.
        scores: the shape of the scores.
        count: number of axes attended over.
        name: name of the layer, for messages.

    Raises:
        ShapeError: if the mask does not broadcast to the scores.
    """
    if mask is None:
        return None
    whole = mask
    if 2 * count <= mask.ndim < len(scores):
        whole = jnp.expand_dims(mask, -2 * count - 1)
    whole = whole.reshape((1,) * (len(scores) - whole.ndim) + whole.shape)
    sizes = list(zip(whole.shape, scores, strict=False))
    known = all(isinstance(n, int) and isinstance(m, int) for n, m in sizes)
    if whole.ndim != len(scores) or (known and any(n not in (1, m) for n, m in sizes)):
        raise ShapeError(
            f"Layer {name!r} has attention scores of shape {tuple(scores)}, heads before steps; a "
            f"mask of shape {mask.shape} does not broadcast to it. Give one of (batch, steps, "
            "source)."
        )
    return whole
