"""Images: colours, sizes, edges, and how alike two are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core import config
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.ops._convolution import depthwise_conv
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_axis
from kerasish.ops._types import saturate_cast

__all__ = [
    "crop_images",
    "gaussian_blur",
    "hsv_to_rgb",
    "pad_images",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]

RESIZING = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


def channels_last(
    images: Any, data_format: str | None, compute: Callable[[Any], Any], axis: int = -1
) -> Any:
    """Return what a function gives for images as a batch with the channels last.

    Args:
        images: one image or a batch of them.
        data_format: where their channels are.
        compute: the function.
        axis: where the channels of its results are.

    Raises:
        ShapeError: if they are no images.
    """
    if images.ndim not in (3, 4):
        raise ShapeError(
            "Images are (height, width, channels), or a batch of those; these have shape "
            f"{images.shape}."
        )
    first = channels_axis(data_format, 4) == 1
    batch = images if images.ndim == 4 else images[None]
    done = compute(jnp.moveaxis(batch, 1, -1) if first else batch)
    done = jnp.moveaxis(done, axis, 1) if first else done
    return done if images.ndim == 4 else done[0]


def _floating(images: Any, what: str) -> None:
    if not jnp.issubdtype(images.dtype, jnp.floating):
        raise ArgumentError(f"{what} takes floats from 0 to 1; the images are {images.dtype}.")


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
    if interpolation not in RESIZING:
        raise ArgumentError(f"interpolation is one of {RESIZING}; got {interpolation!r}.")
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


def _borders(what: str, given: dict[str, Any], size: Any, sign: int) -> tuple[int, int]:
    """Return what is taken off, or put, before and behind an axis, from two of three numbers."""
    before, behind, target = given.values()
    if sum(each is None for each in given.values()) != 1:
        told = ", ".join(f"{key}={value}" for key, value in given.items())
        raise ArgumentError(f"{what} takes exactly two of {', '.join(given)}; got {told}.")
    if before is None:
        before = sign * (target - size) - behind
    elif behind is None:
        behind = sign * (target - size) - before
    if before < 0 or behind < 0 or (sign < 0 and before + behind > size):
        told = ", ".join(f"{key}={value}" for key, value in given.items())
        raise ArgumentError(f"{what} cannot have {told} of {size} pixels.")
    return before, behind


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
        (top, bottom), (left, right) = _both(
            "crop_images", "cropping", x, -1, top_cropping, bottom_cropping, target_height,
            left_cropping, right_cropping, target_width,
        )  # fmt: skip
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
        rows, columns = _both(
            "pad_images", "padding", x, 1, top_padding, bottom_padding, target_height,
            left_padding, right_padding, target_width,
        )  # fmt: skip
        return jnp.pad(x, ((0, 0), rows, columns, (0, 0)))

    return channels_last(images, data_format, pad)


def _both(what: str, noun: str, x: Any, sign: int, *numbers: Any) -> list[tuple[int, int]]:
    names = (f"top_{noun}", f"bottom_{noun}", "target_height")
    others = (f"left_{noun}", f"right_{noun}", "target_width")
    return [
        _borders(what, dict(zip(keys, values, strict=True)), size, sign)
        for keys, values, size in (
            (names, numbers[:3], x.shape[1]),
            (others, numbers[3:], x.shape[2]),
        )
    ]


def _bell(size: int, sigma: Any) -> Any:
    """Return the weights of a Gaussian around the middle, with the sum 1."""
    place = jnp.arange(size) - (size - 1) / 2
    weights = jnp.exp(-(place**2) / (2 * sigma**2))
    return weights / weights.sum()


def smoothed(x: Any, size: Any, sigma: Any, padding: str = "same") -> Any:
    """Return images with the channels last, each pixel the mean of its surroundings.

    Args:
        x: a batch of images.
        size: height and width of what counts.
        sigma: the deviation of the Gaussian of weights, down and across.
        padding: `"same"` or `"valid"`.
    """
    for axis in range(2):
        weights = _bell(size[axis], sigma[axis]).astype(x.dtype)
        shape = (-1, 1, 1, 1) if axis == 0 else (1, -1, 1, 1)
        kernel = jnp.repeat(weights.reshape(shape), x.shape[-1], 2)
        x = depthwise_conv(x, kernel, 1, padding, "channels_last")
    return x


@operation("image")
def gaussian_blur(
    images: Any,
    kernel_size: Any = (3, 3),
    sigma: Any = (1.0, 1.0),
    data_format: str | None = None,
) -> Any:
    """Return images that a Gaussian is drawn over.

    Args:
        images: one image or a batch of them.
        kernel_size: height and width of what counts for a pixel.
        sigma: the deviation of the Gaussian, down and across.
        data_format: as in `rgb_to_grayscale`.
    """
    return channels_last(images, data_format, lambda x: smoothed(x, kernel_size, sigma))


@operation("image")
def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """Return how much images change, down and across, by Sobel's filter.

    Shapes: `(batch, height, width, channels) -> (batch, height, width, channels, 2)`, or with the
    channels first.

    Args:
        images: a batch of images.
        data_format: as in `rgb_to_grayscale`.
    """

    def edges(x: Any) -> Any:
        down = np.outer([-1.0, 0.0, 1.0], [1.0, 2.0, 1.0])
        both = jnp.asarray(np.stack([down, down.T], -1)[:, :, None], x.dtype)
        kernel = jnp.repeat(both, x.shape[-1], 2)
        y = depthwise_conv(x, kernel, 1, "same", "channels_last")
        return y.reshape(*x.shape, 2)

    return channels_last(images, data_format, edges, axis=-2)


@operation("image", "SSIM", "image1 image2")
def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Any:
    """Return how alike images are in brightness, contrast and structure (Wang et al., 2004).

    Args:
        image1: one image or a batch of them.
        image2: others of that shape.
        max_val: the largest value of a pixel.
        filter_size: height and width of the windows that are compared.
        filter_sigma: the deviation of the Gaussian that weighs their pixels.
        k1: keeps the comparison of brightness finite.
        k2: keeps the comparison of contrast finite.
        data_format: as in `rgb_to_grayscale`.

    Returns:
        A number for each image, 1 where they are equal.
    """
    several = image1.ndim == 4

    def compare(both: Any) -> Any:
        x, y = jnp.split(both, 2, -1)

        def mean(z: Any) -> Any:
            return smoothed(z, (filter_size,) * 2, (filter_sigma,) * 2, "valid")

        mean_x, mean_y = mean(x), mean(y)
        c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
        bright = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
        spread = mean(x * x) + mean(y * y) - mean_x**2 - mean_y**2
        shared = mean(x * y) - mean_x * mean_y
        return bright * (2 * shared + c2) / (spread + c2)

    axis = (
        channels_axis(data_format, image1.ndim)
        if several
        else (2 if channels_axis(data_format, 4) == 3 else 0)
    )
    x, y = (_as_floats(image) for image in (image1, image2))
    found = channels_last(jnp.concatenate([x, y], axis), data_format, compare)
    return jnp.mean(found, (1, 2, 3) if several else None)


def _as_floats(image: Any) -> Any:
    return image if jnp.issubdtype(image.dtype, jnp.floating) else image.astype(config.floatx())


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
