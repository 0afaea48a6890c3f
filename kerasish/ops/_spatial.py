"""Spatial axes and channels, wherever they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from kerasish.core.argument_validation import channels_axis
from kerasish.core.errors import ShapeError

__all__ = ["channels_last", "spatial_axes"]


def spatial_axes(data_format: str | None, rank: int) -> list[int]:
    """Return the axes that are neither the batch nor the channels."""
    _, channels = channels_axis(data_format, rank)
    return [axis for axis in range(1, rank + 2) if axis != channels]


def channels_last(
    images: Any,
    data_format: str | None,
    compute: Callable[[Any], Any],
    axis: int = -1,
    rank: int = 2,
) -> Any:
    """Return what a function gives for images as a batch with the channels last.

    Args:
        images: one image or a batch of them.
        data_format: where their channels are.
        compute: the function.
        axis: where the channels of its results are.
        rank: how many spatial axes there are.

    Raises:
        ShapeError: if they are no images.
    """
    if images.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"Images have {rank} spatial axes and one of channels, a batch of them one more; these "
            f"have shape {images.shape}."
        )
    alone = images.ndim == rank + 1
    first = channels_axis(data_format, rank)[1] == 1
    batch = images[None] if alone else images
    done = compute(jnp.moveaxis(batch, 1, -1) if first else batch)
    done = jnp.moveaxis(done, axis, 1) if first else done
    return done[0] if alone else done
