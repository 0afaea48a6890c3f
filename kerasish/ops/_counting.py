"""Operations on class indices: one-hot, top-k, bincount, unique."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config
from kerasish.core.types import Array, ArrayLike, DTypeLike
from kerasish.ops._creation import known_dtype
from kerasish.ops._define import define, operation

__all__ = ["bincount", "in_top_k", "multi_hot", "one_hot", "top_k", "unique"]


def _check_dense(sparse: bool) -> None:
    if sparse:
        raise ArgumentError("Sparse tensors are not supported; leave `sparse` out.")


@operation("nn")
def one_hot(
    x: Array, num_classes: int, axis: int = -1, dtype: DTypeLike | None = None, sparse: bool = False
) -> Array:
    """Encode integers as one-hot vectors along a new axis.

    Args:
        x: integers in `[0, num_classes)`; all others give zeros.
        num_classes: the size of the new axis.
        axis: the position of the new axis.
        dtype: the dtype; `config.floatx()` by default.
        sparse: accepted as in Keras; must be False.

    Examples:
        >>> one_hot([0, 2], 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    _check_dense(sparse)
    return jax.nn.one_hot(x, num_classes, axis=axis, dtype=known_dtype(dtype or config.floatx()))


@operation("nn")
def multi_hot(
    inputs: Array,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DTypeLike | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Array:
    """Encode the integers of each sample as one multi-hot vector.

    Shapes: `(batch, n) -> (batch, num_classes)`; `(n,) -> (num_classes,)`.

    Args:
        inputs: integers in `[0, num_classes)`.
        num_classes: the number of classes.
        axis: the axis of the classes in the result.
        dtype: the dtype; `config.floatx()` by default.
        sparse: accepted as in Keras; must be False.
        **kwargs: `num_tokens`, the old name of `num_classes`.

    Examples:
        >>> multi_hot([0, 2], 3).tolist()
        [1.0, 0.0, 1.0]
    """
    _check_dense(sparse)
    if num_classes is None:
        num_classes = kwargs.pop("num_tokens", None)
    if num_classes is None or kwargs:
        raise ArgumentError(f"multi_hot requires `num_classes`; got {sorted(kwargs) or None}.")
    reduced = 1 if inputs.ndim > 1 else 0
    return one_hot(inputs, num_classes, axis, dtype).max(axis=reduced)


@operation("math", "TopK")
def top_k(x: Array, k: int, sorted: bool = True) -> tuple[Array, ...]:
    """Return the `k` largest elements along the last axis, and their indices.

    Args:
        x: an array.
        k: the number of elements.
        sorted: accepted as in Keras; the result is always sorted, largest first.
    """
    return tuple(jax.lax.top_k(x, k))


@operation("math", "InTopK", "targets predictions")
def in_top_k(targets: Array, predictions: Array, k: int) -> Array:
    """Return whether each target is among the `k` largest predictions.

    Shapes: `(batch,), (batch, classes) -> (batch,)`.

    Args:
        targets: class indices.
        predictions: a score for each class.
        k: the number of largest predictions to consider.

    Examples:
        >>> in_top_k([0, 2], [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], 2).tolist()
        [True, False]
    """
    own = jnp.take_along_axis(predictions, targets[..., None], -1)
    kth = jax.lax.top_k(predictions, k)[0][..., -1:]
    # With a tie at position `k`, all tied classes count.
    return (own >= kth)[..., 0]


@operation("numpy")
def bincount(
    x: Array, weights: ArrayLike | None = None, minlength: int = 0, sparse: bool = False
) -> Array:
    """Count the occurrences of each integer from 0 to the maximum.

    Shapes: `(n,) -> (numbers,)`; `(batch, n) -> (batch, numbers)`.

    Args:
        x: non-negative integers.
        weights: a weight for each element, in the shape of `x`.
        minlength: the minimal length of the result.
        sparse: accepted as in Keras; must be False.
    """
    _check_dense(sparse)
    weights = None if weights is None else jnp.asarray(weights)
    if x.ndim == 1:
        return jnp.bincount(x, weights, minlength)
    length = max(minlength, int(x.max()) + 1)
    if weights is None:
        return jax.vmap(lambda row: jnp.bincount(row, length=length))(x)
    return jax.vmap(lambda row, own: jnp.bincount(row, own, length=length))(x, weights)


@operation("numpy")
def unique(
    x: Array,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: ArrayLike | None = None,
) -> Array | tuple[Array, ...]:
    """Return the unique elements; see `jax.numpy.unique`.

    Args:
        x: an array.
        sorted: accepted as in Keras; the result is always sorted.
        return_index: whether to also return the index of the first occurrence of each.
        return_inverse: whether to also return the indices that reconstruct `x`.
        return_counts: whether to also return the number of occurrences.
        axis: the axis whose slices are compared; None compares single elements.
        size: the number of elements to return; required in a graph and under `jit`.
        fill_value: the padding if there are fewer unique elements than `size`.
    """
    result: Array | tuple[Array, ...] = jnp.unique(
        x, return_index, return_inverse, return_counts, axis, size=size, fill_value=fill_value
    )
    return result


def _histogram(
    x: Array, bins: int = 10, range: tuple[float, float] | None = None
) -> tuple[Array, ...]:
    return jnp.histogram(x, bins, range)


def _isin(x1: Array, x2: Array, assume_unique: bool = False, invert: bool = False) -> Array:
    return jnp.isin(x1, x2, assume_unique, invert)


def _allclose(
    x1: Array, x2: Array, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    return jnp.allclose(x1, x2, rtol, atol, equal_nan)


define(
    "numpy",
    {
        "allclose": _allclose,
        "digitize": lambda x, bins: jnp.digitize(x, bins),
        "histogram": _histogram,
        "isin": _isin,
    },
    kinds={"allclose": "AllClose", "isin": "IsIn"},
    arguments={"digitize": "x bins"},
)
