"""Images in other colours."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]


@operation("image", "RGBToGrayscale")
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """Return the brightness of colours: `(..., 3) -> (..., 1)`.

    Args:
        images: one image or a batch of them.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
    """
    shares = jnp.array([0.2989, 0.5870, 0.1140])

    def gray(x: Any) -> Any:
        wide = x.astype(jnp.promote_types(x.dtype, "float32"))
        return jnp.sum(wide * shares, -1, keepdims=True).astype(x.dtype)

    return channels_last(images, data_format, gray)


@operation("image", "RGBToHSV")
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Return hue, saturation and value of colours, each from 0 to 1: `(..., 3) -> (..., 3)`.

    Args:
        images: one image or a batch of them, floats from 0 to 1.
        data_format: as in `rgb_to_grayscale`.
    """
    _floating(images, "rgb_to_hsv")

    def turn(x: Any) -> Any:
        red, green, blue = x[..., 0], x[..., 1], x[..., 2]
        value, least = jnp.max(x, -1), jnp.min(x, -1)
        spread = value - least
        some = jnp.where(spread > 0, spread, 1)
        hue = jnp.select(
            [value == red, value == green],
            [(green - blue) / some, 2 + (blue - red) / some],
            4 + (red - green) / some,
        )
        hue = jnp.where(spread > 0, hue / 6 % 1, 0)
        saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1), 0)
        return jnp.stack([hue, saturation, value], -1).astype(x.dtype)

    return channels_last(images, data_format, turn)


@operation("image", "HSVToRGB")
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Return the colours of hue, saturation and value: the inverse of `rgb_to_hsv`.

    Args:
        images: one image or a batch of them, floats from 0 to 1.
        data_format: as in `rgb_to_grayscale`.
    """
    _floating(images, "hsv_to_rgb")

    def turn(x: Any) -> Any:
        hue, saturation, value = x[..., :1], x[..., 1:2], x[..., 2:]
        place = jnp.asarray([5.0, 3.0, 1.0], x.dtype) + hue * 6
        place = place % 6
        ramp = jnp.clip(jnp.minimum(place, 4 - place), 0, 1)
        return (value - value * saturation * ramp).astype(x.dtype)

    return channels_last(images, data_format, turn)


def _floating(images: Any, what: str) -> None:
    if not jnp.issubdtype(images.dtype, jnp.floating):
        raise ArgumentError(f"{what} takes floats from 0 to 1; the images are {images.dtype}.")
