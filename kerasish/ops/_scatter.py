"""Parts of arrays that are taken out or replaced, and sums over parts."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.ops._define import define, family, operation

__all__ = ["scatter", "scatter_update"]

_REDUCTIONS = (None, "add", "max", "min", "mul")


@operation("core", arguments="inputs indices updates")
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """Return `inputs` with other values at some indices.

    Args:
        inputs: an array.
        indices: `(n, axes)`: where, along the first axes of `inputs`.
        updates: `(n, ...)`: what to put there.
        reduction: how to combine it with what is there: `"add"`, `"max"`, `"min"` or `"mul"`;
            None replaces it.

    Raises:
        ArgumentError: if there is no such reduction.
    """
    if reduction not in _REDUCTIONS:
        raise ArgumentError(f"reduction is one of {_REDUCTIONS}; got {reduction!r}.")
    inputs = jnp.asarray(inputs)
    places = inputs.at[tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))]
    return getattr(places, reduction or "set")(updates)


@operation("core")
def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """Return zeros of a shape, with the sum of the values that belong to an index added there.

    Args:
        indices: `(n, axes)`.
        values: `(n, ...)`.
        shape: the shape.
    """
    zeros = jnp.zeros(shape, jnp.asarray(values).dtype)
    return zeros.at[tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))].add(values)


def _slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    return jax.lax.dynamic_slice(inputs, start_indices, shape)


def _slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    return jax.lax.dynamic_update_slice(inputs, updates, start_indices)


def _by_segment(function: Any) -> Any:
    def reduce(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> Any:
        return function(data, segment_ids, num_segments, sorted)

    return reduce


define(
    "core",
    {"slice": _slice, "slice_update": _slice_update},
    arguments={"slice": "inputs start_indices", "slice_update": "inputs start_indices updates"},
    docs="jax.lax",
)
_segments = family(_by_segment, jax.ops, "segment_max segment_min segment_prod segment_sum")
define(
    "math",
    _segments,
    arguments=dict.fromkeys(_segments, "data segment_ids"),
    docs="jax.ops",
)
