"""Dtypes, shapes, conversions and views of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import SymbolicTensor, static_shape
from kerasish.core.types import Array, ArrayLike, DTypeLike
from kerasish.core.variable import Variable
from kerasish.ops._creation import canonical_dtype, known_dtype
from kerasish.ops._define import define, operation, unrecorded

__all__ = [
    "convert_to_numpy",
    "convert_to_tensor",
    "dtype",
    "is_tensor",
    "ndim",
    "saturate_cast",
    "shape",
    "size",
    "view_as_complex",
    "view_as_real",
]


@unrecorded("core")
def convert_to_numpy(x: ArrayLike | Variable | Sequence[Any]) -> np.ndarray[Any, Any]:
    """Convert an array, a variable, a number or a list to a NumPy array."""
    return np.asarray(x)


@operation("core")
def convert_to_tensor(
    x: ArrayLike | Sequence[Any],
    dtype: DTypeLike | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
) -> Array:
    """Convert a number, a list or a NumPy array to a JAX array.

    Args:
        x: what to convert.
        dtype: the dtype; by default that of `x`.
        sparse: accepted as in Keras; must not be True.
        ragged: accepted as in Keras; must not be True.

    Raises:
        ArgumentError: if `sparse` or `ragged` is True.
    """
    if sparse or ragged:
        raise ArgumentError("Sparse and ragged tensors are not supported; leave the flag out.")
    return jnp.asarray(x, known_dtype(dtype))


@unrecorded("core")
def dtype(x: ArrayLike | SymbolicTensor | Variable | Sequence[Any]) -> str:
    """Return the name of the dtype of a tensor, an array or a variable."""
    own = getattr(x, "dtype", None)
    return str(jnp.result_type(x) if own is None else np.dtype(own))


@unrecorded("core")
def is_tensor(x: object) -> bool:
    """Return whether `x` is a JAX array."""
    return isinstance(x, jax.Array)


@unrecorded("core")
def shape(x: ArrayLike | SymbolicTensor | Variable | Sequence[Any]) -> tuple[int | None, ...]:
    """Return the shape of a tensor or array; in a graph, unknown sizes are None."""
    if isinstance(x, SymbolicTensor):
        return x.shape
    return tuple(x.shape) if hasattr(x, "shape") else static_shape(np.shape(x))


@unrecorded("numpy")
def ndim(x: ArrayLike | SymbolicTensor | Variable | Sequence[Any]) -> int:
    """Return the number of dimensions."""
    return int(x.ndim) if isinstance(x, (SymbolicTensor, Variable)) else np.ndim(x)


@operation("numpy")
def size(x: Array) -> int:
    """Return the number of elements."""
    return jnp.size(x)


@operation("core")
def saturate_cast(x: ArrayLike, dtype: DTypeLike) -> Array:
    """Cast `x` to another dtype, with values clipped to its range.

    Args:
        x: an array.
        dtype: the target dtype.
    """
    x, dtype = jnp.asarray(x), canonical_dtype(dtype)
    low, high = _range(dtype)
    own_low, own_high = _range(x.dtype)
    # Round the upper bound down if it is not exact in the dtype of `x` (int32 in float32).
    low, high = max(low, own_low), min(high, own_high)
    if jnp.issubdtype(x.dtype, jnp.floating) and jnp.issubdtype(dtype, jnp.integer):
        high = (
            float(np.nextafter(np.asarray(high, x.dtype), np.asarray(0, x.dtype), dtype=x.dtype))
            if float(np.asarray(high, x.dtype)) > high
            else high
        )
    return jnp.clip(x, np.asarray(low, x.dtype), np.asarray(high, x.dtype)).astype(dtype)


def _range(dtype: np.dtype[Any]) -> tuple[int | float, int | float]:
    if dtype == jnp.bool_:
        return 0, 1
    if jnp.issubdtype(dtype, jnp.floating):
        return float(jnp.finfo(dtype).min), float(jnp.finfo(dtype).max)
    return int(jnp.iinfo(dtype).min), int(jnp.iinfo(dtype).max)


@operation("math")
def view_as_complex(x: Array) -> Array:
    """Convert pairs of real and imaginary part to complex numbers: `(..., 2) -> (...)`."""
    return jax.lax.complex(x[..., 0], x[..., 1])


@operation("math")
def view_as_real(x: Array) -> Array:
    """Convert complex numbers to pairs of real and imaginary part: `(...) -> (..., 2)`."""
    return jnp.stack([jnp.real(x), jnp.imag(x)], -1)


define("core", {"cast": lambda x, dtype: jnp.asarray(x).astype(known_dtype(dtype))})
define("core", {"stop_gradient": lambda variable: jax.lax.stop_gradient(variable)}, docs="jax.lax")
define(
    "nn",
    {"polar": lambda abs_, angle: jax.lax.complex(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle))},
    arguments={"polar": "abs_ angle"},
)
define("numpy", {"view": lambda x, dtype=None: x.view(known_dtype(dtype or x.dtype))})
