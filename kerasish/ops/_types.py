"""What an array is: its dtype and shape, and other ways to read the same numbers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.graph.symbolic import SymbolicTensor, static_shape
from kerasish.core.variable import Variable
from kerasish.ops._creation import known_dtype
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
def convert_to_numpy(x: Any) -> Any:
    """Return an array, a variable, a number or a list as a NumPy array."""
    return np.asarray(x)


@operation("core")
def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """Return a number, a list or a NumPy array as an array of JAX.

    Args:
        x: what to convert.
        dtype: the dtype; told from `x` unless given.
        sparse: accepted for Keras's sake; there are no sparse arrays here.
        ragged: likewise.

    Raises:
        ArgumentError: if a sparse or ragged one is asked for.
    """
    if sparse or ragged:
        raise ArgumentError("There are no sparse or ragged tensors on JAX; leave the flag out.")
    return jnp.asarray(x, known_dtype(dtype))


@unrecorded("core")
def dtype(x: Any) -> str:
    """Return the name of the dtype of a tensor, an array or a variable."""
    own = getattr(x, "dtype", None)
    return str(jnp.result_type(x) if own is None else np.dtype(own))


@unrecorded("core")
def is_tensor(x: Any) -> bool:
    """Return whether `x` is an array of JAX."""
    return isinstance(x, jax.Array)


@unrecorded("core")
def shape(x: Any) -> tuple[int | None, ...]:
    """Return the sizes of a tensor or array; of a tensor of a graph, None where unknown."""
    if isinstance(x, SymbolicTensor):
        return x.shape
    return tuple(x.shape) if hasattr(x, "shape") else static_shape(np.shape(x))


@unrecorded("numpy")
def ndim(x: Any) -> int:
    """Return the number of dimensions."""
    return int(x.ndim) if isinstance(x, (SymbolicTensor, Variable)) else jnp.ndim(x)


@operation("numpy")
def size(x: Any) -> Any:
    """Return the number of elements."""
    return jnp.size(x)


@operation("core")
def saturate_cast(x: Any, dtype: Any) -> Any:
    """Return `x` in another dtype; what lies outside of its range becomes its end.

    Args:
        x: an array.
        dtype: the dtype.
    """
    x, dtype = jnp.asarray(x), known_dtype(dtype)
    low, high = _range(dtype)
    own_low, own_high = _range(x.dtype)
    # Both ends in a dtype that holds them: those of int32 are no float32.
    low, high = max(low, own_low), min(high, own_high)
    if jnp.issubdtype(x.dtype, jnp.floating) and jnp.issubdtype(dtype, jnp.integer):
        high = (
            float(np.nextafter(np.asarray(high, x.dtype), np.asarray(0, x.dtype), dtype=x.dtype))
            if float(np.asarray(high, x.dtype)) > high
            else high
        )
    return jnp.clip(x, np.asarray(low, x.dtype), np.asarray(high, x.dtype)).astype(dtype)


def _range(dtype: Any) -> tuple[Any, Any]:
    if dtype == jnp.bool_:
        return 0, 1
    info: Any = jnp.finfo(dtype) if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype)
    return info.min, info.max


@operation("math")
def view_as_complex(x: Any) -> Any:
    """Return complex numbers for pairs of real and imaginary part: `(..., 2) -> (...)`."""
    return jax.lax.complex(x[..., 0], x[..., 1])


@operation("math")
def view_as_real(x: Any) -> Any:
    """Return pairs of real and imaginary part for complex numbers: `(...) -> (..., 2)`."""
    return jnp.stack([jnp.real(x), jnp.imag(x)], -1)


define("core", {"cast": lambda x, dtype: jnp.asarray(x).astype(known_dtype(dtype))})
define("core", {"stop_gradient": lambda variable: jax.lax.stop_gradient(variable)}, docs="jax.lax")
define(
    "nn",
    {"polar": lambda abs_, angle: jax.lax.complex(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle))},
    arguments={"polar": "abs_ angle"},
)
define("numpy", {"view": lambda x, dtype=None: x.view(known_dtype(dtype or x.dtype))})
