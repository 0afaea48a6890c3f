"""Images of which each pixel looks at its surroundings, and how alike two images are."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.argument_validation import channels_axis
from kerasish.core.settings import config
from kerasish.ops._convolution import depthwise_conv
from kerasish.ops._define import operation
from kerasish.ops._spatial import channels_last

__all__ = ["gaussian_blur", "psnr", "smoothed", "sobel_edges", "ssim"]


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


def _bell(size: int, sigma: Any) -> Any:
    """Return the weights of a Gaussian around the middle, with the sum 1."""
    place = jnp.arange(size) - (size - 1) / 2
    weights = jnp.exp(-(place**2) / (2 * sigma**2))
    return weights / weights.sum()


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

    channels = channels_axis(data_format, 2)[1] - 4  # from the end: there may be no batch
    both = jnp.concatenate([_as_floats(image1), _as_floats(image2)], channels)
    return jnp.mean(channels_last(both, data_format, compare), (-3, -2, -1))


def _as_floats(image: Any) -> Any:
    return image if jnp.issubdtype(image.dtype, jnp.floating) else image.astype(config.floatx())


@operation("nn", "PSNR")
def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """Return the peak signal-to-noise ratio of two signals, in decibels.

    Args:
        x1: a signal.
        x2: another of that shape.
        max_val: the largest value that a signal can have.
    """
    error = jnp.mean(jnp.square(x1 - x2))
    return 20 * jnp.log10(jnp.asarray(max_val, error.dtype)) - 10 * jnp.log10(error)
