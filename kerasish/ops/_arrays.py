"""Array manipulation: reshape, join, split, pad, index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, ArrayLike
from kerasish.ops._define import define, family, operation, unary

__all__ = ["get_item", "unstack"]


def _of_list(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda xs: function(xs)


def _into_parts(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, indices_or_sections: function(x, indices_or_sections)


def _into_parts_along(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, indices_or_sections, axis=0: function(x, indices_or_sections, axis)


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=-1: function(x, axis)


def _at_axis(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None: function(x, axis)


def _at_diagonal(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, k=0: function(x, k)


def _along_diagonal(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, offset=0, axis1=0, axis2=1: function(x, offset, axis1, axis2)


def _taking(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, indices, axis=None: function(x, indices, axis)


def _pad(
    x: Array,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    mode: str = "constant",
    constant_values: Array | None = None,
) -> Array:
    if mode != "constant" and constant_values is not None:
        raise ArgumentError(
            f"constant_values={constant_values!r} requires mode='constant'; got mode={mode!r}."
        )
    settings = {} if constant_values is None else {"constant_values": constant_values}
    return jnp.pad(x, pad_width, mode, **settings)


def _where(
    condition: Array, x1: Array | None = None, x2: Array | None = None
) -> Array | tuple[Array, ...]:
    if x1 is None and x2 is None:
        return jnp.where(condition)
    return jnp.where(condition, x1, x2)  # type: ignore[arg-type]  # JAX raises for one alone


@operation("numpy", arguments="x key", raw=True)
def get_item(x: ArrayLike, key: Any) -> Array:
    """Return `x[key]`, where the key may be a tuple with an index for each axis."""
    return jnp.asarray(x)[tuple(key) if isinstance(key, list) else key]


@operation("core")
def unstack(x: Array, num: int | None = None, axis: int = 0) -> list[Array]:
    """Split `x` along an axis into a list of arrays without that axis.

    Args:
        x: an array.
        num: the number of arrays; by default the size of the axis.
        axis: the axis to remove.
    """
    count = x.shape[axis] if num is None else num
    if not isinstance(count, int):
        raise ArgumentError(
            f"The size of axis {axis} is unknown; pass the number of arrays as `num`."
        )
    return [jax.lax.index_in_dim(x, i, axis, keepdims=False) for i in range(count)]


define(
    "numpy",
    {
        **family(unary, jnp, "fliplr flipud nonzero ravel"),
        **family(_of_list, jnp, "dstack hstack vstack"),
        **family(_into_parts, jnp, "dsplit hsplit vsplit"),
        **family(_into_parts_along, jnp, "array_split split"),
        **family(_along, jnp, "argsort sort"),
        **family(_at_axis, jnp, "flip squeeze"),
        **family(_at_diagonal, jnp, "diag diagflat tril triu"),
        **family(_along_diagonal, jnp, "diagonal trace"),
        **family(_taking, jnp, "take take_along_axis"),
        "append": lambda x1, x2, axis=None: jnp.append(x1, x2, axis),
        "argpartition": lambda x, kth, axis=-1: jnp.argpartition(x, kth, axis),
        "broadcast_to": lambda x, shape: jnp.broadcast_to(x, shape),
        "concatenate": lambda xs, axis=0: jnp.concatenate(xs, axis),
        "expand_dims": lambda x, axis: jnp.expand_dims(x, axis),
        "meshgrid": lambda *x, indexing="xy": jnp.meshgrid(*x, indexing=indexing),
        "moveaxis": lambda x, source, destination: jnp.moveaxis(x, source, destination),
        "pad": _pad,
        "repeat": lambda x, repeats, axis=None: jnp.repeat(x, repeats, axis),
        "reshape": lambda x, newshape: jnp.reshape(x, newshape),
        "roll": lambda x, shift, axis=None: jnp.roll(x, shift, axis),
        "rot90": lambda array, k=1, axes=(0, 1): jnp.rot90(array, k, axes),
        "searchsorted": lambda sorted_sequence, values, side="left": jnp.searchsorted(
            sorted_sequence, values, side
        ),
        "select": lambda condlist, choicelist, default=0: jnp.select(condlist, choicelist, default),
        "stack": lambda x, axis=0: jnp.stack(x, axis),
        "swapaxes": lambda x, axis1, axis2: jnp.swapaxes(x, axis1, axis2),
        "tile": lambda x, repeats: jnp.tile(x, repeats),
        "transpose": lambda x, axes=None: jnp.transpose(x, axes),
        "unravel_index": lambda indices, shape: jnp.unravel_index(indices, shape),
        "where": _where,
    },
    kinds={"searchsorted": "SearchSorted"},
    arguments={"pad": "x constant_values", "select": "condlist choicelist default"},
)
