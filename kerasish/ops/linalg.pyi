"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]
from kerasish.ops import cholesky as cholesky
from kerasish.ops import cholesky_inverse as cholesky_inverse
from kerasish.ops import det as det
from kerasish.ops import eig as eig
from kerasish.ops import eigh as eigh
from kerasish.ops import inv as inv
from kerasish.ops import jvp as jvp
from kerasish.ops import lstsq as lstsq
from kerasish.ops import lu_factor as lu_factor
from kerasish.ops import matrix_rank as matrix_rank
from kerasish.ops import norm as norm
from kerasish.ops import pinv as pinv
from kerasish.ops import qr as qr
from kerasish.ops import solve as solve
from kerasish.ops import solve_triangular as solve_triangular
from kerasish.ops import svd as svd
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
