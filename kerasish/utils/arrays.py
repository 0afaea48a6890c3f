"""Small functions of NumPy arrays, and of lists that become arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, DataError

__all__ = ["normalize", "pad_sequences", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Turn class numbers into one-hot vectors.

    Args:
        x: whole numbers from 0, `(...)` or `(..., 1)`.
        num_classes: how many classes there are; one more than the largest by default.

    Returns:
        A float32 array `(..., num_classes)`.

    Raises:
        DataError: if a number is out of range, or there is something else.

    Examples:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(x)
    if given.dtype.kind in "OSTU":
        raise DataError(
            "to_categorical takes class numbers; got texts or objects. Number the classes: "
            "`np.unique(y, return_inverse=True)[1]`."
        )
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise DataError("to_categorical takes class numbers; got NaN or infinity.")
    classes = given.astype("int64")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    count = int(classes.max(initial=-1)) + 1 if num_classes is None else num_classes
    if classes.size and not -count <= classes.min() <= classes.max() < count:
        raise DataError(
            f"to_categorical was told of {count} classes; the class numbers go from "
            f"{classes.min()} to {classes.max()}."
        )
    one_hot: np.ndarray = np.eye(count, dtype="float32")[classes]
    return one_hot


def normalize(x: Any, axis: int = -1, order: float = 2) -> Any:
    """Divide by the norm along an axis; where that is 0, nothing changes.

    Args:
        x: an array.
        axis: along which the norm is taken.
        order: of the norm, such as 1, 2 or `numpy.inf`.

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
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Make sequences one length: longer ones are cut, shorter ones padded.

    Args:
        sequences: lists or arrays `(steps, ...)`.
        maxlen: the length; that of the longest by default.
        dtype: of the result.
        padding: `"pre"` pads at the beginning, `"post"` at the end.
        truncating: `"pre"` cuts off the beginning, `"post"` the end.
        value: what to pad with.

    Returns:
        `(sequences, maxlen, ...)`.

    Raises:
        ArgumentError: if `padding` or `truncating` is neither, or `value` does not fit `dtype`.
        DataError: if the sequences are none, or their steps differ in shape.

    Examples:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
        [[0, 1], [2, 3], [5, 6]]
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ArgumentError(f"{name} must be 'pre' or 'post'; got {side!r}.")
    if isinstance(value, str) and np.dtype(dtype).kind not in "OSU":
        raise ArgumentError(f"The value {value!r} is no {np.dtype(dtype)}; give dtype=object.")
    try:
        given = [(np.asarray(each, dtype), len(each)) for each in sequences]
    except (TypeError, ValueError) as error:
        raise DataError(
            f"pad_sequences wants sequences of values of dtype {np.dtype(dtype)}: {error}."
        ) from error
    length = max((n for _, n in given), default=0) if maxlen is None else maxlen
    step: tuple[int, ...] = next((each.shape[1:] for each, n in given if n), ())
    padded = np.full((len(given), length, *step), value, dtype)
    for row, (each, n) in zip(padded, given, strict=True):
        if n and each.shape[1:] != step:
            raise DataError(
                f"The steps of all sequences must have one shape; got {step} and {each.shape[1:]}."
            )
        kept = each[max(n - length, 0) :] if truncating == "pre" else each[:length]
        if len(kept):
            row[slice(-len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return padded
