"""Products of arrays, and the algebra of matrices."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.numpy import linalg

from kerasish.ops._define import define, family, operation

__all__ = ["cdist", "einsum", "jvp"]


def _of_one(function: Any) -> Any:
    return lambda x: function(x)


def _of_two(function: Any) -> Any:
    return lambda x1, x2: function(x1, x2)


def _cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Return the cross product; of vectors in the plane, its component out of the plane.

    Vectors of two components get a third of 0, since JAX (from 0.11) takes them no longer.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = jnp.moveaxis(x1, axisa, -1), jnp.moveaxis(x2, axisb, -1)
    planar = x1.shape[-1] == x2.shape[-1] == 2
    product = jnp.cross(_spatial(x1), _spatial(x2))
    return product[..., 2] if planar else jnp.moveaxis(product, -1, axisc)


def _spatial(x: Any) -> Any:
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)]) if x.shape[-1] == 2 else x


def _corrcoef(x: Any) -> Any:
    """Return how the rows of `x` go together, from -1 to 1."""
    rows = jnp.atleast_2d(x)
    rows = rows - jnp.mean(rows, 1, keepdims=True)
    products = rows @ rows.T
    length = jnp.sqrt(jnp.diagonal(products))
    found = jnp.clip(products / length[:, None] / length[None], -1, 1)
    return found[0, 0] if x.ndim < 2 else found


def _cholesky(x: Any, upper: bool = False) -> Any:
    return linalg.cholesky(x, upper=upper)


def _cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """Return the inverse of a matrix of which `x` is the Cholesky factor."""
    identity = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    return jax.scipy.linalg.cho_solve((x, not upper), identity)


def _solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    if vector := b.ndim == a.ndim - 1:
        b = b[..., None]
    x = jax.lax.linalg.triangular_solve(a, b, left_side=True, lower=lower)
    return x[..., 0] if vector else x


def _solve(a: Any, b: Any) -> Any:
    vector = b.ndim == a.ndim - 1
    x = linalg.solve(a, b[..., None] if vector else b)
    return x[..., 0] if vector else x


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return linalg.norm(x, ord, axis, keepdims)


def _svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    found = linalg.svd(x, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


@operation("numpy", arguments="operands")
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Return sums of products by Einstein's convention, as in `"ij,jk->ik"`."""
    return jnp.einsum(subscripts, *operands, **kwargs)


@operation("math", "CDist")
def cdist(x: Any, y: Any) -> Any:
    """Return the distance of each row of `x` from each of `y`.

    Shapes: `(..., n, size), (..., m, size) -> (..., n, m)`.
    """
    return jnp.sqrt(jnp.sum((x[..., :, None, :] - y[..., None, :, :]) ** 2, -1))


@operation("linalg", "JVP", arguments="fun primals tangents", raw=True)
def jvp(fun: Any, primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """Return the value of a function and its derivative in a direction.

    Args:
        fun: a function of arrays.
        primals: where: a tuple of its arguments.
        tangents: the direction, likewise.
        has_aux: whether it returns `(value, what else it has to say)`.
    """
    return jax.jvp(fun, tuple(primals), tuple(tangents), has_aux)


define(
    "numpy",
    {
        "corrcoef": _corrcoef,
        "slogdet": lambda x: tuple(linalg.slogdet(x)),
        **family(_of_two, jnp, "dot inner kron matmul outer vdot"),
        "correlate": lambda x1, x2, mode="valid": jnp.correlate(x1, x2, mode),
        "cross": _cross,
        "tensordot": lambda x1, x2, axes=2: jnp.tensordot(x1, x2, axes),
    },
)
define("math", {"logdet": lambda x: linalg.slogdet(x)[1]})
define(
    "linalg",
    {
        **family(_of_one, linalg, "det inv"),
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
