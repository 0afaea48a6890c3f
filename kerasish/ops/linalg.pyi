"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]

def cholesky(x: TensorLike, upper: bool = ...) -> Array:
    """`jax.numpy.linalg.cholesky`, with Keras's parameters."""


def cholesky_inverse(x: TensorLike, upper: bool = ...) -> Array:
    """Return the inverse of a matrix of which `x` is the Cholesky factor."""


def det(x: TensorLike) -> Array:
    """`jax.numpy.linalg.det`, with Keras's parameters."""


def eig(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.linalg.eig`, with Keras's parameters."""


def eigh(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.linalg.eigh`, with Keras's parameters."""


def inv(x: TensorLike) -> Array:
    """`jax.numpy.linalg.inv`, with Keras's parameters."""


def jvp(fun: Any, primals: Any, tangents: Any, has_aux: bool = ...) -> Any:
    """Return the value of a function and its derivative in a direction."""


def lstsq(a: TensorLike, b: TensorLike, rcond: Any = ...) -> Array:
    """`jax.numpy.linalg.lstsq`, with Keras's parameters."""


def lu_factor(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.linalg.lu_factor`, with Keras's parameters."""


def matrix_rank(x: TensorLike, tol: Any = ...) -> Array:
    """`jax.numpy.linalg.matrix_rank`, with Keras's parameters."""


def norm(x: TensorLike, ord: Any = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.linalg.norm`, with Keras's parameters."""


def pinv(x: TensorLike, rcond: Any = ...) -> Array:
    """`jax.numpy.linalg.pinv`, with Keras's parameters."""


def qr(x: TensorLike, mode: str = ...) -> tuple[Array, ...]:
    """`jax.numpy.linalg.qr`, with Keras's parameters."""


def solve(a: TensorLike, b: TensorLike) -> Array:
    """`jax.numpy.linalg.solve`, with Keras's parameters."""


def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = ...) -> Array:
    """`jax.numpy.linalg.solve_triangular`, with Keras's parameters."""


def svd(x: TensorLike, full_matrices: bool = ..., compute_uv: bool = ...) -> Any:
    """`jax.numpy.linalg.svd`, with Keras's parameters."""

__all__: list[str] = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "inv",
    "jvp",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_triangular",
    "svd",
]
