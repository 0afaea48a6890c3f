"""Geometric image transformations: affine, perspective, elastic, map_coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish import random
from kerasish.core.errors import ArgumentError
from kerasish.core.seeds import SeedGenerator
from kerasish.core.types import Array
from kerasish.ops._define import operation
from kerasish.ops._filters import gaussian_filter
from kerasish.ops._spatial import channels_last

__all__ = [
    "affine_transform",
    "elastic_transform",
    "map_coordinates",
    "perspective_transform",
]

_ORDERS = {"nearest": 0, "bilinear": 1}
_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


@operation("image", arguments="inputs coordinates")
def map_coordinates(
    inputs: Array,
    coordinates: Array | Sequence[Array],
    order: int,
    fill_mode: str = "constant",
    fill_value: float = 0,
) -> Array:
    """Interpolate an array at fractional coordinates.

    Args:
        inputs: an array.
        coordinates: `(axes, ...)`: the coordinates.
        order: 0 for the nearest element, 1 for linear interpolation.
        fill_mode: how to fill pixels outside the input: `"constant"`, `"nearest"`, `"wrap"`,
            `"mirror"` or `"reflect"`.
        fill_value: the value for `fill_mode="constant"`.

    Raises:
        ArgumentError: if the order or the mode is unknown.
    """
    if order not in (0, 1):
        raise ArgumentError(f"order must be 0 or 1; got {order!r}.")
    if fill_mode not in _MODES:
        raise ArgumentError(f"fill_mode must be one of {_MODES}; got {fill_mode!r}.")
    result: Array = jax.scipy.ndimage.map_coordinates(
        inputs, list(coordinates), order, fill_mode, fill_value
    )
    return result


@operation("image", arguments="images transform")
def affine_transform(
    images: Array,
    transform: Array,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    """Apply affine transformations to images.

    The output pixel at column `x` and row `y` is read from the input at column `a0 x + a1 y + a2`
    and row `b0 x + b1 y + b2`.

    Args:
        images: one image or a batch of images.
        transform: `(8,)`, or `(batch, 8)`: `a0, a1, a2, b0, b1, b2`, and two numbers that
            are ignored, as in Keras on JAX.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_mode: how to fill pixels outside the input: `"constant"`, `"nearest"`, `"wrap"`,
            `"mirror"` or `"reflect"`.
        fill_value: the value for `fill_mode="constant"`.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    order = _order(interpolation)

    def warp(x: Array) -> Array:
        across, down = _grid(*x.shape[1:3])
        numbers = jnp.broadcast_to(jnp.atleast_2d(transform), (x.shape[0], 8))[..., None, None]
        a0, a1, a2, b0, b1, b2 = (numbers[:, i] for i in range(6))
        columns = a0 * across[None] + a1 * down[None] + a2
        rows = b0 * across[None] + b1 * down[None] + b2
        return _sample(x, rows, columns, order, fill_mode, fill_value)

    return channels_last(images, data_format, warp)


@operation("image", arguments="images start_points end_points")
def perspective_transform(
    images: Array,
    start_points: Array,
    end_points: Array,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    """Apply perspective transformations that map four points to four points.

    Args:
        images: one image or a batch of images.
        start_points: column and row of the points in the input: `(4, 2)`, or `(batch, 4, 2)`.
        end_points: column and row of the same points in the output.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_value: the value of pixels outside the input.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    order = _order(interpolation)

    def warp(x: Array) -> Array:
        across, down = _grid(*x.shape[1:3])
        start, end = (
            jnp.broadcast_to(points, (x.shape[0], 4, 2)).astype("float32")
            for points in (start_points, end_points)
        )
        numbers = jax.vmap(_homography)(start, end)[..., None, None]
        a0, a1, a2, b0, b1, b2, c0, c1 = (numbers[:, i] for i in range(8))
        far = c0 * across[None] + c1 * down[None] + 1
        columns = (a0 * across[None] + a1 * down[None] + a2) / far
        rows = (b0 * across[None] + b1 * down[None] + b2) / far
        return _sample(x, rows, columns, order, "constant", fill_value)

    return channels_last(images, data_format, warp)


@operation("image")
def elastic_transform(
    images: Array,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: int | SeedGenerator | Array | None = None,
    data_format: str | None = None,
) -> Array:
    """Apply random elastic deformations to images (Simard et al., 2003).

    Args:
        images: one image or a batch of images.
        alpha: the scale of the displacements.
        sigma: the standard deviation of the Gaussian that smooths them.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_mode: how to fill pixels outside the input, as in `affine_transform`.
        fill_value: the value for `fill_mode="constant"`.
        seed: an integer, a `SeedGenerator` or a key; None draws a new seed each time.
        data_format: `"channels_last"` or `"channels_first"`; see `rgb_to_grayscale`.
    """
    order = _order(interpolation)

    def warp(x: Array) -> Array:
        across, down = _grid(*x.shape[1:3])
        size = (2 * round(sigma * 3) + 1,) * 2
        displacement = random.uniform((*x.shape[:3], 2), -1.0, 1.0, x.dtype, seed)
        displacement = alpha * gaussian_filter(displacement, size, (sigma, sigma))
        rows, columns = down[None] + displacement[..., 1], across[None] + displacement[..., 0]
        return _sample(x, rows, columns, order, fill_mode, fill_value)

    return channels_last(images, data_format, warp)


def _order(interpolation: str) -> int:
    if interpolation not in _ORDERS:
        raise ArgumentError(
            f"interpolation must be one of {tuple(_ORDERS)}; got {interpolation!r}."
        )
    return _ORDERS[interpolation]


def _grid(height: int, width: int) -> tuple[Array, Array]:
    """Return the column and the row of each pixel as two arrays."""
    return tuple(jnp.meshgrid(jnp.arange(width), jnp.arange(height)))  # type: ignore[return-value]


def _homography(start: Array, end: Array) -> Array:
    """Return the eight coefficients of the homography that maps end points to start points."""
    x, y = end[:, 0], end[:, 1]
    u, v = start[:, 0], start[:, 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)
    above = jnp.stack([x, y, one, zero, zero, zero, -x * u, -y * u], -1)
    below = jnp.stack([zero, zero, zero, x, y, one, -x * v, -y * v], -1)
    result: Array = jnp.linalg.solve(
        jnp.concatenate([above, below]), jnp.concatenate([u, v])[:, None]
    )[:, 0]
    return result


def _sample(x: Array, rows: Array, columns: Array, order: int, mode: str, value: float) -> Array:
    """Sample each image at its own coordinates of shape `(batch, height, width)`."""

    def sample_image(image: Array, down: Array, across: Array) -> Array:
        def sample_channel(channel: Array) -> Array:
            return map_coordinates(channel, (down, across), order, mode, value)

        return jax.vmap(sample_channel, -1, -1)(image)

    floats = x.astype(jnp.promote_types(x.dtype, "float32")) if order else x
    return jax.vmap(sample_image)(floats, rows, columns).astype(x.dtype)
