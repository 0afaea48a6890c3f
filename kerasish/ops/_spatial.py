"""Helpers for data formats: spatial axes, and functions over channels-last images."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from kerasish.core.argument_validation import standardize_data_format
from kerasish.core.errors import ShapeError
from kerasish.core.types import Array

__all__ = ["channels_last", "spatial_axes"]


def spatial_axes(data_format: str | None, rank: int) -> list[int]:
    """Return the axes that are neither the batch nor the channels."""
    _, channels = standardize_data_format(data_format, rank)
    return [axis for axis in range(1, rank + 2) if axis != channels]


def channels_last(
    images: Array,
    data_format: str | None,
    compute: Callable[[Array], Array],
    axis: int = -1,
    rank: int = 2,
) -> Array:
    """Apply a function to images as a batch with the channels last, and restore their format.

    Args:
        images: one image or a batch of images.
        data_format: `"channels_last"` or `"channels_first"`.
        compute: the function of a batch.
        axis: the axis of the channels in its results.
        rank: the number of spatial axes.

    Raises:
        ShapeError: if the number of axes is wrong.
    """
    if images.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"Images have {rank} spatial axes and a channel axis, and a batch has one more; got an "
            f"array of shape {images.shape}."
        )
    unbatched = images.ndim == rank + 1
    first = standardize_data_format(data_format, rank)[1] == 1
    batch = images[None] if unbatched else images
    result = compute(jnp.moveaxis(batch, 1, -1) if first else batch)
    result = jnp.moveaxis(result, axis, 1) if first else result
    return result[0] if unbatched else result
