"""Image filters and image quality: Gaussian blur, Sobel edges, SSIM, PSNR."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from kerasish.core.argument_validation import standardize_data_format
from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.ops._convolution import depthwise_conv
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last

__all__ = ["gaussian_blur", "gaussian_filter", "psnr", "sobel_edges", "ssim"]


@operation("image")
def gaussian_blur(
    images: Array,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> Array:
    """Blur images with a Gaussian kernel.

    Args:
        images: one image or a batch of images.
        kernel_size: height and width of the kernel.
        sigma: the standard deviation, vertically and horizontally.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    return channels_last(images, data_format, lambda x: gaussian_filter(x, kernel_size, sigma))


def gaussian_filter(
    x: Array, size: Sequence[int], sigma: Sequence[float], padding: str = "same"
) -> Array:
    """Apply a Gaussian filter to images with the channels last.

    Args:
        x: a batch of images.
        size: height and width of the kernel.
        sigma: the standard deviation, vertically and horizontally.
        padding: `"same"` or `"valid"`.
    """
    for axis in range(2):
        weights = _gaussian_kernel(size[axis], sigma[axis]).astype(x.dtype)
        shape = (-1, 1, 1, 1) if axis == 0 else (1, -1, 1, 1)
        kernel = jnp.repeat(weights.reshape(shape), x.shape[-1], 2)
        x = depthwise_conv(x, kernel, 1, padding, "channels_last")
    return x


def _gaussian_kernel(size: int, sigma: float) -> Array:
    """Return a Gaussian kernel of one axis with the sum 1."""
    place = jnp.arange(size) - (size - 1) / 2
    weights = jnp.exp(-(place**2) / (2 * sigma**2))
    return weights / weights.sum()


@operation("image")
def sobel_edges(images: Array, data_format: str | None = None) -> Array:
    """Compute vertical and horizontal image gradients with Sobel filters.

    Shapes: `(batch, height, width, channels) -> (batch, height, width, channels, 2)`, or with the
    channels first.

    Args:
        images: a batch of images.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """

    def edges(x: Array) -> Array:
        down = np.outer([-1.0, 0.0, 1.0], [1.0, 2.0, 1.0])
        both = jnp.asarray(np.stack([down, down.T], -1)[:, :, None], x.dtype)
        kernel = jnp.repeat(both, x.shape[-1], 2)
        y = depthwise_conv(x, kernel, 1, "same", "channels_last")
        return y.reshape(*x.shape, 2)

    return channels_last(images, data_format, edges, axis=-2)


@operation("image", "SSIM", "image1 image2")
def ssim(
    image1: Array,
    image2: Array,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Array:
    """Compute the structural similarity index of image pairs (Wang et al., 2004).

    Args:
        image1: one image or a batch of images.
        image2: images of the same shape.
        max_val: the dynamic range of the pixels.
        filter_size: height and width of the Gaussian window.
        filter_sigma: the standard deviation of the Gaussian window.
        k1: stabilizes the luminance term.
        k2: stabilizes the contrast term.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.

    Returns:
        One value for each image; 1 for identical images.
    """

    def similarity(both: Array) -> Array:
        x, y = jnp.split(both, 2, -1)

        def mean(z: Array) -> Array:
            return gaussian_filter(z, (filter_size,) * 2, (filter_sigma,) * 2, "valid")

        mean_x, mean_y = mean(x), mean(y)
        c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
        bright = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
        spread = mean(x * x) + mean(y * y) - mean_x**2 - mean_y**2
        shared = mean(x * y) - mean_x * mean_y
        return bright * (2 * shared + c2) / (spread + c2)

    # Negative, since there may be no batch axis.
    channels = standardize_data_format(data_format, 2)[1] - 4
    both = jnp.concatenate([_as_floats(image1), _as_floats(image2)], channels)
    return jnp.mean(channels_last(both, data_format, similarity), (-3, -2, -1))


def _as_floats(image: Array) -> Array:
    return image if jnp.issubdtype(image.dtype, jnp.floating) else image.astype(config.floatx())


@operation("nn", "PSNR")
def psnr(x1: Array, x2: Array, max_val: float) -> Array:
    """Compute the peak signal-to-noise ratio of two signals in decibels.

    Args:
        x1: a signal.
        x2: a signal of the same shape.
        max_val: the maximal possible value of a signal.
    """
    error = jnp.mean(jnp.square(x1 - x2))
    return 20 * jnp.log10(jnp.asarray(max_val, error.dtype)) - 10 * jnp.log10(error)
