"""Image sizes: resize, scale_and_translate, crop, pad."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, ArrayLike
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last
from kerasish.ops._types import saturate_cast

__all__ = ["crop_images", "pad_images", "resize", "scale_and_translate"]

_METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


@operation("image")
def resize(
    images: Array,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Array:
    """Resize images.

    Args:
        images: one image or a batch of images.
        size: height and width.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether to apply an antialiasing filter when an axis shrinks.
        crop_to_aspect_ratio: whether to crop to the target aspect ratio instead of distorting.
        pad_to_aspect_ratio: whether to pad to the target aspect ratio instead of distorting.
        fill_mode: of the padding; only `"constant"`.
        fill_value: the value of the padding.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.

    Raises:
        ArgumentError: if an argument is not supported.
    """
    if interpolation not in _METHODS:
        raise ArgumentError(f"interpolation must be one of {_METHODS}; got {interpolation!r}.")
    if fill_mode != "constant":
        raise ArgumentError(f"fill_mode must be 'constant'; got {fill_mode!r}.")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError("Pass either crop_to_aspect_ratio or pad_to_aspect_ratio, not both.")
    target_height, target_width = size

    def resize_batch(x: Array) -> Array:
        batch, height, width, channels = x.shape
        # The height and the width that have the aspect ratio of the target.
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
            result: Array = jax.image.resize(x, shape, interpolation, antialias=antialias)
            return result
        y = jax.image.resize(x.astype("float32"), shape, interpolation, antialias=antialias)
        return saturate_cast(jnp.round(y), x.dtype)

    return channels_last(images, data_format, resize_batch)


@operation("image", arguments="images output_shape scale translation", raw=True)
def scale_and_translate(
    images: ArrayLike,
    output_shape: Sequence[int],
    scale: ArrayLike,
    translation: ArrayLike,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Array:
    """Scale and translate images; see `jax.image.scale_and_translate`.

    Args:
        images: images.
        output_shape: the shape of the result.
        scale: the scale along each of `spatial_dims`.
        translation: the translation along each of `spatial_dims`.
        spatial_dims: the spatial axes.
        method: `"linear"`, `"cubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether to apply an antialiasing filter when an axis shrinks.
    """
    scale, translation = (jnp.asarray(each, "float32") for each in (scale, translation))
    result: Array = jax.image.scale_and_translate(
        jnp.asarray(images),
        tuple(output_shape),
        tuple(spatial_dims),
        scale,
        translation,
        {"bilinear": "linear", "bicubic": "cubic"}.get(method, method),
        antialias=antialias,
    )
    return result


@operation("image")
def crop_images(
    images: Array,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Array:
    """Crop images. Along each axis pass exactly two of the three numbers.

    Args:
        images: one image or a batch of images.
        top_cropping: rows to remove at the top.
        left_cropping: columns to remove on the left.
        bottom_cropping: rows to remove at the bottom.
        right_cropping: columns to remove on the right.
        target_height: the height of the result.
        target_width: the width of the result.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """

    def crop(x: Array) -> Array:
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
    images: Array,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Array:
    """Pad images with zeros. Along each axis pass exactly two of the three numbers.

    Args:
        images: one image or a batch of images.
        top_padding: rows to add at the top.
        left_padding: columns to add on the left.
        bottom_padding: rows to add at the bottom.
        right_padding: columns to add on the right.
        target_height: the height of the result.
        target_width: the width of the result.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """

    def pad(x: Array) -> Array:
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


def _borders(what: str, size: int, sign: int, **numbers: int | None) -> tuple[int, int]:
    """Return how much to remove or add before and after an axis, from two of three numbers.

    Args:
        what: the name of the calling function.
        size: the size of the axis.
        sign: -1 to remove, 1 to add.
        **numbers: the amount before, the amount after, and the target size.

    Raises:
        ArgumentError: if not exactly two are given, or if they do not fit the size.
    """
    before, after, target = numbers.values()
    given = ", ".join(f"{key}={value}" for key, value in numbers.items())
    if sum(each is None for each in numbers.values()) != 1:
        raise ArgumentError(f"{what} requires exactly two of {', '.join(numbers)}; got {given}.")
    if target is not None:
        total = sign * (target - size)
        before = total - (after or 0) if before is None else before
        after = total - before
    assert before is not None and after is not None
    if before < 0 or after < 0 or (sign < 0 and before + after > size):
        raise ArgumentError(f"{what} cannot apply {given} to an axis of {size} pixels.")
    return before, after
