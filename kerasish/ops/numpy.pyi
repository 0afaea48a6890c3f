"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]

def abs(x: TensorLike) -> Array:
    """`jax.numpy.abs`, with Keras's parameters."""


def absolute(x: TensorLike) -> Array:
    """`jax.numpy.absolute`, with Keras's parameters."""


def add(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.add`, with Keras's parameters."""


def all(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.all`, with Keras's parameters."""


def allclose(x1: TensorLike, x2: TensorLike, rtol: float = ..., atol: float = ..., equal_nan: bool = ...) -> Array:
    """`jax.numpy.allclose`, with Keras's parameters."""


def amax(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.amax`, with Keras's parameters."""


def amin(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.amin`, with Keras's parameters."""


def angle(x: TensorLike) -> Array:
    """`jax.numpy.angle`, with Keras's parameters."""


def any(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.any`, with Keras's parameters."""


def append(x1: TensorLike, x2: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.append`, with Keras's parameters."""


def arange(start: TensorLike, stop: TensorLike | None = ..., step: Any = ..., dtype: Any = ...) -> Array:
    """Return `start, start + step, ...` up to `stop`, without it; from 0 if it is alone."""


def arccos(x: TensorLike) -> Array:
    """`jax.numpy.arccos`, with Keras's parameters."""


def arccosh(x: TensorLike) -> Array:
    """`jax.numpy.arccosh`, with Keras's parameters."""


def arcsin(x: TensorLike) -> Array:
    """`jax.numpy.arcsin`, with Keras's parameters."""


def arcsinh(x: TensorLike) -> Array:
    """`jax.numpy.arcsinh`, with Keras's parameters."""


def arctan(x: TensorLike) -> Array:
    """`jax.numpy.arctan`, with Keras's parameters."""


def arctan2(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.arctan2`, with Keras's parameters."""


def arctanh(x: TensorLike) -> Array:
    """`jax.numpy.arctanh`, with Keras's parameters."""


def argmax(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.argmax`, with Keras's parameters."""


def argmin(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.argmin`, with Keras's parameters."""


def argpartition(x: TensorLike, kth: Any, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.argpartition`, with Keras's parameters."""


def argsort(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.argsort`, with Keras's parameters."""


def array(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.array`, with Keras's parameters."""


def array_split(x: TensorLike, indices_or_sections: Any, axis: int | Sequence[int] | None = ...) -> list[Array]:
    """`jax.numpy.array_split`, with Keras's parameters."""


def average(x: TensorLike, axis: int | Sequence[int] | None = ..., weights: Any = ...) -> Array:
    """`jax.numpy.average`, with Keras's parameters."""


def bartlett(x: TensorLike) -> Array:
    """`jax.numpy.bartlett`, with Keras's parameters."""


def bincount(x: TensorLike, weights: Any = ..., minlength: int = ..., sparse: bool = ...) -> Array:
    """Return how often each number from 0 to the largest occurs."""


def bitwise_and(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.bitwise_and`, with Keras's parameters."""


def bitwise_invert(x: TensorLike) -> Array:
    """`jax.numpy.bitwise_invert`, with Keras's parameters."""


def bitwise_left_shift(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.bitwise_left_shift`, with Keras's parameters."""


def bitwise_not(x: TensorLike) -> Array:
    """`jax.numpy.bitwise_not`, with Keras's parameters."""


def bitwise_or(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.bitwise_or`, with Keras's parameters."""


def bitwise_right_shift(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.bitwise_right_shift`, with Keras's parameters."""


def bitwise_xor(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.bitwise_xor`, with Keras's parameters."""


def blackman(x: TensorLike) -> Array:
    """`jax.numpy.blackman`, with Keras's parameters."""


def broadcast_to(x: TensorLike, shape: Any) -> Array:
    """`jax.numpy.broadcast_to`, with Keras's parameters."""


def cbrt(x: TensorLike) -> Array:
    """`jax.numpy.cbrt`, with Keras's parameters."""


def ceil(x: TensorLike) -> Array:
    """`jax.numpy.ceil`, with Keras's parameters."""


def clip(x: TensorLike, x_min: Any, x_max: Any) -> Array:
    """`jax.numpy.clip`, with Keras's parameters."""


def concatenate(xs: Sequence[TensorLike], axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.concatenate`, with Keras's parameters."""


def conj(x: TensorLike) -> Array:
    """`jax.numpy.conj`, with Keras's parameters."""


def conjugate(x: TensorLike) -> Array:
    """`jax.numpy.conjugate`, with Keras's parameters."""


def copy(x: TensorLike) -> Array:
    """`jax.numpy.copy`, with Keras's parameters."""


def corrcoef(x: TensorLike) -> Array:
    """Return how the rows of `x` go together, from -1 to 1."""


def correlate(x1: TensorLike, x2: TensorLike, mode: str = ...) -> Array:
    """`jax.numpy.correlate`, with Keras's parameters."""


def cos(x: TensorLike) -> Array:
    """`jax.numpy.cos`, with Keras's parameters."""


def cosh(x: TensorLike) -> Array:
    """`jax.numpy.cosh`, with Keras's parameters."""


def count_nonzero(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.count_nonzero`, with Keras's parameters."""


def cross(x1: TensorLike, x2: TensorLike, axisa: int = ..., axisb: int = ..., axisc: int = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """Return the cross product; of vectors in the plane, its component out of the plane."""


def cumprod(x: TensorLike, axis: int | Sequence[int] | None = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.cumprod`, with Keras's parameters."""


def cumsum(x: TensorLike, axis: int | Sequence[int] | None = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.cumsum`, with Keras's parameters."""


def deg2rad(x: TensorLike) -> Array:
    """`jax.numpy.deg2rad`, with Keras's parameters."""


def diag(x: TensorLike, k: int = ...) -> Array:
    """`jax.numpy.diag`, with Keras's parameters."""


def diagflat(x: TensorLike, k: int = ...) -> Array:
    """`jax.numpy.diagflat`, with Keras's parameters."""


def diagonal(x: TensorLike, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Array:
    """`jax.numpy.diagonal`, with Keras's parameters."""


def diff(a: TensorLike, n: int = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.diff`, with Keras's parameters."""


def digitize(x: TensorLike, bins: Any) -> Array:
    """`jax.numpy.digitize`, with Keras's parameters."""


def divide(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.divide`, with Keras's parameters."""


def divide_no_nan(x1: TensorLike, x2: TensorLike) -> Array:
    """Return `x1 / x2`, and 0 where `x2` is 0."""


def dot(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.dot`, with Keras's parameters."""


def dsplit(x: TensorLike, indices_or_sections: Any) -> list[Array]:
    """`jax.numpy.dsplit`, with Keras's parameters."""


def dstack(xs: Sequence[TensorLike]) -> Array:
    """`jax.numpy.dstack`, with Keras's parameters."""


def einsum(subscripts: Any, *operands: Any, **kwargs: Any) -> Array:
    """Return sums of products by Einstein's convention, as in `"ij,jk->ik"`."""


def empty(shape: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.empty`, with Keras's parameters."""


def empty_like(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.empty_like`, with Keras's parameters."""


def equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.equal`, with Keras's parameters."""


def exp(x: TensorLike) -> Array:
    """`jax.numpy.exp`, with Keras's parameters."""


def exp2(x: TensorLike) -> Array:
    """`jax.numpy.exp2`, with Keras's parameters."""


def expand_dims(x: TensorLike, axis: int | Sequence[int] | None) -> Array:
    """`jax.numpy.expand_dims`, with Keras's parameters."""


def expm1(x: TensorLike) -> Array:
    """`jax.numpy.expm1`, with Keras's parameters."""


def eye(N: Any, M: Any = ..., k: int = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.eye`, with Keras's parameters."""


def fabs(x: TensorLike) -> Array:
    """`jax.numpy.fabs`, with Keras's parameters."""


def flip(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.flip`, with Keras's parameters."""


def fliplr(x: TensorLike) -> Array:
    """`jax.numpy.fliplr`, with Keras's parameters."""


def flipud(x: TensorLike) -> Array:
    """`jax.numpy.flipud`, with Keras's parameters."""


def floor(x: TensorLike) -> Array:
    """`jax.numpy.floor`, with Keras's parameters."""


def floor_divide(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.floor_divide`, with Keras's parameters."""


def fmax(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.fmax`, with Keras's parameters."""


def fmin(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.fmin`, with Keras's parameters."""


def fmod(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.fmod`, with Keras's parameters."""


def full(shape: Any, fill_value: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.full`, with Keras's parameters."""


def full_like(x: TensorLike, fill_value: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.full_like`, with Keras's parameters."""


def gcd(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.gcd`, with Keras's parameters."""


def geomspace(start: TensorLike, stop: TensorLike, num: int = ..., endpoint: bool = ..., dtype: Any = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.geomspace`, with Keras's parameters."""


def get_item(x: TensorLike, key: Any) -> Array:
    """Return `x[key]`; the key is what stands in brackets, a tuple for several axes."""


def greater(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.greater`, with Keras's parameters."""


def greater_equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.greater_equal`, with Keras's parameters."""


def hamming(x: TensorLike) -> Array:
    """`jax.numpy.hamming`, with Keras's parameters."""


def hanning(x: TensorLike) -> Array:
    """`jax.numpy.hanning`, with Keras's parameters."""


def heaviside(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.heaviside`, with Keras's parameters."""


def histogram(x: TensorLike, bins: int = ..., range: Any = ...) -> tuple[Array, ...]:
    """`jax.numpy.histogram`, with Keras's parameters."""


def hsplit(x: TensorLike, indices_or_sections: Any) -> list[Array]:
    """`jax.numpy.hsplit`, with Keras's parameters."""


def hstack(xs: Sequence[TensorLike]) -> Array:
    """`jax.numpy.hstack`, with Keras's parameters."""


def hypot(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.hypot`, with Keras's parameters."""


def i0(x: TensorLike) -> Array:
    """`jax.numpy.i0`, with Keras's parameters."""


def identity(n: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.identity`, with Keras's parameters."""


def imag(x: TensorLike) -> Array:
    """`jax.numpy.imag`, with Keras's parameters."""


def inner(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.inner`, with Keras's parameters."""


def isclose(x1: TensorLike, x2: TensorLike, rtol: float = ..., atol: float = ..., equal_nan: bool = ...) -> Array:
    """`jax.numpy.isclose`, with Keras's parameters."""


def isfinite(x: TensorLike) -> Array:
    """`jax.numpy.isfinite`, with Keras's parameters."""


def isin(x1: TensorLike, x2: TensorLike, assume_unique: bool = ..., invert: bool = ...) -> Array:
    """`jax.numpy.isin`, with Keras's parameters."""


def isinf(x: TensorLike) -> Array:
    """`jax.numpy.isinf`, with Keras's parameters."""


def isnan(x: TensorLike) -> Array:
    """`jax.numpy.isnan`, with Keras's parameters."""


def isneginf(x: TensorLike) -> Array:
    """`jax.numpy.isneginf`, with Keras's parameters."""


def isposinf(x: TensorLike) -> Array:
    """`jax.numpy.isposinf`, with Keras's parameters."""


def isreal(x: TensorLike) -> Array:
    """`jax.numpy.isreal`, with Keras's parameters."""


def kaiser(x: TensorLike, beta: Any) -> Array:
    """`jax.numpy.kaiser`, with Keras's parameters."""


def kron(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.kron`, with Keras's parameters."""


def lcm(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.lcm`, with Keras's parameters."""


def ldexp(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.ldexp`, with Keras's parameters."""


def left_shift(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.left_shift`, with Keras's parameters."""


def less(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.less`, with Keras's parameters."""


def less_equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.less_equal`, with Keras's parameters."""


def linspace(start: TensorLike, stop: TensorLike, num: int = ..., endpoint: bool = ..., retstep: bool = ..., dtype: Any = ..., axis: int | Sequence[int] | None = ...) -> Any:
    """`jax.numpy.linspace`, with Keras's parameters."""


def log(x: TensorLike) -> Array:
    """`jax.numpy.log`, with Keras's parameters."""


def log10(x: TensorLike) -> Array:
    """`jax.numpy.log10`, with Keras's parameters."""


def log1p(x: TensorLike) -> Array:
    """`jax.numpy.log1p`, with Keras's parameters."""


def log2(x: TensorLike) -> Array:
    """`jax.numpy.log2`, with Keras's parameters."""


def logaddexp(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logaddexp`, with Keras's parameters."""


def logaddexp2(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logaddexp2`, with Keras's parameters."""


def logical_and(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logical_and`, with Keras's parameters."""


def logical_not(x: TensorLike) -> Array:
    """`jax.numpy.logical_not`, with Keras's parameters."""


def logical_or(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logical_or`, with Keras's parameters."""


def logical_xor(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logical_xor`, with Keras's parameters."""


def logspace(start: TensorLike, stop: TensorLike, num: int = ..., endpoint: bool = ..., base: int = ..., dtype: Any = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.logspace`, with Keras's parameters."""


def matmul(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.matmul`, with Keras's parameters."""


def max(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., initial: Any = ...) -> Array:
    """`jax.numpy.max`, with Keras's parameters."""


def maximum(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.maximum`, with Keras's parameters."""


def mean(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.mean`, with Keras's parameters."""


def median(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.median`, with Keras's parameters."""


def meshgrid(*x: TensorLike, indexing: str = ...) -> list[Array]:
    """`jax.numpy.meshgrid`, with Keras's parameters."""


def min(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., initial: Any = ...) -> Array:
    """`jax.numpy.min`, with Keras's parameters."""


def minimum(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.minimum`, with Keras's parameters."""


def mod(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.mod`, with Keras's parameters."""


def moveaxis(x: TensorLike, source: Any, destination: Any) -> Array:
    """`jax.numpy.moveaxis`, with Keras's parameters."""


def multiply(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.multiply`, with Keras's parameters."""


def nan_to_num(x: TensorLike, nan: float = ..., posinf: Any = ..., neginf: Any = ...) -> Array:
    """`jax.numpy.nan_to_num`, with Keras's parameters."""


def nanargmax(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanargmax`, with Keras's parameters."""


def nanargmin(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanargmin`, with Keras's parameters."""


def nancumprod(x: TensorLike, axis: int | Sequence[int] | None = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.nancumprod`, with Keras's parameters."""


def nancumsum(x: TensorLike, axis: int | Sequence[int] | None = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.nancumsum`, with Keras's parameters."""


def nanmax(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanmax`, with Keras's parameters."""


def nanmean(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanmean`, with Keras's parameters."""


def nanmedian(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanmedian`, with Keras's parameters."""


def nanmin(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanmin`, with Keras's parameters."""


def nanpercentile(x: TensorLike, q: Any, axis: int | Sequence[int] | None = ..., method: str = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanpercentile`, with Keras's parameters."""


def nanprod(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanprod`, with Keras's parameters."""


def nanquantile(x: TensorLike, q: Any, axis: int | Sequence[int] | None = ..., method: str = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanquantile`, with Keras's parameters."""


def nanstd(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanstd`, with Keras's parameters."""


def nansum(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nansum`, with Keras's parameters."""


def nanvar(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.nanvar`, with Keras's parameters."""


def ndim(x: TensorLike) -> int:
    """Return the number of dimensions."""


def negative(x: TensorLike) -> Array:
    """`jax.numpy.negative`, with Keras's parameters."""


def nextafter(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.nextafter`, with Keras's parameters."""


def nonzero(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.nonzero`, with Keras's parameters."""


def not_equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.not_equal`, with Keras's parameters."""


def ones(shape: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.ones`, with Keras's parameters."""


def ones_like(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.ones_like`, with Keras's parameters."""


def outer(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.outer`, with Keras's parameters."""


def pad(x: TensorLike, pad_width: Any, mode: str = ..., constant_values: Any = ...) -> Array:
    """`jax.numpy.pad`, with Keras's parameters."""


def percentile(x: TensorLike, q: Any, axis: int | Sequence[int] | None = ..., method: str = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.percentile`, with Keras's parameters."""


def power(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.power`, with Keras's parameters."""


def prod(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.prod`, with Keras's parameters."""


def ptp(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.ptp`, with Keras's parameters."""


def quantile(x: TensorLike, q: Any, axis: int | Sequence[int] | None = ..., method: str = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.quantile`, with Keras's parameters."""


def rad2deg(x: TensorLike) -> Array:
    """`jax.numpy.rad2deg`, with Keras's parameters."""


def ravel(x: TensorLike) -> Array:
    """`jax.numpy.ravel`, with Keras's parameters."""


def real(x: TensorLike) -> Array:
    """`jax.numpy.real`, with Keras's parameters."""


def reciprocal(x: TensorLike) -> Array:
    """`jax.numpy.reciprocal`, with Keras's parameters."""


def repeat(x: TensorLike, repeats: Any, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.repeat`, with Keras's parameters."""


def reshape(x: TensorLike, newshape: Any) -> Array:
    """`jax.numpy.reshape`, with Keras's parameters."""


def right_shift(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.right_shift`, with Keras's parameters."""


def roll(x: TensorLike, shift: Any, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.roll`, with Keras's parameters."""


def rot90(array: TensorLike, k: int = ..., axes: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.rot90`, with Keras's parameters."""


def round(x: TensorLike, decimals: int = ...) -> Array:
    """`jax.numpy.round`, with Keras's parameters."""


def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = ...) -> Array:
    """`jax.numpy.searchsorted`, with Keras's parameters."""


def select(condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: int = ...) -> Array:
    """`jax.numpy.select`, with Keras's parameters."""


def sign(x: TensorLike) -> Array:
    """`jax.numpy.sign`, with Keras's parameters."""


def signbit(x: TensorLike) -> Array:
    """`jax.numpy.signbit`, with Keras's parameters."""


def sin(x: TensorLike) -> Array:
    """`jax.numpy.sin`, with Keras's parameters."""


def sinc(x: TensorLike) -> Array:
    """`jax.numpy.sinc`, with Keras's parameters."""


def sinh(x: TensorLike) -> Array:
    """`jax.numpy.sinh`, with Keras's parameters."""


def size(x: TensorLike) -> Any:
    """Return the number of elements."""


def slogdet(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.slogdet`, with Keras's parameters."""


def sort(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.sort`, with Keras's parameters."""


def split(x: TensorLike, indices_or_sections: Any, axis: int | Sequence[int] | None = ...) -> list[Array]:
    """`jax.numpy.split`, with Keras's parameters."""


def sqrt(x: TensorLike) -> Array:
    """`jax.numpy.sqrt`, with Keras's parameters."""


def square(x: TensorLike) -> Array:
    """`jax.numpy.square`, with Keras's parameters."""


def squeeze(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.squeeze`, with Keras's parameters."""


def stack(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.stack`, with Keras's parameters."""


def std(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.std`, with Keras's parameters."""


def subtract(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.subtract`, with Keras's parameters."""


def sum(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.sum`, with Keras's parameters."""


def swapaxes(x: TensorLike, axis1: Any, axis2: Any) -> Array:
    """`jax.numpy.swapaxes`, with Keras's parameters."""


def take(x: TensorLike, indices: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.take`, with Keras's parameters."""


def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.take_along_axis`, with Keras's parameters."""


def tan(x: TensorLike) -> Array:
    """`jax.numpy.tan`, with Keras's parameters."""


def tanh(x: TensorLike) -> Array:
    """`jax.numpy.tanh`, with Keras's parameters."""


def tensordot(x1: TensorLike, x2: TensorLike, axes: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.tensordot`, with Keras's parameters."""


def tile(x: TensorLike, repeats: Any) -> Array:
    """`jax.numpy.tile`, with Keras's parameters."""


def trace(x: TensorLike, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Array:
    """`jax.numpy.trace`, with Keras's parameters."""


def transpose(x: TensorLike, axes: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.transpose`, with Keras's parameters."""


def trapezoid(y: TensorLike, x: TensorLike | None = ..., dx: float = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.trapezoid`, with Keras's parameters."""


def tri(N: Any, M: Any = ..., k: int = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.tri`, with Keras's parameters."""


def tril(x: TensorLike, k: int = ...) -> Array:
    """`jax.numpy.tril`, with Keras's parameters."""


def triu(x: TensorLike, k: int = ...) -> Array:
    """`jax.numpy.triu`, with Keras's parameters."""


def true_divide(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.true_divide`, with Keras's parameters."""


def trunc(x: TensorLike) -> Array:
    """`jax.numpy.trunc`, with Keras's parameters."""


def unique(x: TensorLike, sorted: bool = ..., return_index: bool = ..., return_inverse: bool = ..., return_counts: bool = ..., axis: int | Sequence[int] | None = ..., size: Any = ..., fill_value: Any = ...) -> Any:
    """Return the elements that differ; see `jax.numpy.unique`."""


def unravel_index(indices: TensorLike, shape: Any) -> Any:
    """`jax.numpy.unravel_index`, with Keras's parameters."""


def vander(x: TensorLike, N: Any = ..., increasing: bool = ...) -> Array:
    """`jax.numpy.vander`, with Keras's parameters."""


def var(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.var`, with Keras's parameters."""


def vdot(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.vdot`, with Keras's parameters."""


def vectorize(pyfunc: Any, excluded: Any = ..., signature: Any = ...) -> Any:
    """Return a function that broadcasts its arguments and calls `pyfunc` on each element."""


def view(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.view`, with Keras's parameters."""


def vsplit(x: TensorLike, indices_or_sections: Any) -> list[Array]:
    """`jax.numpy.vsplit`, with Keras's parameters."""


def vstack(xs: Sequence[TensorLike]) -> Array:
    """`jax.numpy.vstack`, with Keras's parameters."""


def where(condition: TensorLike, x1: TensorLike | None = ..., x2: TensorLike | None = ...) -> Any:
    """`jax.numpy.where`, with Keras's parameters."""


def zeros(shape: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.zeros`, with Keras's parameters."""


def zeros_like(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.zeros_like`, with Keras's parameters."""

__all__: list[str] = [
    "abs",
    "absolute",
    "add",
    "all",
    "allclose",
    "amax",
    "amin",
    "angle",
    "any",
    "append",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argpartition",
    "argsort",
    "array",
    "array_split",
    "average",
    "bartlett",
    "bincount",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "blackman",
    "broadcast_to",
    "cbrt",
    "ceil",
    "clip",
    "concatenate",
    "conj",
    "conjugate",
    "copy",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "count_nonzero",
    "cross",
    "cumprod",
    "cumsum",
    "deg2rad",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "digitize",
    "divide",
    "divide_no_nan",
    "dot",
    "dsplit",
    "dstack",
    "einsum",
    "empty",
    "empty_like",
    "equal",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "fabs",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "full",
    "full_like",
    "gcd",
    "geomspace",
    "get_item",
    "greater",
    "greater_equal",
    "hamming",
    "hanning",
    "heaviside",
    "histogram",
    "hsplit",
    "hstack",
    "hypot",
    "i0",
    "identity",
    "imag",
    "inner",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "kaiser",
    "kron",
    "lcm",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logspace",
    "matmul",
    "max",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mod",
    "moveaxis",
    "multiply",
    "nan_to_num",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "ndim",
    "negative",
    "nextafter",
    "nonzero",
    "not_equal",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "percentile",
    "power",
    "prod",
    "ptp",
    "quantile",
    "rad2deg",
    "ravel",
    "real",
    "reciprocal",
    "repeat",
    "reshape",
    "right_shift",
    "roll",
    "rot90",
    "round",
    "searchsorted",
    "select",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "size",
    "slogdet",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "trapezoid",
    "tri",
    "tril",
    "triu",
    "true_divide",
    "trunc",
    "unique",
    "unravel_index",
    "vander",
    "var",
    "vdot",
    "vectorize",
    "view",
    "vsplit",
    "vstack",
    "where",
    "zeros",
    "zeros_like",
]
