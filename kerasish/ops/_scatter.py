"""Scatter, slice and segment reductions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.types import Array, ArrayLike
from kerasish.ops._define import define, family, operation

__all__ = ["scatter", "scatter_update"]

_REDUCTIONS = (None, "add", "max", "min", "mul")


@operation("core", arguments="inputs indices updates")
def scatter_update(
    inputs: ArrayLike, indices: ArrayLike, updates: ArrayLike, reduction: str | None = None
) -> Array:
    """Return `inputs` with values replaced or combined at some indices.

    Args:
        inputs: an array.
        indices: `(n, axes)`: indices into the first axes of `inputs`.
        updates: `(n, ...)`: the new values.
        reduction: how to combine them with the old values: `"add"`, `"max"`, `"min"` or `"mul"`;
            None retarget them.

    Raises:
        ArgumentError: if the reduction is unknown.
    """
    if reduction not in _REDUCTIONS:
        raise ArgumentError(f"reduction must be one of {_REDUCTIONS}; got {reduction!r}.")
    inputs = jnp.asarray(inputs)
    target = inputs.at[tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))]
    result: Array = getattr(target, reduction or "set")(updates)
    return result


@operation("core")
def scatter(indices: ArrayLike, values: ArrayLike, shape: Sequence[int]) -> Array:
    """Return an array of zeros with values added at indices.

    Args:
        indices: `(n, axes)`.
        values: `(n, ...)`.
        shape: the shape of the result.
    """
    zeros = jnp.zeros(shape, jnp.asarray(values).dtype)
    return zeros.at[tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))].add(values)


def _slice(inputs: Array, start_indices: Array, shape: Sequence[int]) -> Array:
    return jax.lax.dynamic_slice(inputs, start_indices, shape)


def _slice_update(inputs: Array, start_indices: Array, updates: Array) -> Array:
    return jax.lax.dynamic_update_slice(inputs, updates, start_indices)


def _by_segment(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(
        data: Array, segment_ids: Array, num_segments: int | None = None, sorted: bool = False
    ) -> Array:
        result: Array = function(data, segment_ids, num_segments, sorted)
        return result

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
