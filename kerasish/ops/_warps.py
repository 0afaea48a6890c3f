"""Images read at other places than their pixels: turned, bent, seen from elsewhere."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish import random
from kerasish.core.errors import ArgumentError
from kerasish.ops._define import operation
from kerasish.ops._filters import smoothed
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


def _order(interpolation: str) -> int:
    if interpolation not in _ORDERS:
        raise ArgumentError(f"interpolation is one of {tuple(_ORDERS)}; got {interpolation!r}.")
    return _ORDERS[interpolation]


def _grid(height: int, width: int) -> tuple[Any, Any]:
    """Return the column and the row of each pixel."""
    return tuple(jnp.meshgrid(jnp.arange(width), jnp.arange(height)))  # type: ignore[return-value]


def _homography(start: Any, end: Any) -> Any:
    """Return the eight numbers of the map that takes the four end points to the start points."""
    x, y = end[:, 0], end[:, 1]
    u, v = start[:, 0], start[:, 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)
    above = jnp.stack([x, y, one, zero, zero, zero, -x * u, -y * u], -1)
    below = jnp.stack([zero, zero, zero, x, y, one, -x * v, -y * v], -1)
    return jnp.linalg.solve(jnp.concatenate([above, below]), jnp.concatenate([u, v])[:, None])[:, 0]


def _read(x: Any, rows: Any, columns: Any, order: int, mode: str, value: Any) -> Any:
    """Return each image at places of its own; those are `(batch, height, width)`."""

    def one(image: Any, down: Any, across: Any) -> Any:
        def read(channel: Any) -> Any:
            return map_coordinates(channel, (down, across), order, mode, value)

        return jax.vmap(read, -1, -1)(image)

    wide = x.astype(jnp.promote_types(x.dtype, "float32")) if order else x
    return jax.vmap(one)(wide, rows, columns).astype(x.dtype)
