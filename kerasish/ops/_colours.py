"""Color space conversions of images."""

from __future__ import annotations

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]


@operation("image", "RGBToGrayscale")
def rgb_to_grayscale(images: Array, data_format: str | None = None) -> Array:
    """Convert RGB images to grayscale: `(..., 3) -> (..., 1)`.

    Args:
        images: one image or a batch of images.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
    """
    luma = jnp.array([0.2989, 0.5870, 0.1140])

    def gray(x: Array) -> Array:
        wide = x.astype(jnp.promote_types(x.dtype, "float32"))
        return jnp.sum(wide * luma, -1, keepdims=True).astype(x.dtype)

    return channels_last(images, data_format, gray)


@operation("image", "RGBToHSV")
def rgb_to_hsv(images: Array, data_format: str | None = None) -> Array:
    """Convert RGB images to hue, saturation and value in [0, 1]: `(..., 3) -> (..., 3)`.

    Args:
        images: one image or a batch of images, floats in [0, 1].
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    _check_floating(images, "rgb_to_hsv")

    def convert(x: Array) -> Array:
        red, green, blue = x[..., 0], x[..., 1], x[..., 2]
        value, least = jnp.max(x, -1), jnp.min(x, -1)
        chroma = value - least
        divisor = jnp.where(chroma > 0, chroma, 1)
        hue = jnp.select(
            [value == red, value == green],
            [(green - blue) / divisor, 2 + (blue - red) / divisor],
            4 + (red - green) / divisor,
        )
        hue = jnp.where(chroma > 0, hue / 6 % 1, 0)
        saturation = jnp.where(value > 0, chroma / jnp.where(value > 0, value, 1), 0)
        return jnp.stack([hue, saturation, value], -1).astype(x.dtype)

    return channels_last(images, data_format, convert)


@operation("image", "HSVToRGB")
def hsv_to_rgb(images: Array, data_format: str | None = None) -> Array:
    """Convert HSV images to RGB: the inverse of `rgb_to_hsv`.

    Args:
        images: one image or a batch of images, floats in [0, 1].
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    _check_floating(images, "hsv_to_rgb")

    def convert(x: Array) -> Array:
        hue, saturation, value = x[..., :1], x[..., 1:2], x[..., 2:]
        sector = jnp.asarray([5.0, 3.0, 1.0], x.dtype) + hue * 6
        sector = sector % 6
        ramp = jnp.clip(jnp.minimum(sector, 4 - sector), 0, 1)
        return (value - value * saturation * ramp).astype(x.dtype)

    return channels_last(images, data_format, convert)


def _check_floating(images: Array, what: str) -> None:
    if not jnp.issubdtype(images.dtype, jnp.floating):
        raise ArgumentError(f"{what} expects floats in [0, 1]; the images are {images.dtype}.")
