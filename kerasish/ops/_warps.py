"""Images read at other places than their pixels: turned, bent, cut into patches."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish import random
from kerasish.core import config
from kerasish.core.errors import ArgumentError
from kerasish.ops._define import operation
from kerasish.ops._images import channels_last, smoothed
from kerasish.ops._spatial import padding_mode, several

__all__ = [
    "affine_transform",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "map_coordinates",
    "perspective_transform",
]

_ORDERS = {"nearest": 0, "bilinear": 1}
_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def _order(interpolation: str) -> int:
    if interpolation not in _ORDERS:
        raise ArgumentError(f"interpolation is one of {tuple(_ORDERS)}; got {interpolation!r}.")
    return _ORDERS[interpolation]


@operation("image", arguments="inputs coordinates")
def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Any:
    """Return the values of an array at places between its elements.

    Args:
        inputs: an array.
        coordinates: `(axes, ...)`: the places.
        order: 0 for the nearest element, 1 for linear interpolation.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or
            `"reflect"`.
        fill_value: the constant.

    Raises:
        ArgumentError: if there is no such order or mode.
    """
    if order not in (0, 1):
        raise ArgumentError(f"order is 0 or 1; got {order!r}.")
    if fill_mode not in _MODES:
        raise ArgumentError(f"fill_mode is one of {_MODES}; got {fill_mode!r}.")
    return jax.scipy.ndimage.map_coordinates(
        inputs, list(coordinates), order, fill_mode, fill_value
    )


def _read(x: Any, rows: Any, columns: Any, order: int, mode: str, value: Any) -> Any:
    """Return each image at places of its own; those are `(batch, height, width)`."""

    def one(image: Any, down: Any, across: Any) -> Any:
        def read(channel: Any) -> Any:
            return map_coordinates(channel, (down, across), order, mode, value)

        return jax.vmap(read, -1, -1)(image)

    wide = x.astype(jnp.promote_types(x.dtype, "float32")) if order else x
    return jax.vmap(one)(wide, rows, columns).astype(x.dtype)


def _grid(height: int, width: int) -> tuple[Any, Any]:
    """Return the column and the row of each pixel."""
    return tuple(jnp.meshgrid(jnp.arange(width), jnp.arange(height)))  # type: ignore[return-value]


@operation("image", arguments="images transform")
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Any:
    """Return images that are turned, stretched, sheared and moved.

    The pixel at column `x` and row `y` is read at column `a0 x + a1 y + a2` and row
    `b0 x + b1 y + b2`.

    Args:
        images: one image or a batch of them.
        transform: `(8,)`, or `(batch, 8)`: `a0, a1, a2, b0, b1, b2`, and two numbers without
            effect, as in Keras on JAX.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or
            `"reflect"`.
        fill_value: the constant.
        data_format: as in `rgb_to_grayscale`.
    """
    order = _order(interpolation)

    def bend(x: Any) -> Any:
        across, down = _grid(*x.shape[1:3])
        numbers = jnp.broadcast_to(jnp.atleast_2d(transform), (x.shape[0], 8))[..., None, None]
        a0, a1, a2, b0, b1, b2 = (numbers[:, i] for i in range(6))
        columns = a0 * across[None] + a1 * down[None] + a2
        rows = b0 * across[None] + b1 * down[None] + b2
        return _read(x, rows, columns, order, fill_mode, fill_value)

    return channels_last(images, data_format, bend)


def _homography(start: Any, end: Any) -> Any:
    """Return the eight numbers of the map that takes the four end points to the start points."""
    x, y = end[:, 0], end[:, 1]
    u, v = start[:, 0], start[:, 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)
    above = jnp.stack([x, y, one, zero, zero, zero, -x * u, -y * u], -1)
    below = jnp.stack([zero, zero, zero, x, y, one, -x * v, -y * v], -1)
    return jnp.linalg.solve(jnp.concatenate([above, below]), jnp.concatenate([u, v])[:, None])[:, 0]


@operation("image", arguments="images start_points end_points")
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Any:
    """Return images as seen from elsewhere: four points come to lie where they are told to.

    Args:
        images: one image or a batch of them.
        start_points: column and row of the points before: `(4, 2)`, or `(batch, 4, 2)`.
        end_points: the same afterwards.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_value: what lies outside.
        data_format: as in `rgb_to_grayscale`.
    """
    order = _order(interpolation)

    def bend(x: Any) -> Any:
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
        return _read(x, rows, columns, order, "constant", fill_value)

    return channels_last(images, data_format, bend)


@operation("image")
def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Any:
    """Return images that are bent at random (Simard et al., 2003).

    Args:
        images: one image or a batch of them.
        alpha: how far pixels move.
        sigma: how smoothly.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_mode: what lies outside, as in `affine_transform`.
        fill_value: the constant.
        seed: a whole number or a `SeedGenerator`; None draws another one each time.
        data_format: as in `rgb_to_grayscale`.
    """
    order = _order(interpolation)

    def bend(x: Any) -> Any:
        across, down = _grid(*x.shape[1:3])
        size = (2 * round(sigma * 3) + 1,) * 2
        moves = random.uniform((*x.shape[:3], 2), -1.0, 1.0, x.dtype, seed)
        moves = alpha * smoothed(moves, size, (sigma, sigma))
        rows, columns = down[None] + moves[..., 1], across[None] + moves[..., 0]
        return _read(x, rows, columns, order, fill_mode, fill_value)

    return channels_last(images, data_format, bend)


def _patches(x: Any, size: Any, strides: Any, dilation: Any, padding: str) -> Any:
    """Return the windows of arrays with the channels last, each as channels."""
    rank = x.ndim - 2
    window = several(size, rank, "size")
    step = window if strides is None else several(strides, rank, "strides")
    distance = several(dilation, rank, "dilation_rate")
    if any(d > 1 and s > 1 for d, s in zip(distance, step, strict=True)):
        raise ArgumentError("dilation_rate above 1 goes with strides of 1.")
    space = "DHW"[-rank:]
    found = jax.lax.conv_general_dilated_patches(
        x.astype(jnp.promote_types(x.dtype, "bfloat16")),
        window,
        step,
        padding_mode(padding),
        rhs_dilation=distance,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
    )
    # JAX has the channels before the places in a window.
    parts = found.reshape(*found.shape[:-1], x.shape[-1], -1)
    return jnp.swapaxes(parts, -1, -2).reshape(found.shape).astype(x.dtype)


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
    rank = len(size) if isinstance(size, (tuple, list)) else 2
    if images.ndim not in (rank + 1, rank + 2):
        raise ArgumentError(
            f"Patches of {rank} axes are taken of {rank + 1} or, in a batch, {rank + 2}; there are "
            f"{images.ndim}."
        )
    first = (data_format or config.image_data_format()) == "channels_first"
    x = images if images.ndim == rank + 2 else images[None]
    x = jnp.moveaxis(x, 1, -1) if first else x
    y = _patches(x, size, strides, dilation_rate, padding)
    y = jnp.moveaxis(y, -1, 1) if first else y
    return y if images.ndim == rank + 2 else y[0]


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
    extent = several(size, 3, "size")
    return extract_patches(volumes, extent, strides, dilation_rate, padding, data_format)
