"""Counts of what was predicted against what is so; all metrics of decisions are made of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ShapeError
from kerasish.core.types import Array, ArrayLike, DTypeLike
from kerasish.core.variable import Variable
from kerasish.functional import align

__all__ = ["Counts", "as_array", "confusion", "histogram", "ratio", "spread"]

# Below this, summing each bin is faster than scattering, and on a GPU nobody waits in line.
_FEW = 8


class Counts(NamedTuple):
    """Weighted numbers of predictions, `(thresholds,)` or `(thresholds, labels)` each."""

    true_positives: Array
    false_positives: Array
    true_negatives: Array
    false_negatives: Array


@jax.jit
def ratio(part: Array, whole: Array) -> Array:
    """Return `part / whole`, 0 where the whole is 0."""
    return jnp.where(whole == 0, 0, part / jnp.where(whole == 0, 1, whole))


def as_array(x: ArrayLike | Sequence[float] | None) -> Any:
    """Return an array of what may be a list or a foreign tensor; None stays None."""
    known = x is None or isinstance(x, (jax.Array, np.ndarray, Variable))
    return x if known else jnp.asarray(x)


def spread(weight: Array | None, values: Array, dtype: DTypeLike | None) -> Array:
    """Return a weight for each value: a sample's counts for all that belongs to the sample."""
    if weight is None:
        return jnp.ones(values.shape, dtype)
    weight = jnp.asarray(weight, dtype)
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = weight[..., 0]
    weight = weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
    if weight.ndim > values.ndim or not all(
        a in (1, b) for a, b in zip(weight.shape, values.shape, strict=True)
    ):
        raise ShapeError(
            f"sample_weight of shape {weight.shape} does not fit values of shape {values.shape}; "
            "give a weight for each sample or for each value."
        )
    return jnp.broadcast_to(weight, values.shape)


def histogram(index: Array, values: Array, size: int) -> Array:
    """Return the sum of the values of each index below `size`; others are left out."""
    index, values = index.reshape(-1), values.reshape(-1)
    if size <= _FEW:
        bins = jnp.arange(size, dtype=index.dtype)[:, None]
        return jnp.sum(jnp.where(bins == index[None], values[None], 0), 1, dtype=values.dtype)
    index = jnp.where(index < 0, size, index)  # a negative index would count from the end
    return jnp.zeros(size, values.dtype).at[index].add(values, mode="drop")


def _evenly_spaced(thresholds: np.ndarray) -> bool:
    n = len(thresholds)
    return n > 2 and np.allclose(thresholds, np.arange(n) / (n - 1), atol=1e-7)


def _exceeded(y_pred: Array, thresholds: np.ndarray) -> Array:
    """Return how many of the (ascending) thresholds each prediction is larger than."""
    if _evenly_spaced(thresholds):
        # Thresholds that begin below 0 are exceeded by 0, those that begin at 0 are not.
        shares = jnp.clip(y_pred, 1e-7 if thresholds[0] < 0 else 0, 1)
        found = jnp.ceil(shares * (len(thresholds) - 1)).astype("int32")
    else:
        method = "compare_all" if len(thresholds) <= _FEW else "scan"
        found = jnp.searchsorted(jnp.asarray(thresholds, y_pred.dtype), y_pred, method=method)
    return jnp.where(jnp.isnan(y_pred), 0, found)


def _among_top(y_pred: Array, k: int) -> Array:
    """Return which predictions are among the `k` largest of their sample, `k` exactly."""
    if y_pred.ndim == 0 or k > y_pred.shape[-1]:
        raise ShapeError(f"top_k={k} of predictions of shape {y_pred.shape}: there are fewer.")
    _, best = jax.lax.top_k(y_pred, k)
    return jnp.any(jax.nn.one_hot(best, y_pred.shape[-1], dtype=bool), -2)


@functools.partial(
    jax.jit, static_argnames=("thresholds", "dtype", "top_k", "class_id", "by_label")
)
def confusion(
    y_true: Array,
    y_pred: Array,
    sample_weight: Array | None = None,
    label_weights: ArrayLike | Sequence[float] | None = None,
    *,
    thresholds: tuple[float, ...],
    dtype: str,
    top_k: int | None = None,
    class_id: int | None = None,
    by_label: bool = False,
) -> Counts:
    """Return how many predictions are right and wrong at each threshold.

    Each prediction falls between two thresholds; what lies above and below a
    threshold are running sums over these bins, so the cost is that of the
    predictions plus that of the thresholds.

    Args:
        y_true: what is so: 0 or False, or else positive.
        y_pred: from 0 to 1; larger than a threshold means positive.
        sample_weight: a weight for each sample, or for each value.
        label_weights: a weight for each place on the last axis.
        thresholds: in any order.
        dtype: the dtype of the counts.
        top_k: only this many predictions of a sample can be positive.
        class_id: the only place on the last axis that counts.
        by_label: whether the places on the last axis are counted apart.

    Raises:
        ShapeError: if shapes do not fit together, or there is no such class.
    """
    y_true, y_pred = align(jnp.asarray(y_true), jnp.asarray(y_pred, dtype))
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"Targets and predictions must have one shape; y_true has {y_true.shape} "
            f"and y_pred {y_pred.shape}."
        )
    weight = spread(sample_weight, y_pred, dtype)
    if label_weights is not None:
        weight = weight * _along_last(label_weights, weight)
    order = np.argsort(thresholds, kind="stable")
    bins = _exceeded(y_pred, np.asarray(thresholds)[order])
    if top_k is not None:
        bins = jnp.where(_among_top(y_pred, top_k), bins, 0)
    positive = (y_true != 0).astype(bins.dtype)
    if class_id is not None:
        bins, positive, weight = (_pick(each, class_id) for each in (bins, positive, weight))
    labels = bins.shape[-1] if by_label else 1
    if by_label:
        bins = bins * labels + _along_last(jnp.arange(labels), bins)
    size = len(thresholds) + 1
    found = histogram(2 * bins + positive, weight, 2 * labels * size).reshape(size, labels, 2)
    below, above = (jax.lax.cumsum(found, 0, reverse=back) for back in (False, True))
    back_in_order = np.argsort(order)
    below, above = below[:-1][back_in_order], above[1:][back_in_order]
    columns = (above[..., 1], above[..., 0], below[..., 0], below[..., 1])
    return Counts(*(each if by_label else each[..., 0] for each in columns))


def _along_last(row: ArrayLike | Sequence[float], like: Array) -> Array:
    """Return a row for each sample, as an array of a certain shape."""
    row = jnp.asarray(row, like.dtype)
    if row.ndim != 1 or row.shape[0] != like.shape[-1]:
        raise ShapeError(f"{row.shape} weights of labels do not fit values of shape {like.shape}.")
    return jnp.broadcast_to(row, like.shape)


def _pick(x: Array, class_id: int) -> Any:
    if x.ndim < 2 or not -x.shape[-1] <= class_id < x.shape[-1]:
        raise ShapeError(f"There is no class {class_id} in predictions of shape {x.shape}.")
    return x[..., class_id]
