"""Patches of images as channels, and back: extract_patches, depth_to_space."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish.core.argument_validation import standardize_padding, standardize_tuple
from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last

__all__ = ["depth_to_space", "extract_patches", "extract_patches_3d", "space_to_depth"]


@operation("image")
def extract_patches(
    images: Array,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Extract patches of images or volumes, flattened to channels.

    Shapes: `(batch, height, width, channels) -> (batch, rows, columns, patch * channels)`, or
    with the channels first; with a depth axis if `size` has three numbers.

    Args:
        images: one image or volume, or a batch.
        size: height and width of a patch; depth, height and width for volumes.
        strides: the distance between patches; the patch size by default.
        dilation_rate: the spacing between pixels of a patch.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """

    def extract(x: Array) -> Array:
        return _patches(x, size, strides, dilation_rate, padding)

    rank = len(size) if isinstance(size, (tuple, list)) else 2
    return channels_last(images, data_format, extract, rank=rank)


@operation("image", "ExtractPatches", "volumes")
def extract_patches_3d(
    volumes: Array,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Extract patches of volumes; see `extract_patches`.

    Args:
        volumes: one volume or a batch of volumes.
        size: depth, height and width of a patch.
        strides: the distance between patches; the patch size by default.
        dilation_rate: the spacing between elements of a patch.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    extent = standardize_tuple(size, 3, "size")
    return extract_patches(volumes, extent, strides, dilation_rate, padding, data_format)


def _patches(
    x: Array,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None,
    dilation: int | Sequence[int],
    padding: str,
) -> Array:
    """Extract patches of arrays with the channels last."""
    rank = x.ndim - 2
    window = standardize_tuple(size, rank, "size")
    step = window if strides is None else standardize_tuple(strides, rank, "strides")
    distance = standardize_tuple(dilation, rank, "dilation_rate")
    if any(d > 1 and s > 1 for d, s in zip(distance, step, strict=True)):
        raise ArgumentError("dilation_rate > 1 requires strides of 1.")
    space = "DHW"[-rank:]
    found = jax.lax.conv_general_dilated_patches(
        x.astype(jnp.promote_types(x.dtype, "bfloat16")),
        window,
        step,
        standardize_padding(padding).upper(),
        rhs_dilation=distance,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )
    # JAX orders the channels before the positions in a window.
    parts = found.reshape(*found.shape[:-1], x.shape[-1], -1)
    return jnp.swapaxes(parts, -1, -2).reshape(found.shape).astype(x.dtype)


@operation("nn")
def depth_to_space(x: Array, block_size: int, data_format: str = "channels_last") -> Array:
    """Rearrange channels to blocks of pixels.

    Shapes: `(batch, height, width, channels) -> (batch, height * block, width * block,
    channels / block**2)`, or with the channels first.

    Args:
        x: images.
        block_size: height and width of a block.
        data_format: `"channels_last"` or `"channels_first"`.
    """
    b = block_size

    def unpack(x: Array) -> Array:
        n, high, wide, channels = x.shape
        x = x.reshape(n, high, wide, b, b, channels // b**2)
        return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, high * b, wide * b, channels // b**2)

    return channels_last(x, data_format, unpack)


@operation("nn")
def space_to_depth(x: Array, block_size: int, data_format: str = "channels_last") -> Array:
    """Rearrange blocks of pixels to channels; the inverse of `depth_to_space`.

    Args:
        x: images.
        block_size: height and width of a block.
        data_format: `"channels_last"` or `"channels_first"`.
    """
    b = block_size

    def pack(x: Array) -> Array:
        n, high, wide, channels = x.shape
        x = x.reshape(n, high // b, b, wide // b, b, channels)
        return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, high // b, wide // b, channels * b**2)

    return channels_last(x, data_format, pack)
