"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]
from kerasish.ops import image as image
from kerasish.ops import linalg as linalg
from kerasish.ops import nn as nn
from kerasish.ops import numpy as numpy

def abs(x: TensorLike) -> Array:
    """`jax.numpy.abs`, with Keras's parameters."""


def absolute(x: TensorLike) -> Array:
    """`jax.numpy.absolute`, with Keras's parameters."""


def adaptive_average_pool(inputs: TensorLike, output_size: Any, data_format: Any = ...) -> Array:
    """Compute the mean of windows whose size is chosen for a given output size."""


def adaptive_max_pool(inputs: TensorLike, output_size: Any, data_format: Any = ...) -> Array:
    """Compute the maximum of windows chosen for a given output size."""


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
    """Return evenly spaced values in `[start, stop)`; with one argument, from 0."""


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


def associative_scan(f: TensorLike, elems: Any, reverse: bool = ..., axis: int | Sequence[int] | None = ...) -> Any:
    """Compute prefix combinations of elements under an associative function, in parallel."""


def average(x: TensorLike, axis: int | Sequence[int] | None = ..., weights: Any = ...) -> Array:
    """`jax.numpy.average`, with Keras's parameters."""


def average_pool(inputs: TensorLike, pool_size: int | Sequence[int], strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ...) -> Array:
    """Compute the mean of each window, over one to three spatial axes."""


def bartlett(x: TensorLike) -> Array:
    """`jax.numpy.bartlett`, with Keras's parameters."""


def batch_normalization(x: TensorLike, mean: Any, variance: Any, axis: int | Sequence[int] | None, offset: Any = ..., scale: Any = ..., epsilon: float = ...) -> Array:
    """Return `scale * (x - mean) / sqrt(variance + epsilon) + offset`."""


def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = ...) -> Array:
    """Compute the binary cross-entropy elementwise, without averaging over an axis."""


def bincount(x: TensorLike, weights: Any = ..., minlength: int = ..., sparse: bool = ...) -> Array:
    """Count the occurrences of each integer from 0 to the maximum."""


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


def cast(x: TensorLike, dtype: Any) -> Array:
    """`jax.numpy.cast`, with Keras's parameters."""


def categorical_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.losses.categorical_crossentropy`, with Keras's parameters."""


def cbrt(x: TensorLike) -> Array:
    """`jax.numpy.cbrt`, with Keras's parameters."""


def cdist(x: TensorLike, y: TensorLike) -> Array:
    """Compute the Euclidean distance of each row of `x` to each row of `y`."""


def ceil(x: TensorLike) -> Array:
    """`jax.numpy.ceil`, with Keras's parameters."""


def celu(x: TensorLike, alpha: float = ...) -> Array:
    """`kerasish.activations.celu`, with Keras's parameters."""


def cholesky(x: TensorLike, upper: bool = ...) -> Array:
    """`jax.numpy.linalg.cholesky`, with Keras's parameters."""


def cholesky_inverse(x: TensorLike, upper: bool = ...) -> Array:
    """Return the inverse of the matrix whose Cholesky factor is `x`."""


def clip(x: TensorLike, x_min: Any, x_max: Any) -> Array:
    """`jax.numpy.clip`, with Keras's parameters."""


def concatenate(xs: Sequence[TensorLike], axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.concatenate`, with Keras's parameters."""


def cond(pred: Any, true_fn: Any, false_fn: Any) -> Any:
    """Return `true_fn()` if `pred` is true, and `false_fn()` otherwise."""


def conj(x: TensorLike) -> Array:
    """`jax.numpy.conj`, with Keras's parameters."""


def conjugate(x: TensorLike) -> Array:
    """`jax.numpy.conjugate`, with Keras's parameters."""


def conv(inputs: TensorLike, kernel: TensorLike, strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Compute a convolution over one to three spatial axes."""


def conv_transpose(inputs: TensorLike, kernel: TensorLike, strides: int | Sequence[int] = ..., padding: str = ..., output_padding: int | Sequence[int] = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Compute a transposed convolution, as used for upsampling."""


def convert_to_numpy(x: TensorLike) -> np.ndarray:
    """Convert an array, a variable, a number or a list to a NumPy array."""


def convert_to_tensor(x: TensorLike, dtype: Any = ..., sparse: Any = ..., ragged: Any = ...) -> Array:
    """Convert a number, a list or a NumPy array to a JAX array."""


def copy(x: TensorLike) -> Array:
    """`jax.numpy.copy`, with Keras's parameters."""


def corrcoef(x: TensorLike) -> Array:
    """Return the correlation coefficients of the rows of `x`."""


def correlate(x1: TensorLike, x2: TensorLike, mode: str = ...) -> Array:
    """`jax.numpy.correlate`, with Keras's parameters."""


def cos(x: TensorLike) -> Array:
    """`jax.numpy.cos`, with Keras's parameters."""


def cosh(x: TensorLike) -> Array:
    """`jax.numpy.cosh`, with Keras's parameters."""


def count_nonzero(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.count_nonzero`, with Keras's parameters."""


def cross(x1: TensorLike, x2: TensorLike, axisa: int = ..., axisb: int = ..., axisc: int = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """Return the cross product; for vectors of two components, its third component."""


def ctc_decode(inputs: TensorLike, sequence_lengths: Any, strategy: str = ..., beam_width: int = ..., top_paths: int = ..., merge_repeated: bool = ..., mask_index: int = ...) -> tuple[Array, ...]:
    """Decode the logits of a CTC model to labels (Graves et al., 2006)."""


def ctc_loss(target: TensorLike, output: TensorLike, target_length: Any, output_length: Any, mask_index: int = ...) -> Array:
    """`kerasish.losses.ctc_loss`, with Keras's parameters."""


def cumprod(x: TensorLike, axis: int | Sequence[int] | None = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.cumprod`, with Keras's parameters."""


def cumsum(x: TensorLike, axis: int | Sequence[int] | None = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.cumsum`, with Keras's parameters."""


def custom_gradient(f: TensorLike) -> Any:
    """Define the gradient of a function."""


def deg2rad(x: TensorLike) -> Array:
    """`jax.numpy.deg2rad`, with Keras's parameters."""


def depth_to_space(x: TensorLike, block_size: Any, data_format: str = ...) -> Array:
    """Rearrange channels to blocks of pixels."""


def depthwise_conv(inputs: TensorLike, kernel: TensorLike, strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Compute a depthwise convolution: each channel has its own kernels."""


def det(x: TensorLike) -> Array:
    """`jax.numpy.linalg.det`, with Keras's parameters."""


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


def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = ..., mask: Any = ..., scale: Any = ..., is_causal: bool = ..., flash_attention: Any = ..., attn_logits_soft_cap: Any = ...) -> Array:
    """Return `softmax(scale * query @ key + bias) @ value` for each head."""


def dsplit(x: TensorLike, indices_or_sections: Any) -> list[Array]:
    """`jax.numpy.dsplit`, with Keras's parameters."""


def dstack(xs: Sequence[TensorLike]) -> Array:
    """`jax.numpy.dstack`, with Keras's parameters."""


def dtype(x: TensorLike) -> str:
    """Return the name of the dtype of a tensor, an array or a variable."""


def eig(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.linalg.eig`, with Keras's parameters."""


def eigh(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.linalg.eigh`, with Keras's parameters."""


def einsum(subscripts: Any, *operands: Any, **kwargs: Any) -> Array:
    """Evaluate the Einstein summation convention, for example `"ij,jk->ik"`."""


def elu(x: TensorLike, alpha: float = ...) -> Array:
    """`kerasish.activations.elu`, with Keras's parameters."""


def empty(shape: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.empty`, with Keras's parameters."""


def empty_like(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.empty_like`, with Keras's parameters."""


def equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.equal`, with Keras's parameters."""


def erf(x: TensorLike) -> Array:
    """`jax.scipy.special.erf`, with Keras's parameters."""


def erfc(x: TensorLike) -> Array:
    """`jax.scipy.special.erfc`, with Keras's parameters."""


def erfinv(x: TensorLike) -> Array:
    """`jax.scipy.special.erfinv`, with Keras's parameters."""


def exp(x: TensorLike) -> Array:
    """`jax.numpy.exp`, with Keras's parameters."""


def exp2(x: TensorLike) -> Array:
    """`jax.numpy.exp2`, with Keras's parameters."""


def expand_dims(x: TensorLike, axis: int | Sequence[int] | None) -> Array:
    """`jax.numpy.expand_dims`, with Keras's parameters."""


def expm1(x: TensorLike) -> Array:
    """`jax.numpy.expm1`, with Keras's parameters."""


def extract_sequences(x: TensorLike, sequence_length: Any, sequence_stride: Any) -> Array:
    """Extract sliding windows along the last axis."""


def eye(N: Any, M: Any = ..., k: int = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.eye`, with Keras's parameters."""


def fabs(x: TensorLike) -> Array:
    """`jax.numpy.fabs`, with Keras's parameters."""


def fft(x: TensorLike) -> Any:
    """`jax.numpy.fft.fft`, with Keras's parameters."""


def fft2(x: TensorLike) -> Any:
    """`jax.numpy.fft.fft2`, with Keras's parameters."""


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


def fold(x: TensorLike, output_size: Any, kernel_size: int | Sequence[int], dilation: int = ..., padding: int = ..., stride: int = ...) -> Array:
    """Combine windows to images, with the sum where they overlap (col2im)."""


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any) -> Any:
    """Iterate `value = body_fun(i, value)` for `i` in `range(lower, upper)`; return the last."""


def full(shape: Any, fill_value: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.full`, with Keras's parameters."""


def full_like(x: TensorLike, fill_value: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.full_like`, with Keras's parameters."""


def gcd(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.gcd`, with Keras's parameters."""


def gelu(x: TensorLike, approximate: bool = ...) -> Array:
    """`kerasish.activations.gelu`, with Keras's parameters."""


def geomspace(start: TensorLike, stop: TensorLike, num: int = ..., endpoint: bool = ..., dtype: Any = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.geomspace`, with Keras's parameters."""


def get_item(x: TensorLike, key: Any) -> Array:
    """Return `x[key]`, where the key may be a tuple with an index for each axis."""


def glu(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.glu`, with Keras's parameters."""


def greater(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.greater`, with Keras's parameters."""


def greater_equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.greater_equal`, with Keras's parameters."""


def hamming(x: TensorLike) -> Array:
    """`jax.numpy.hamming`, with Keras's parameters."""


def hanning(x: TensorLike) -> Array:
    """`jax.numpy.hanning`, with Keras's parameters."""


def hard_shrink(x: TensorLike, threshold: float = ...) -> Array:
    """`kerasish.activations.hard_shrink`, with Keras's parameters."""


def hard_sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.hard_sigmoid`, with Keras's parameters."""


def hard_silu(x: TensorLike) -> Array:
    """`kerasish.activations.hard_silu`, with Keras's parameters."""


def hard_swish(x: TensorLike) -> Array:
    """`kerasish.activations.hard_swish`, with Keras's parameters."""


def hard_tanh(x: TensorLike) -> Array:
    """`kerasish.activations.hard_tanh`, with Keras's parameters."""


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


def ifft2(x: TensorLike) -> Any:
    """`jax.numpy.fft.ifft2`, with Keras's parameters."""


def imag(x: TensorLike) -> Array:
    """`jax.numpy.imag`, with Keras's parameters."""


def in_top_k(targets: Any, predictions: Any, k: Any) -> Array:
    """Return whether each target is among the `k` largest predictions."""


def inner(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.inner`, with Keras's parameters."""


def inv(x: TensorLike) -> Array:
    """`jax.numpy.linalg.inv`, with Keras's parameters."""


def irfft(x: TensorLike, fft_length: Any = ...) -> Array:
    """`jax.numpy.fft.irfft`, with Keras's parameters."""


def is_tensor(x: TensorLike) -> bool:
    """Return whether `x` is a JAX array."""


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


def istft(x: TensorLike, sequence_length: Any, sequence_stride: Any, fft_length: Any, length: Any = ..., window: str = ..., center: bool = ...) -> Array:
    """Compute the inverse short-time Fourier transform."""


def jvp(fun: Any, primals: Any, tangents: Any, has_aux: bool = ...) -> Any:
    """Compute the Jacobian-vector product (forward-mode derivative) of a function."""


def kaiser(x: TensorLike, beta: Any) -> Array:
    """`jax.numpy.kaiser`, with Keras's parameters."""


def kron(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.kron`, with Keras's parameters."""


def layer_normalization(x: TensorLike, gamma: Any = ..., beta: Any = ..., axis: int | Sequence[int] | None = ..., epsilon: Any = ..., **kwargs: Any) -> Array:
    """Normalize `x` to mean 0 and standard deviation 1 (Ba et al., 2016)."""


def lcm(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.lcm`, with Keras's parameters."""


def ldexp(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.ldexp`, with Keras's parameters."""


def leaky_relu(x: TensorLike, negative_slope: float = ...) -> Array:
    """`kerasish.activations.leaky_relu`, with Keras's parameters."""


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


def log_sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.log_sigmoid`, with Keras's parameters."""


def log_softmax(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.log_softmax`, with Keras's parameters."""


def logaddexp(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logaddexp`, with Keras's parameters."""


def logaddexp2(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.logaddexp2`, with Keras's parameters."""


def logdet(x: TensorLike) -> Array:
    """`jax.numpy.logdet`, with Keras's parameters."""


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


def logsumexp(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.nn.logsumexp`, with Keras's parameters."""


def lstsq(a: TensorLike, b: TensorLike, rcond: Any = ...) -> Array:
    """`jax.numpy.linalg.lstsq`, with Keras's parameters."""


def lu_factor(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.linalg.lu_factor`, with Keras's parameters."""


def map(f: TensorLike, xs: Sequence[TensorLike]) -> Any:
    """Apply `f` to each slice along the first axis sequentially and stack the results."""


def matmul(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.matmul`, with Keras's parameters."""


def matrix_rank(x: TensorLike, tol: Any = ...) -> Array:
    """`jax.numpy.linalg.matrix_rank`, with Keras's parameters."""


def max(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., initial: Any = ...) -> Array:
    """`jax.numpy.max`, with Keras's parameters."""


def max_pool(inputs: TensorLike, pool_size: int | Sequence[int], strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ...) -> Array:
    """Compute the maximum of each window, over one to three spatial axes."""


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


def moments(x: TensorLike, axes: int | Sequence[int] | None, keepdims: bool = ..., synchronized: bool = ...) -> tuple[Array, ...]:
    """Return the mean and the variance over some axes."""


def moveaxis(x: TensorLike, source: Any, destination: Any) -> Array:
    """`jax.numpy.moveaxis`, with Keras's parameters."""


def multi_hot(inputs: TensorLike, num_classes: Any = ..., axis: int | Sequence[int] | None = ..., dtype: Any = ..., sparse: bool = ..., **kwargs: Any) -> Array:
    """Encode the integers of each sample as one multi-hot vector."""


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


def norm(x: TensorLike, ord: Any = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.linalg.norm`, with Keras's parameters."""


def normalize(x: TensorLike, axis: int | Sequence[int] | None = ..., order: int = ..., epsilon: Any = ...) -> Array:
    """Return `x` divided by its norm."""


def not_equal(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.not_equal`, with Keras's parameters."""


def one_hot(x: TensorLike, num_classes: Any, axis: int | Sequence[int] | None = ..., dtype: Any = ..., sparse: bool = ...) -> Array:
    """Encode integers as one-hot vectors along a new axis."""


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


def pinv(x: TensorLike, rcond: Any = ...) -> Array:
    """`jax.numpy.linalg.pinv`, with Keras's parameters."""


def polar(abs_: Any, angle: Any) -> Array:
    """`jax.numpy.polar`, with Keras's parameters."""


def power(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.power`, with Keras's parameters."""


def prod(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., dtype: Any = ...) -> Array:
    """`jax.numpy.prod`, with Keras's parameters."""


def psnr(x1: TensorLike, x2: TensorLike, max_val: Any) -> Array:
    """Compute the peak signal-to-noise ratio of two signals in decibels."""


def ptp(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.ptp`, with Keras's parameters."""


def qr(x: TensorLike, mode: str = ...) -> tuple[Array, ...]:
    """`jax.numpy.linalg.qr`, with Keras's parameters."""


def quantile(x: TensorLike, q: Any, axis: int | Sequence[int] | None = ..., method: str = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.quantile`, with Keras's parameters."""


def rad2deg(x: TensorLike) -> Array:
    """`jax.numpy.rad2deg`, with Keras's parameters."""


def ravel(x: TensorLike) -> Array:
    """`jax.numpy.ravel`, with Keras's parameters."""


def real(x: TensorLike) -> Array:
    """`jax.numpy.real`, with Keras's parameters."""


def rearrange(tensor: TensorLike, pattern: Any, **axes_lengths: Any) -> Array:
    """Reorder, split and merge the axes of an array."""


def reciprocal(x: TensorLike) -> Array:
    """`jax.numpy.reciprocal`, with Keras's parameters."""


def relu(x: TensorLike) -> Array:
    """`kerasish.activations.relu`, with Keras's parameters."""


def relu6(x: TensorLike) -> Array:
    """`kerasish.activations.relu6`, with Keras's parameters."""


def repeat(x: TensorLike, repeats: Any, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.repeat`, with Keras's parameters."""


def reshape(x: TensorLike, newshape: Any) -> Array:
    """`jax.numpy.reshape`, with Keras's parameters."""


def rfft(x: TensorLike, fft_length: Any = ...) -> Any:
    """`jax.numpy.fft.rfft`, with Keras's parameters."""


def right_shift(x: TensorLike, y: TensorLike) -> Array:
    """`jax.numpy.right_shift`, with Keras's parameters."""


def rms_normalization(x: TensorLike, scale: Any = ..., axis: int | Sequence[int] | None = ..., epsilon: Any = ...) -> Array:
    """Return `x / sqrt(mean(x**2) + epsilon)` (Zhang & Sennrich, 2019)."""


def roll(x: TensorLike, shift: Any, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.roll`, with Keras's parameters."""


def rot90(array: TensorLike, k: int = ..., axes: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.rot90`, with Keras's parameters."""


def round(x: TensorLike, decimals: int = ...) -> Array:
    """`jax.numpy.round`, with Keras's parameters."""


def rsqrt(x: TensorLike) -> Array:
    """`jax.scipy.special.rsqrt`, with Keras's parameters."""


def saturate_cast(x: TensorLike, dtype: Any) -> Array:
    """Cast `x` to another dtype, with values clipped to its range."""


def scan(f: TensorLike, init: Any, xs: Sequence[TensorLike] = ..., length: Any = ..., reverse: bool = ..., unroll: int = ...) -> Any:
    """Loop over the leading axis of arrays while carrying state."""


def scatter(indices: TensorLike, values: TensorLike, shape: Any) -> Array:
    """Return an array of zeros with values added at indices."""


def scatter_update(inputs: TensorLike, indices: TensorLike, updates: TensorLike, reduction: Any = ...) -> Array:
    """Return `inputs` with values replaced or combined at some indices."""


def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = ...) -> Array:
    """`jax.numpy.searchsorted`, with Keras's parameters."""


def segment_max(data: TensorLike, segment_ids: Any, num_segments: Any = ..., sorted: bool = ...) -> Array:
    """`jax.ops.segment_max`, with Keras's parameters."""


def segment_min(data: TensorLike, segment_ids: Any, num_segments: Any = ..., sorted: bool = ...) -> Array:
    """`jax.ops.segment_min`, with Keras's parameters."""


def segment_prod(data: TensorLike, segment_ids: Any, num_segments: Any = ..., sorted: bool = ...) -> Array:
    """`jax.ops.segment_prod`, with Keras's parameters."""


def segment_sum(data: TensorLike, segment_ids: Any, num_segments: Any = ..., sorted: bool = ...) -> Array:
    """`jax.ops.segment_sum`, with Keras's parameters."""


def select(condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: int = ...) -> Array:
    """`jax.numpy.select`, with Keras's parameters."""


def selu(x: TensorLike) -> Array:
    """`kerasish.activations.selu`, with Keras's parameters."""


def separable_conv(inputs: TensorLike, depthwise_kernel: Any, pointwise_kernel: Any, strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Compute a depthwise convolution followed by a pointwise convolution."""


def shape(x: TensorLike) -> Any:
    """Return the shape of a tensor or array; in a graph, unknown sizes are None."""


def sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.sigmoid`, with Keras's parameters."""


def sign(x: TensorLike) -> Array:
    """`jax.numpy.sign`, with Keras's parameters."""


def signbit(x: TensorLike) -> Array:
    """`jax.numpy.signbit`, with Keras's parameters."""


def silu(x: TensorLike) -> Array:
    """`kerasish.activations.silu`, with Keras's parameters."""


def sin(x: TensorLike) -> Array:
    """`jax.numpy.sin`, with Keras's parameters."""


def sinc(x: TensorLike) -> Array:
    """`jax.numpy.sinc`, with Keras's parameters."""


def sinh(x: TensorLike) -> Array:
    """`jax.numpy.sinh`, with Keras's parameters."""


def size(x: TensorLike) -> Any:
    """Return the number of elements."""


def slice(inputs: TensorLike, start_indices: Any, shape: Any) -> Array:
    """`jax.lax.slice`, with Keras's parameters."""


def slice_update(inputs: TensorLike, start_indices: Any, updates: TensorLike) -> Array:
    """`jax.lax.slice_update`, with Keras's parameters."""


def slogdet(x: TensorLike) -> tuple[Array, ...]:
    """`jax.numpy.slogdet`, with Keras's parameters."""


def soft_shrink(x: TensorLike, threshold: float = ...) -> Array:
    """`kerasish.activations.soft_shrink`, with Keras's parameters."""


def softmax(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.softmax`, with Keras's parameters."""


def softplus(x: TensorLike) -> Array:
    """`kerasish.activations.softplus`, with Keras's parameters."""


def softsign(x: TensorLike) -> Array:
    """`kerasish.activations.softsign`, with Keras's parameters."""


def solve(a: TensorLike, b: TensorLike) -> Array:
    """`jax.numpy.linalg.solve`, with Keras's parameters."""


def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = ...) -> Array:
    """`jax.numpy.linalg.solve_triangular`, with Keras's parameters."""


def sort(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.sort`, with Keras's parameters."""


def space_to_depth(x: TensorLike, block_size: Any, data_format: str = ...) -> Array:
    """Rearrange blocks of pixels to channels; the inverse of `depth_to_space`."""


def sparse_categorical_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.losses.sparse_categorical_crossentropy`, with Keras's parameters."""


def sparse_plus(x: TensorLike) -> Array:
    """`kerasish.activations.sparse_plus`, with Keras's parameters."""


def sparse_sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.sparse_sigmoid`, with Keras's parameters."""


def sparsemax(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.sparsemax`, with Keras's parameters."""


def split(x: TensorLike, indices_or_sections: Any, axis: int | Sequence[int] | None = ...) -> list[Array]:
    """`jax.numpy.split`, with Keras's parameters."""


def sqrt(x: TensorLike) -> Array:
    """`jax.numpy.sqrt`, with Keras's parameters."""


def square(x: TensorLike) -> Array:
    """`jax.numpy.square`, with Keras's parameters."""


def squareplus(x: TensorLike, b: TensorLike = ...) -> Array:
    """`kerasish.activations.squareplus`, with Keras's parameters."""


def squeeze(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.squeeze`, with Keras's parameters."""


def stack(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.stack`, with Keras's parameters."""


def std(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.std`, with Keras's parameters."""


def stft(x: TensorLike, sequence_length: Any, sequence_stride: Any, fft_length: Any, window: str = ..., center: bool = ...) -> tuple[Array, ...]:
    """Compute the short-time Fourier transform as real and imaginary parts."""


def stop_gradient(variable: TensorLike) -> Array:
    """`jax.lax.stop_gradient`, with Keras's parameters."""


def subtract(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.subtract`, with Keras's parameters."""


def sum(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.sum`, with Keras's parameters."""


def svd(x: TensorLike, full_matrices: bool = ..., compute_uv: bool = ...) -> Any:
    """`jax.numpy.linalg.svd`, with Keras's parameters."""


def swapaxes(x: TensorLike, axis1: Any, axis2: Any) -> Array:
    """`jax.numpy.swapaxes`, with Keras's parameters."""


def swish(x: TensorLike) -> Array:
    """`kerasish.activations.swish`, with Keras's parameters."""


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """Return `branches[index](*operands)`; the index is clamped to the valid range."""


def take(x: TensorLike, indices: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.take`, with Keras's parameters."""


def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.take_along_axis`, with Keras's parameters."""


def tan(x: TensorLike) -> Array:
    """`jax.numpy.tan`, with Keras's parameters."""


def tanh(x: TensorLike) -> Array:
    """`jax.numpy.tanh`, with Keras's parameters."""


def tanh_shrink(x: TensorLike) -> Array:
    """`kerasish.activations.tanh_shrink`, with Keras's parameters."""


def tensordot(x1: TensorLike, x2: TensorLike, axes: int | Sequence[int] | None = ...) -> Array:
    """`jax.numpy.tensordot`, with Keras's parameters."""


def threshold(x: TensorLike, threshold: Any, default_value: Any) -> Array:
    """`kerasish.activations.threshold`, with Keras's parameters."""


def tile(x: TensorLike, repeats: Any) -> Array:
    """`jax.numpy.tile`, with Keras's parameters."""


def top_k(x: TensorLike, k: Any, sorted: bool = ...) -> tuple[Array, ...]:
    """Return the `k` largest elements along the last axis, and their indices."""


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


def unfold(x: TensorLike, kernel_size: int | Sequence[int], dilation: int = ..., padding: int = ..., stride: int = ...) -> Array:
    """Extract sliding windows of images as columns (im2col)."""


def unique(x: TensorLike, sorted: bool = ..., return_index: bool = ..., return_inverse: bool = ..., return_counts: bool = ..., axis: int | Sequence[int] | None = ..., size: Any = ..., fill_value: Any = ...) -> Any:
    """Return the unique elements; see `jax.numpy.unique`."""


def unravel_index(indices: TensorLike, shape: Any) -> Any:
    """`jax.numpy.unravel_index`, with Keras's parameters."""


def unstack(x: TensorLike, num: Any = ..., axis: int | Sequence[int] | None = ...) -> list[Array]:
    """Split `x` along an axis into a list of arrays without that axis."""


def vander(x: TensorLike, N: Any = ..., increasing: bool = ...) -> Array:
    """`jax.numpy.vander`, with Keras's parameters."""


def var(x: TensorLike, axis: int | Sequence[int] | None = ..., keepdims: bool = ...) -> Array:
    """`jax.numpy.var`, with Keras's parameters."""


def vdot(x1: TensorLike, x2: TensorLike) -> Array:
    """`jax.numpy.vdot`, with Keras's parameters."""


def vectorize(pyfunc: Any, excluded: Any = ..., signature: Any = ...) -> Any:
    """Return a function that broadcasts its arguments and calls `pyfunc` on each element."""


def vectorized_map(function: Any, elements: TensorLike) -> Any:
    """Apply `function` to all slices along the first axis at once, as `jax.vmap` does."""


def view(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.view`, with Keras's parameters."""


def view_as_complex(x: TensorLike) -> Array:
    """Convert pairs of real and imaginary part to complex numbers: `(..., 2) -> (...)`."""


def view_as_real(x: TensorLike) -> Array:
    """Convert complex numbers to pairs of real and imaginary part: `(...) -> (..., 2)`."""


def vsplit(x: TensorLike, indices_or_sections: Any) -> list[Array]:
    """`jax.numpy.vsplit`, with Keras's parameters."""


def vstack(xs: Sequence[TensorLike]) -> Array:
    """`jax.numpy.vstack`, with Keras's parameters."""


def where(condition: TensorLike, x1: TensorLike | None = ..., x2: TensorLike | None = ...) -> Any:
    """`jax.numpy.where`, with Keras's parameters."""


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: Any = ...) -> Any:
    """Repeat `body` while `cond` is true."""


def zeros(shape: Any, dtype: Any = ...) -> Array:
    """`jax.numpy.zeros`, with Keras's parameters."""


def zeros_like(x: TensorLike, dtype: Any = ...) -> Array:
    """`jax.numpy.zeros_like`, with Keras's parameters."""

__all__: list[str] = [
    "abs",
    "absolute",
    "adaptive_average_pool",
    "adaptive_max_pool",
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
    "associative_scan",
    "average",
    "average_pool",
    "bartlett",
    "batch_normalization",
    "binary_crossentropy",
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
    "cast",
    "categorical_crossentropy",
    "cbrt",
    "cdist",
    "ceil",
    "celu",
    "cholesky",
    "cholesky_inverse",
    "clip",
    "concatenate",
    "cond",
    "conj",
    "conjugate",
    "conv",
    "conv_transpose",
    "convert_to_numpy",
    "convert_to_tensor",
    "copy",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "count_nonzero",
    "cross",
    "ctc_decode",
    "ctc_loss",
    "cumprod",
    "cumsum",
    "custom_gradient",
    "deg2rad",
    "depth_to_space",
    "depthwise_conv",
    "det",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "digitize",
    "divide",
    "divide_no_nan",
    "dot",
    "dot_product_attention",
    "dsplit",
    "dstack",
    "dtype",
    "eig",
    "eigh",
    "einsum",
    "elu",
    "empty",
    "empty_like",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "extract_sequences",
    "eye",
    "fabs",
    "fft",
    "fft2",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "fold",
    "fori_loop",
    "full",
    "full_like",
    "gcd",
    "gelu",
    "geomspace",
    "get_item",
    "glu",
    "greater",
    "greater_equal",
    "hamming",
    "hanning",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "heaviside",
    "histogram",
    "hsplit",
    "hstack",
    "hypot",
    "i0",
    "identity",
    "ifft2",
    "imag",
    "image",
    "in_top_k",
    "inner",
    "inv",
    "irfft",
    "is_tensor",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "istft",
    "jvp",
    "kaiser",
    "kron",
    "layer_normalization",
    "lcm",
    "ldexp",
    "leaky_relu",
    "left_shift",
    "less",
    "less_equal",
    "linalg",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logdet",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logspace",
    "logsumexp",
    "lstsq",
    "lu_factor",
    "map",
    "matmul",
    "matrix_rank",
    "max",
    "max_pool",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mod",
    "moments",
    "moveaxis",
    "multi_hot",
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
    "nn",
    "nonzero",
    "norm",
    "normalize",
    "not_equal",
    "numpy",
    "one_hot",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "percentile",
    "pinv",
    "polar",
    "power",
    "prod",
    "psnr",
    "ptp",
    "qr",
    "quantile",
    "rad2deg",
    "ravel",
    "real",
    "rearrange",
    "reciprocal",
    "relu",
    "relu6",
    "repeat",
    "reshape",
    "rfft",
    "right_shift",
    "rms_normalization",
    "roll",
    "rot90",
    "round",
    "rsqrt",
    "saturate_cast",
    "scan",
    "scatter",
    "scatter_update",
    "searchsorted",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "select",
    "selu",
    "separable_conv",
    "shape",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "size",
    "slice",
    "slice_update",
    "slogdet",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "solve",
    "solve_triangular",
    "sort",
    "space_to_depth",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "split",
    "sqrt",
    "square",
    "squareplus",
    "squeeze",
    "stack",
    "std",
    "stft",
    "stop_gradient",
    "subtract",
    "sum",
    "svd",
    "swapaxes",
    "swish",
    "switch",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanh_shrink",
    "tensordot",
    "threshold",
    "tile",
    "top_k",
    "trace",
    "transpose",
    "trapezoid",
    "tri",
    "tril",
    "triu",
    "true_divide",
    "trunc",
    "unfold",
    "unique",
    "unravel_index",
    "unstack",
    "vander",
    "var",
    "vdot",
    "vectorize",
    "vectorized_map",
    "view",
    "view_as_complex",
    "view_as_real",
    "vsplit",
    "vstack",
    "where",
    "while_loop",
    "zeros",
    "zeros_like",
]
