"""Angles between vectors."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.settings import config
from kerasish.core.types import Array
from kerasish.functional.alignment import counted_by, floating, paired

__all__ = ["circle", "cosine", "cosine_similarity"]


def cosine(y_true: Array, y_pred: Array, axis: int | Sequence[int] = -1) -> Array:
    """The cosine of the angle between targets and predictions; 0 if one of them is 0.

    Args:
        y_true: vectors: `(batch, ..., n)`.
        y_pred: vectors: `(batch, ..., n)`.
        axis: the axis of the vectors.

    Returns:
        `(batch, ...)`, from -1 to 1.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> print(cosine(jnp.array([[3.0, 4.0]]), jnp.array([[1.0, 0.0]])).round(3))
        [0.6]
    """
    y_true, y_pred = paired(y_true, y_pred, "cosine_similarity")
    return jnp.sum(_unit(y_true, axis) * _unit(y_pred, axis), axis)


def cosine_similarity(y_true: Array, y_pred: Array, axis: int | Sequence[int] = -1) -> Array:
    """Minus the cosine of the angle between targets and predictions: -1 where they agree.

    Args:
        y_true: vectors: `(batch, ..., n)`.
        y_pred: vectors: `(batch, ..., n)`.
        axis: the axis of the vectors.

    Returns:
        `(batch, ...)`, from -1 to 1; 0 if one of them is 0.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> print(cosine_similarity(jnp.array([[3.0, 4.0]]), jnp.array([[1.0, 0.0]])).round(3))
        [-0.6]
    """
    return -cosine(y_true, y_pred, axis)


def _unit(x: Array, axis: int | Sequence[int]) -> Array:
    """Scale to length 1; what has none stays 0, with a slope that is finite."""
    squares = jnp.sum(jnp.square(x), axis, keepdims=True)
    length = jnp.sqrt(jnp.where(squares > 0, squares, 1))
    return x / jnp.maximum(length, config.epsilon())


def _in_company(y_true: Array, remove_diagonal: bool = True, **_: object) -> Array:
    """Return which samples of a batch have another of their class."""
    labels = y_true.reshape(-1)
    return jnp.sum(labels[:, None] == labels[None], -1) > int(remove_diagonal)


@counted_by(_in_company)
def circle(
    y_true: Array,
    y_pred: Array,
    ref_labels: Array | None = None,
    ref_embeddings: Array | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Array:
    """Circle loss: vectors of one class should be close, those of different ones far apart.

    Each sample is compared with every other; the further a pair is from where it
    should be, the more it weighs.

    Args:
        y_true: class numbers: `(batch,)` or `(batch, 1)`.
        y_pred: vectors of length 1: `(batch, n)`.
        ref_labels: class numbers of what to compare with; `y_true` by default.
        ref_embeddings: vectors to compare with; `y_pred` by default.
        remove_diagonal: whether sample i is not compared with reference i, which by
            default is itself.
        gamma: how much the hardest pairs outweigh the others.
        margin: how far apart the two kinds of distances should be.

    Returns:
        `(batch,)`; 0 for a sample without another of its class, or without one of another class.
        As a loss, the mean is over those that have another of their class.

    Raises:
        ShapeError: if the shapes do not fit.

    Examples:
        >>> vectors = jnp.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> float(circle(jnp.array([0, 0, 1]), vectors)[0]) < 1e-6
        True

    References:
        Sun et al., 2020, Circle Loss: A Unified Perspective of Pair Similarity Optimization.
    """
    vectors = floating(y_pred)
    others = vectors if ref_embeddings is None else jnp.asarray(ref_embeddings, vectors.dtype)
    labels = _labels(y_true, vectors)[:, None]
    same = labels == _labels(y_true if ref_labels is None else ref_labels, others)[None]
    distances = jnp.maximum(1 - vectors @ others.T, 0)
    rows, columns = (jnp.arange(size) for size in same.shape)
    own = same & (rows[:, None] != columns[None]) if remove_diagonal else same
    far = gamma * jnp.maximum(margin + distances, 0) * (distances - margin)
    near = gamma * jnp.maximum(1 + margin - distances, 0) * (1 - margin - distances)
    values = jax.nn.softplus(_soft_max(far, own) + _soft_max(near, ~same))
    return jnp.where(jnp.any(own, -1) & jnp.any(~same, -1), values, 0)


def _labels(labels: Array, vectors: Array) -> Array:
    labels = jnp.asarray(labels)
    if vectors.ndim != 2 or labels.shape not in (vectors.shape[:1], (*vectors.shape[:1], 1)):
        raise ShapeError(
            "circle compares vectors (batch, n) by their class numbers (batch,); the class "
            f"numbers have shape {labels.shape} and the vectors {vectors.shape}."
        )
    return labels.reshape(-1)


def _soft_max(values: Array, where: Array) -> Array:
    """Return the logarithm of the sum of the exponentials of what counts."""
    lowest = float(jnp.finfo(values.dtype).min) / 4
    return jax.nn.logsumexp(jnp.where(where, values, lowest), -1)
