"""Array utilities: to_categorical, normalize, pad_sequences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import jax
import numpy as np
import numpy.typing as npt

from kerasish.core.errors import ArgumentError, DataError
from kerasish.core.types import Array, DTypeLike

__all__ = ["normalize", "pad_sequences", "to_categorical"]


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> np.ndarray:
    """Convert class indices to one-hot vectors.

    Args:
        x: non-negative integers of shape `(...)` or `(..., 1)`.
        num_classes: the number of classes; by default the largest index plus one.

    Returns:
        A float32 array of shape `(..., num_classes)`.

    Raises:
        DataError: if an index is out of range or not a number.

    Examples:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(x)
    if given.dtype.kind in "OSTU":
        raise DataError(
            "to_categorical expects class indices; got strings or objects. Convert labels to "
            "indices "
            "with `np.unique(y, return_inverse=True)[1]`."
        )
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise DataError("to_categorical expects class indices; got NaN or infinity.")
    classes = given.astype("int64")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    count = int(classes.max(initial=-1)) + 1 if num_classes is None else num_classes
    if classes.size and not -count <= classes.min() <= classes.max() < count:
        raise DataError(
            f"to_categorical expects indices of {count} classes; got indices from "
            f"{classes.min()} to {classes.max()}."
        )
    one_hot: np.ndarray = np.eye(count, dtype="float32")[classes]
    return one_hot


def normalize(x: npt.ArrayLike, axis: int = -1, order: float = 2) -> np.ndarray | Array:
    """Divide an array by its norm along an axis, except where the norm is 0.

    Args:
        x: an array.
        axis: the axis of the norm.
        order: the order of the norm, such as 1, 2 or `numpy.inf`.

    Returns:
        An array of the same shape; a JAX array if `x` is one.

    Examples:
        >>> normalize([[3.0, 4.0]]).round(2).tolist()
        [[0.6, 0.8]]
    """
    if isinstance(x, jax.Array):
        import jax.numpy as xnp
    else:
        import numpy as xnp  # type: ignore[no-redef]
    x = xnp.atleast_1d(xnp.asarray(x))
    norm = xnp.linalg.norm(x, order, axis, keepdims=True)
    return x / xnp.where(norm == 0, 1, norm)


def pad_sequences(
    sequences: Iterable[Sequence[Any]],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: object = 0.0,
) -> np.ndarray:
    """Pad or truncate sequences to the same length.

    Args:
        sequences: lists or arrays of shape `(steps, ...)`.
        maxlen: the length; by default that of the longest sequence.
        dtype: the dtype of the result.
        padding: `"pre"` pads at the beginning, `"post"` at the end.
        truncating: `"pre"` truncates at the beginning, `"post"` at the end.
        value: the padding value.

    Returns:
        An array of shape `(sequences, maxlen, ...)`.

    Raises:
        ArgumentError: if `padding` or `truncating` is unknown, or `value` does not fit `dtype`.
        DataError: if an element is not a sequence, or the steps differ in shape.

    Examples:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
        [[0, 1], [2, 3], [5, 6]]
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ArgumentError(f"{name} must be 'pre' or 'post'; got {side!r}.")
    if isinstance(value, str) and np.dtype(dtype).kind not in "OSU":
        raise ArgumentError(
            f"The value {value!r} is not of dtype {np.dtype(dtype)}; pass dtype=object."
        )
    try:
        given = [(np.asarray(each, dtype), len(each)) for each in sequences]
    except (TypeError, ValueError) as error:
        raise DataError(
            f"pad_sequences expects sequences of values of dtype {np.dtype(dtype)}: {error}."
        ) from error
    length = max((n for _, n in given), default=0) if maxlen is None else maxlen
    step: tuple[int, ...] = next((each.shape[1:] for each, n in given if n), ())
    padded = np.full((len(given), length, *step), value, dtype)
    for row, (each, n) in zip(padded, given, strict=True):
        if n and each.shape[1:] != step:
            raise DataError(
                f"The steps of all sequences must have the same shape; got {step} and "
                f"{each.shape[1:]}."
            )
        kept = each[max(n - length, 0) :] if truncating == "pre" else each[:length]
        if len(kept):
            row[slice(-len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return padded
