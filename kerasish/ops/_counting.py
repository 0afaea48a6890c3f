"""Numbers as categories: counted, looked up, written as one among many."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.settings import config
from kerasish.ops._creation import known_dtype
from kerasish.ops._define import define, operation

__all__ = ["bincount", "in_top_k", "multi_hot", "one_hot", "top_k", "unique"]


def _dense(sparse: bool) -> None:
    if sparse:
        raise ArgumentError("There are no sparse tensors here; leave `sparse` out.")


@operation("nn")
def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Any:
    """Return 1 at the place of each number and 0 elsewhere, along a new axis.

    Args:
        x: whole numbers from 0; others give nothing but zeros.
        num_classes: the size of the new axis.
        axis: where it is.
        dtype: the dtype; `config.floatx()` by default.
        sparse: accepted for Keras's sake; must be False.

    Examples:
        >>> one_hot([0, 2], 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    _dense(sparse)
    return jax.nn.one_hot(x, num_classes, axis=axis, dtype=known_dtype(dtype or config.floatx()))


@operation("nn")
def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """Return 1 at the places of all numbers of a sample and 0 elsewhere.

    Shapes: `(batch, n) -> (batch, num_classes)`; `(n,) -> (num_classes,)`.

    Args:
        inputs: whole numbers from 0.
        num_classes: how many there are.
        axis: of the result, where the classes are.
        dtype: the dtype; `config.floatx()` by default.
        sparse: accepted for Keras's sake; must be False.
        **kwargs: `num_tokens`, an old name of `num_classes`.

    Examples:
        >>> multi_hot([0, 2], 3).tolist()
        [1.0, 0.0, 1.0]
    """
    _dense(sparse)
    if num_classes is None:
        num_classes = kwargs.pop("num_tokens", None)
    if num_classes is None or kwargs:
        raise ArgumentError(f"multi_hot takes `num_classes`; got {sorted(kwargs) or None}.")
    reduced = 1 if inputs.ndim > 1 else 0
    return one_hot(inputs, num_classes, axis, dtype).max(axis=reduced)


@operation("math", "TopK")
def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """Return the `k` largest elements along the last axis, and their indices.

    Args:
        x: an array.
        k: how many.
        sorted: accepted for Keras's sake: they are, the largest first.
    """
    return tuple(jax.lax.top_k(x, k))


@operation("math", "InTopK", "targets predictions")
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Return for each target whether it is among the `k` largest predictions.

    Shapes: `(batch,), (batch, classes) -> (batch,)`.

    Args:
        targets: class numbers.
        predictions: a score for each class.
        k: how many count.

    Examples:
        >>> in_top_k([0, 2], [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], 2).tolist()
        [True, False]
    """
    own = jnp.take_along_axis(predictions, targets[..., None], -1)
    kth = jax.lax.top_k(predictions, k)[0][..., -1:]
    # A tie at the last place counts for all that share it.
    return (own >= kth)[..., 0]


@operation("numpy")
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """Return how often each number from 0 to the largest occurs.

    Shapes: `(n,) -> (numbers,)`; `(batch, n) -> (batch, numbers)`.

    Args:
        x: whole numbers from 0.
        weights: what each counts instead of 1, in the shape of `x`.
        minlength: how many numbers to count at least.
        sparse: accepted for Keras's sake; must be False.
    """
    _dense(sparse)
    weights = None if weights is None else jnp.asarray(weights)
    if x.ndim == 1:
        return jnp.bincount(x, weights, minlength)
    length = max(minlength, int(x.max()) + 1)
    if weights is None:
        return jax.vmap(lambda row: jnp.bincount(row, length=length))(x)
    return jax.vmap(lambda row, own: jnp.bincount(row, own, length=length))(x, weights)


@operation("numpy")
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """Return the elements that differ; see `jax.numpy.unique`.

    Args:
        x: an array.
        sorted: accepted for Keras's sake: they are.
        return_index: whether to return also where each occurs first.
        return_inverse: whether to return also which of them each element is.
        return_counts: whether to return also how often each occurs.
        axis: the axis whose slices are compared; None takes single elements.
        size: how many to return; needed in a graph and under `jit`.
        fill_value: what stands where there are fewer.
    """
    return jnp.unique(
        x, return_index, return_inverse, return_counts, axis, size=size, fill_value=fill_value
    )


def _histogram(x: Any, bins: int = 10, range: Any = None) -> Any:
    return jnp.histogram(x, bins, range)


def _isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    return jnp.isin(x1, x2, assume_unique, invert)


def _allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
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
