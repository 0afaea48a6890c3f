"""Patches of images as channels, and channels as patches."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.argument_validation import padding_mode, sizes
from kerasish.core.errors import ArgumentError
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last

__all__ = ["depth_to_space", "extract_patches", "extract_patches_3d", "space_to_depth"]


@operation("image")
def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Return the patches of images or of volumes, each as channels.

    Shapes: `(batch, height, width, channels) -> (batch, rows, columns, patch * channels)`, or
    with the channels first; with a depth where `size` has three numbers.

    Args:
        images: one image or volume, or a batch of them.
        size: height and width of a patch; depth, height and width of one of a volume.
        strides: how far one patch is from the next; their size by default.
        dilation_rate: the distance of neighbouring pixels of a patch.
        padding: `"valid"` or `"same"`.
        data_format: as in `rgb_to_grayscale`.
    """

    def take(x: Any) -> Any:
        return _patches(x, size, strides, dilation_rate, padding)

    rank = len(size) if isinstance(size, (tuple, list)) else 2
    return channels_last(images, data_format, take, rank=rank)


@operation("image", "ExtractPatches", "volumes")
def extract_patches_3d(
    volumes: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Return the patches of volumes; see `extract_patches`.

    Args:
        volumes: one volume or a batch of them.
        size: depth, height and width of a patch.
        strides: how far one patch is from the next; their size by default.
        dilation_rate: the distance of neighbouring elements of a patch.
        padding: `"valid"` or `"same"`.
        data_format: as in `rgb_to_grayscale`.
    """
    extent = sizes(size, 3, "size")
    return extract_patches(volumes, extent, strides, dilation_rate, padding, data_format)


def _patches(x: Any, size: Any, strides: Any, dilation: Any, padding: str) -> Any:
    """Return the windows of arrays with the channels last, each as channels."""
    rank = x.ndim - 2
    window = sizes(size, rank, "size")
    step = window if strides is None else sizes(strides, rank, "strides")
    distance = sizes(dilation, rank, "dilation_rate")
    if any(d > 1 and s > 1 for d, s in zip(distance, step, strict=True)):
        raise ArgumentError("dilation_rate above 1 goes with strides of 1.")
    space = "DHW"[-rank:]
    found = jax.lax.conv_general_dilated_patches(
        x.astype(jnp.promote_types(x.dtype, "bfloat16")),
        window,
        step,
        padding_mode(padding).upper(),
        rhs_dilation=distance,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )
    # JAX has the channels before the places in a window.
    parts = found.reshape(*found.shape[:-1], x.shape[-1], -1)
    return jnp.swapaxes(parts, -1, -2).reshape(found.shape).astype(x.dtype)


@operation("nn")
def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Return images whose channels became blocks of pixels.

    Shapes: `(batch, height, width, channels) -> (batch, height * block, width * block,
    channels / block**2)`, or with the channels first.

    Args:
        x: images.
        block_size: height and width of a block.
        data_format: where the channels are.
    """
    b = block_size

    def spread(x: Any) -> Any:
        n, high, wide, channels = x.shape
        x = x.reshape(n, high, wide, b, b, channels // b**2)
        return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, high * b, wide * b, channels // b**2)

    return channels_last(x, data_format, spread)


@operation("nn")
def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Return images whose blocks of pixels became channels; the inverse of `depth_to_space`.

    Args:
        x: images.
        block_size: height and width of a block.
        data_format: where the channels are.
    """
    b = block_size

    def gather(x: Any) -> Any:
        n, high, wide, channels = x.shape
        x = x.reshape(n, high // b, b, wide // b, b, channels)
        return x.transpose(0, 1, 3, 2, 4, 5).reshape(n, high // b, wide // b, channels * b**2)

    return channels_last(x, data_format, gather)
