"""Images in other sizes: scaled, cropped, padded."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last
from kerasish.ops._types import saturate_cast

__all__ = ["crop_images", "pad_images", "resize", "scale_and_translate"]

_METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


@operation("image")
def resize(
    images: Any,
    size: Any,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Return images in another size.

    Args:
        images: one image or a batch of them.
        size: height and width.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether to smooth what becomes smaller.
        crop_to_aspect_ratio: whether to cut off what would be squeezed.
        pad_to_aspect_ratio: whether to put a border around instead.
        fill_mode: of the border; only `"constant"`.
        fill_value: its value.
        data_format: as in `rgb_to_grayscale`.

    Raises:
        ArgumentError: if a setting cannot be.
    """
    if interpolation not in _METHODS:
        raise ArgumentError(f"interpolation is one of {_METHODS}; got {interpolation!r}.")
    if fill_mode != "constant":
        raise ArgumentError(f"fill_mode is 'constant'; got {fill_mode!r}.")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError("Either crop or pad to the aspect ratio; not both.")
    target_height, target_width = size

    def change(x: Any) -> Any:
        batch, height, width, channels = x.shape
        # What has the aspect ratio of the target at most, and at least.
        high, wide = height * target_width // target_height, width * target_height // target_width
        if crop_to_aspect_ratio:
            keep_high, keep_wide = min(wide, height) or height, min(high, width) or width
            top, left = (height - keep_high) // 2, (width - keep_wide) // 2
            x = x[:, top : top + keep_high, left : left + keep_wide]
        elif pad_to_aspect_ratio:
            more_high, more_wide = max(wide, height) - height, max(high, width) - width
            top, left = more_high // 2, more_wide // 2
            around = ((0, 0), (top, more_high - top), (left, more_wide - left), (0, 0))
            x = jnp.pad(x, around, constant_values=fill_value)
        shape = (batch, target_height, target_width, channels)
        if interpolation == "nearest" or jnp.issubdtype(x.dtype, jnp.floating):
            return jax.image.resize(x, shape, interpolation, antialias=antialias)
        y = jax.image.resize(x.astype("float32"), shape, interpolation, antialias=antialias)
        return saturate_cast(jnp.round(y), x.dtype)

    return channels_last(images, data_format, change)


@operation("image", arguments="images output_shape scale translation", raw=True)
def scale_and_translate(
    images: Any,
    output_shape: Any,
    scale: Any,
    translation: Any,
    spatial_dims: Any,
    method: str,
    antialias: bool = True,
) -> Any:
    """Return images that are scaled and moved; see `jax.image.scale_and_translate`.

    Args:
        images: images.
        output_shape: the shape that comes out.
        scale: by how much each of `spatial_dims` is scaled.
        translation: by how much it is moved.
        spatial_dims: which axes that are.
        method: `"linear"`, `"cubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether to smooth what becomes smaller.
    """
    scale, translation = (jnp.asarray(each, "float32") for each in (scale, translation))
    return jax.image.scale_and_translate(
        jnp.asarray(images),
        tuple(output_shape),
        tuple(spatial_dims),
        scale,
        translation,
        {"bilinear": "linear", "bicubic": "cubic"}.get(method, method),
        antialias=antialias,
    )


@operation("image")
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Return images less their borders; in each direction two of three numbers say which.

    Args:
        images: one image or a batch of them.
        top_cropping: rows to take off above.
        left_cropping: columns to take off on the left.
        bottom_cropping: rows to take off below.
        right_cropping: columns to take off on the right.
        target_height: rows to keep.
        target_width: columns to keep.
        data_format: as in `rgb_to_grayscale`.
    """

    def crop(x: Any) -> Any:
        top, bottom = _borders(
            "crop_images",
            x.shape[1],
            -1,
            top_cropping=top_cropping,
            bottom_cropping=bottom_cropping,
            target_height=target_height,
        )
        left, right = _borders(
            "crop_images",
            x.shape[2],
            -1,
            left_cropping=left_cropping,
            right_cropping=right_cropping,
            target_width=target_width,
        )
        return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]

    return channels_last(images, data_format, crop)


@operation("image")
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Return images with borders of zeros; in each direction two of three numbers say which.

    Args:
        images: one image or a batch of them.
        top_padding: rows to put above.
        left_padding: columns to put on the left.
        bottom_padding: rows to put below.
        right_padding: columns to put on the right.
        target_height: rows there are in the end.
        target_width: columns there are in the end.
        data_format: as in `rgb_to_grayscale`.
    """

    def pad(x: Any) -> Any:
        rows = _borders(
            "pad_images",
            x.shape[1],
            1,
            top_padding=top_padding,
            bottom_padding=bottom_padding,
            target_height=target_height,
        )
        columns = _borders(
            "pad_images",
            x.shape[2],
            1,
            left_padding=left_padding,
            right_padding=right_padding,
            target_width=target_width,
        )
        return jnp.pad(x, ((0, 0), rows, columns, (0, 0)))

    return channels_last(images, data_format, pad)


def _borders(what: str, size: Any, sign: int, **numbers: Any) -> tuple[int, int]:
    """Return what is taken off, or put, before and behind an axis, from two of three numbers.

    Args:
        what: the function that asks.
        size: of the axis.
        sign: -1 to take off, 1 to put.
        **numbers: how much before, how much behind, and the size afterwards.

    Raises:
        ArgumentError: if there are not two of them, or they cannot be.
    """
    before, behind, target = numbers.values()
    told = ", ".join(f"{key}={value}" for key, value in numbers.items())
    if sum(each is None for each in numbers.values()) != 1:
        raise ArgumentError(f"{what} takes exactly two of {', '.join(numbers)}; got {told}.")
    if before is None:
        before = sign * (target - size) - behind
    elif behind is None:
        behind = sign * (target - size) - before
    if before < 0 or behind < 0 or (sign < 0 and before + behind > size):
        raise ArgumentError(f"{what} cannot have {told} of {size} pixels.")
    return before, behind
