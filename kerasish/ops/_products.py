"""Products and linear algebra: matmul, einsum, norm, svd, solve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.numpy import linalg

from kerasish.core.types import Array, PyTree
from kerasish.ops._define import binary, define, family, operation, unary

__all__ = ["cdist", "einsum", "jvp"]


def _cross(
    x1: Array, x2: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Array:
    """Return the cross product; for vectors of two components, its third component.

    Such vectors are padded with 0, since JAX 0.11 and later does not accept them.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = jnp.moveaxis(x1, axisa, -1), jnp.moveaxis(x2, axisb, -1)
    planar = x1.shape[-1] == x2.shape[-1] == 2
    product = jnp.cross(_pad_to_3d(x1), _pad_to_3d(x2))
    return product[..., 2] if planar else jnp.moveaxis(product, -1, axisc)


def _pad_to_3d(x: Array) -> Array:
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)]) if x.shape[-1] == 2 else x


def _corrcoef(x: Array) -> Array:
    """Return the correlation coefficients of the rows of `x`."""
    rows = jnp.atleast_2d(x)
    rows = rows - jnp.mean(rows, 1, keepdims=True)
    products = rows @ rows.T
    length = jnp.sqrt(jnp.diagonal(products))
    found = jnp.clip(products / length[:, None] / length[None], -1, 1)
    return found[0, 0] if x.ndim < 2 else found


def _cholesky(x: Array, upper: bool = False) -> Array:
    result: Array = linalg.cholesky(x, upper=upper)
    return result


def _cholesky_inverse(x: Array, upper: bool = False) -> Array:
    """Return the inverse of the matrix whose Cholesky factor is `x`."""
    identity = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    return jax.scipy.linalg.cho_solve((x, not upper), identity)


def _solve_triangular(a: Array, b: Array, lower: bool = False) -> Array:
    if vector := b.ndim == a.ndim - 1:
        b = b[..., None]
    x = jax.lax.linalg.triangular_solve(a, b, left_side=True, lower=lower)
    return x[..., 0] if vector else x


def _solve(a: Array, b: Array) -> Array:
    vector = b.ndim == a.ndim - 1
    x = linalg.solve(a, b[..., None] if vector else b)
    result: Array = x[..., 0] if vector else x
    return result


def _norm(
    x: Array,
    ord: int | float | str | None = None,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
) -> Array:
    result: Array = linalg.norm(x, ord, axis, keepdims)
    return result


def _svd(
    x: Array, full_matrices: bool = True, compute_uv: bool = True
) -> Array | tuple[Array, ...]:
    found = linalg.svd(x, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


@operation("numpy", arguments="operands")
def einsum(subscripts: str, *operands: Array, **kwargs: Any) -> Array:
    """Evaluate the Einstein summation convention, for example `"ij,jk->ik"`."""
    return jnp.einsum(subscripts, *operands, **kwargs)


@operation("math", "CDist")
def cdist(x: Array, y: Array) -> Array:
    """Compute the Euclidean distance of each row of `x` to each row of `y`.

    Shapes: `(..., n, size), (..., m, size) -> (..., n, m)`.
    """
    return jnp.sqrt(jnp.sum((x[..., :, None, :] - y[..., None, :, :]) ** 2, -1))


@operation("linalg", "JVP", arguments="fun primals tangents", raw=True)
def jvp(
    fun: Callable[..., Any],
    primals: Sequence[PyTree],
    tangents: Sequence[PyTree],
    has_aux: bool = False,
) -> tuple[PyTree, ...]:
    """Compute the Jacobian-vector product (forward-mode derivative) of a function.

    Args:
        fun: a function of arrays.
        primals: the arguments of the function.
        tangents: the direction, with one tangent for each argument.
        has_aux: whether the function returns `(value, auxiliary data)`.
    """
    return jax.jvp(fun, tuple(primals), tuple(tangents), has_aux)


define(
    "numpy",
    {
        "corrcoef": _corrcoef,
        "slogdet": lambda x: tuple(linalg.slogdet(x)),
        **family(binary, jnp, "dot inner kron matmul outer vdot"),
        "correlate": lambda x1, x2, mode="valid": jnp.correlate(x1, x2, mode),
        "cross": _cross,
        "tensordot": lambda x1, x2, axes=2: jnp.tensordot(x1, x2, axes),
    },
)
define("math", {"logdet": lambda x: linalg.slogdet(x)[1]})
define(
    "linalg",
    {
        **family(unary, linalg, "det inv"),
        "cholesky": _cholesky,
        "cholesky_inverse": _cholesky_inverse,
        "eig": lambda x: tuple(linalg.eig(x)),
        "eigh": lambda x: tuple(linalg.eigh(x)),
        "lstsq": lambda a, b, rcond=None: linalg.lstsq(a, b, rcond)[0],
        "lu_factor": lambda x: tuple(jax.scipy.linalg.lu_factor(x)),
        "matrix_rank": lambda x, tol=None: linalg.matrix_rank(x, tol),
        "norm": _norm,
        "pinv": lambda x, rcond=None: linalg.pinv(x, rcond),
        "qr": lambda x, mode="reduced": tuple(linalg.qr(x, mode)),
        "solve": _solve,
        "solve_triangular": _solve_triangular,
        "svd": _svd,
    },
    kinds={"svd": "SVD"},
    docs="jax.numpy.linalg",
)
