"""Explanation: why a loss stopped being a number, as an object and in words."""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import kerasish.core
from kerasish.core.types import PyTree
from kerasish.training.diagnosis.nonfinite_interpreter import Origin

__all__ = [
    "Explanation",
    "advice",
    "as_list",
    "counted",
    "got",
    "overflows",
    "rows",
    "slope",
    "span",
]

# Operations whose results depend on more than the numbers at one place, by how they begin.
_WHOLE = ("dot_general", "conv_", "fft", "cum", "reduce_", "sort", "scan", "while", "triangular")

# A list of samples is told up to so many.
_TOLD = 8
# Of a line of the user's, so many letters.
_WIDTH = 60
_LIBRARIES = (Path(jax.__file__).parent, Path(kerasish.core.__file__).parent.parent)

# What goes wrong at the edge of what an operation takes, and what to do.
_EDGES = {
    ("log", "log1p", "log2"): "a logarithm needs numbers above 0: keep them away from it, as in "
    "`log(maximum(x, 1e-7))`, or compute the loss from logits",
    ("div", "rem"): "nothing can be divided by 0: add a small number below the line, or choose "
    "another divisor with `where` before dividing",
    ("sqrt", "rsqrt", "cbrt", "pow", "integer_pow"): "a root or power is not defined there, or "
    "has no slope: add a small number, as in `sqrt(x + 1e-12)`",
    ("acos", "asin", "atanh", "acosh", "erf_inv"): "keep the numbers within what the function "
    "is defined for, as with `clip`",
    ("gather", "dynamic_slice"): "an index is out of range: compare the largest one with the "
    "size of what it looks up, such as `input_dim` of an `Embedding`",
}


@dataclass(frozen=True)
class Explanation:
    """What was found out about a loss that is not finite.

    Attributes:
        kind: where it began: `"data"`, `"layer"` (in the forward pass), `"loss"`, `"gradient"`
            (the loss of that step was finite still), `"update"` (the gradients were, too),
            `"weights"` (they were wrong before all that is remembered), or `"unknown"`.
        epoch: the epoch of the step in which it began, counted from 0.
        batch: the batch of that epoch, counted from 0.
        step: how many steps the model had made before it.
        layer: the path of the layer, such as `"block/dense_1"`; None if it was in none.
        weight: the path of the weight that went wrong, or has grown too large; None for none.
        samples: the samples that it began with, by their rows in the batch; None if it was not
            in single ones.
        indices: the same by their places in the arrays that `fit` was given; None if the data
            are no arrays.
        operation: what made it, in JAX's words, such as `"log"`; None if it was there already.
        message: all of this in words.
    """

    kind: str
    epoch: int
    batch: int
    step: int
    layer: str | None = None
    weight: str | None = None
    samples: list[int] | None = None
    indices: list[int] | None = None
    operation: str | None = None
    message: str = ""


def rows(value: PyTree, size: int) -> list[int] | None:
    """Return which samples of a value are not finite; None if it has no row for each.

    Args:
        value: an array.
        size: samples in the batch.
    """
    if value is None or np.ndim(value) == 0 or np.shape(value)[0] != size:
        return None
    wrong = ~np.asarray(jnp.isfinite(jnp.asarray(value))).reshape(size, -1).all(1)
    return [int(row) for row in np.flatnonzero(wrong)]


def counted(value: PyTree) -> str:
    """Return how many numbers of an array are what: `"3 of 128 values are nan"`."""
    array = jnp.asarray(value)
    nan, inf = int(jnp.isnan(array).sum()), int(jnp.isinf(array).sum())
    names = [name for name, count in (("nan", nan), ("inf", inf)) if count]
    count = nan + inf
    verb = "is" if count == 1 else "are"
    return f"{count} of {array.size} values {verb} {' or '.join(names) or 'finite'}"


def as_list(numbers: list[int]) -> str:
    """Return numbers in brackets, the first of them if there are many."""
    told = ", ".join(map(str, numbers[:_TOLD]))
    return f"[{told}, ...]" if len(numbers) > _TOLD else f"[{told}]"


def span(values: list[Any]) -> str:
    """Return from where to where the finite numbers of some arrays go."""
    flat = [_real(value).ravel() for value in values if np.size(value)]
    numbers = np.concatenate(flat) if flat else np.zeros(0)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return "nowhere finite"
    return f"from {numbers.min():.4g} to {numbers.max():.4g}"


def got(origin: Origin) -> str:
    """Return what an operation got where it went wrong, and from which line it was called."""
    operands = [_real(operand) for operand in origin.operands if not _is_key(operand)]
    if origin.operation == "gather":
        table, places, *_ = operands
        told = f"`gather` looked up {span([places])} in an array of shape {table.shape}"
        return told + _line(origin)
    result = np.asarray(jnp.isfinite(origin.result))
    if operands and _is_elementwise(origin, operands):
        place = tuple(np.argwhere(~result)[0]) if result.ndim else ()
        each = [f"{np.broadcast_to(array, result.shape)[place]:.4g}" for array in operands]
        told = f"`{origin.operation}` got {' and '.join(each)}"
    else:
        told = f"`{origin.operation}` got numbers {' and '.join(span([a]) for a in operands)}"
    return told + _line(origin)


def overflows(origin: Origin) -> bool:
    """Return whether the result of an operation is too large for its dtype."""
    result = _real(origin.result)
    if origin.operation in ("pow", "integer_pow"):
        base = np.broadcast_to(_real(origin.operands[0]), result.shape)
        return bool((np.isinf(result) & (abs(base) > 1)).any())
    edges = {name for names in _EDGES for name in names}
    return origin.operation not in edges and bool(np.isinf(result).any())


def slope(origin: Origin) -> str:
    """Return what to do about an operation in the backward pass."""
    if overflows(origin):
        return advice(origin)
    return (
        "a function has no slope where it was taken, as a root has none at 0: add a small number "
        "before it. What `where` leaves out is differentiated, too: choose before the function"
    )


def advice(origin: Origin) -> str:
    """Return what to do about an operation that went wrong."""
    if overflows(origin):
        dtype = jnp.asarray(origin.result).dtype
        largest = f"{float(jnp.finfo(dtype).max):.3g}"
        what = f"the numbers are too large for {dtype}, which ends at {largest}: "
        if dtype == jnp.float16:
            return f"{what}use 'mixed_bfloat16', or scale what comes in"
        return f"{what}scale what comes in, or train with a smaller learning rate or `clipnorm`"
    for names, words in _EDGES.items():
        if origin.operation in names:
            return words
    return "look at what the operation gets there"


def _line(origin: Origin) -> str:
    """Return the line of the user's that called the operation, if it is one."""
    frames = origin.traceback.frames if origin.traceback is not None else []
    for frame in frames:
        path = Path(frame.file_name)
        if _LIBRARIES[0] in path.parents:
            continue
        if _LIBRARIES[1] in path.parents:
            return ""
        text = linecache.getline(frame.file_name, frame.line_num).strip()
        text = text if len(text) <= _WIDTH else f"{text[:_WIDTH]} ..."
        return f", at {path.name}, line {frame.line_num}" + (f" (`{text}`)" if text else "")
    return ""


def _is_elementwise(origin: Origin, operands: list[np.ndarray]) -> bool:
    """Return whether each number of a result comes from those at its own place."""
    if origin.operation.startswith(_WHOLE):
        return False
    shape = np.shape(origin.result)
    return all(
        each.ndim in (0, len(shape))
        and all(n in (1, m) for n, m in zip(each.shape, shape, strict=bool(each.ndim)))
        for each in operands
    )


def _is_key(value: PyTree) -> bool:
    dtype = getattr(value, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)


def _real(value: PyTree) -> np.ndarray:
    """Return an array on the host in the widest numbers; of complex ones their size."""
    array = np.asarray(value)
    return (abs(array) if np.iscomplexobj(array) else array).astype("float64")
