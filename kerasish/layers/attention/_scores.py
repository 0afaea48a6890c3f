"""Attention scores and outputs of several heads, over any axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_lowercase
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.graph.symbolic import static_shape
from kerasish.core.types import Array

__all__ = ["attention_output", "attention_scores", "attention_scores_shape", "check"]


def _einsum_axes(ndim: int, axes: Sequence[int]) -> tuple[str, str, str]:
    """Return the axes of queries, of keys (those looked at as capitals), and of scores."""
    query = ascii_lowercase[:ndim]
    key = "".join(name.upper() if i in axes else name for i, name in enumerate(query))
    others = "".join(name for i, name in enumerate(query[:-2]) if i not in axes)
    attended = "".join(query[i] for i in axes)
    return query, key, f"{others}{query[-2]}{attended}{attended.upper()}"


def attention_scores_shape(query: Array, key: Array, axes: Sequence[int]) -> tuple[Any, ...]:
    """Return the shape of what `attention_scores` returns."""
    looking, looked_at, names = _einsum_axes(query.ndim, axes)
    sizes = dict(zip(looked_at, key.shape, strict=True))
    # Keys may have fewer heads than queries.
    sizes |= zip(looking, query.shape, strict=True)
    return tuple(sizes[name] for name in names)


def attention_scores(query: Array, key: Array, axes: Sequence[int]) -> Array:
    """Return the dot products of queries and keys, in float32.

    Args:
        query: `(batch, ..., heads, size)`.
        key: the same, with other sizes along `axes`.
        axes: the axes to attend over.

    Returns:
        `(batch, <other axes>, heads, <axes of the query>, <axes of the key>)`.
    """
    names = _einsum_axes(query.ndim, axes)
    equation = f"{names[0]},{names[1]}->{names[2]}"
    return jnp.einsum(equation, query, key, preferred_element_type=jnp.float32)


def attention_output(weights: Array, value: Array, axes: Sequence[int]) -> Array:
    """Return the weighted sums of values: `(batch, ..., heads, depth)`."""
    query, key, names = _einsum_axes(value.ndim, axes)
    return jnp.einsum(f"{names},{key}->{query}", weights, value)


def check(name: str, query: Array, value: Array, key: Array, axes_of: Callable[[int], Any]) -> None:
    """Check that the shapes of query, value and key match.

    Args:
        name: name of the layer, for messages.
        query: `(batch, ..., features)`.
        value: likewise.
        key: likewise.
        axes_of: returns the axes to attend over, given their number.

    Raises:
        ShapeError: if they differ in rank, or in a size that must be the same.
    """
    shapes = [static_shape(x.shape) for x in (query, value, key)]
    shown = ", ".join(f"{n} {s}" for n, s in zip(("query", "value", "key"), shapes, strict=True))
    if query.ndim < 3 or not query.ndim == value.ndim == key.ndim:
        raise ShapeError(
            f"Layer {name!r} takes query, value and key of (batch, steps, features), all of one "
            f"rank; it got {shown}."
        )
    if _differ(shapes[1][:-1], shapes[2][:-1]):
        raise ShapeError(
            f"Layer {name!r} takes as many keys as values, one for each; it got {shown}."
        )
    axes = axes_of(query.ndim - 2)
    free = [i for i in range(query.ndim - 1) if i not in axes]
    if _differ([shapes[0][i] for i in free], [shapes[1][i] for i in free]):
        raise ShapeError(
            f"Layer {name!r} takes query and value that agree in the axes "
            f"{', '.join(map(str, free))} (0 is the batch); it got {shown}."
        )


def _differ(shape: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Return whether two shapes certainly differ; a size may be unknown."""
    return any(None not in pair and pair[0] != pair[1] for pair in zip(shape, other, strict=True))
