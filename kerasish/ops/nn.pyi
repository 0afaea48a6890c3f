"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]

def adaptive_average_pool(inputs: TensorLike, output_size: Any, data_format: Any = ...) -> Array:
    """Return the means of as many windows as are asked for, whatever the size of the input."""


def adaptive_max_pool(inputs: TensorLike, output_size: Any, data_format: Any = ...) -> Array:
    """Return the largest elements of as many windows as are asked for; see the averages."""


def average_pool(inputs: TensorLike, pool_size: int | Sequence[int], strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ...) -> Array:
    """Return the mean of each window, over one to three spatial axes."""


def batch_normalization(x: TensorLike, mean: Any, variance: Any, axis: int | Sequence[int] | None, offset: Any = ..., scale: Any = ..., epsilon: float = ...) -> Array:
    """Return `scale * (x - mean) / sqrt(variance + epsilon) + offset`."""


def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = ...) -> Array:
    """Return the cross-entropy of each value, which no axis is averaged over."""


def categorical_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.losses.categorical_crossentropy`, with Keras's parameters."""


def celu(x: TensorLike, alpha: float = ...) -> Array:
    """`kerasish.activations.celu`, with Keras's parameters."""


def conv(inputs: TensorLike, kernel: TensorLike, strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Return the convolution of inputs with a kernel, over one to three spatial axes."""


def conv_transpose(inputs: TensorLike, kernel: TensorLike, strides: int | Sequence[int] = ..., padding: str = ..., output_padding: int | Sequence[int] = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Return the transpose of a convolution: from its outputs' size to its inputs'."""


def ctc_decode(inputs: TensorLike, sequence_lengths: Any, strategy: str = ..., beam_width: int = ..., top_paths: int = ..., merge_repeated: bool = ..., mask_index: int = ...) -> tuple[Array, ...]:
    """Return the labels that frames of logits say (Graves et al., 2006)."""


def ctc_loss(target: TensorLike, output: TensorLike, target_length: Any, output_length: Any, mask_index: int = ...) -> Array:
    """`kerasish.losses.ctc_loss`, with Keras's parameters."""


def depth_to_space(x: TensorLike, block_size: Any, data_format: str = ...) -> Array:
    """Return images whose channels became blocks of pixels."""


def depthwise_conv(inputs: TensorLike, kernel: TensorLike, strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Return the convolution of each channel with kernels of its own."""


def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = ..., mask: Any = ..., scale: Any = ..., is_causal: bool = ..., flash_attention: Any = ..., attn_logits_soft_cap: Any = ...) -> Array:
    """Return `softmax(scale * query @ key + bias) @ value` for each head."""


def elu(x: TensorLike, alpha: float = ...) -> Array:
    """`kerasish.activations.elu`, with Keras's parameters."""


def fold(x: TensorLike, output_size: Any, kernel_size: int | Sequence[int], dilation: int = ..., padding: int = ..., stride: int = ...) -> Array:
    """Return images from windows; where those overlap, their sum."""


def gelu(x: TensorLike, approximate: bool = ...) -> Array:
    """`kerasish.activations.gelu`, with Keras's parameters."""


def glu(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.glu`, with Keras's parameters."""


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


def layer_normalization(x: TensorLike, gamma: Any = ..., beta: Any = ..., axis: int | Sequence[int] | None = ..., epsilon: Any = ..., **kwargs: Any) -> Array:
    """Return `x` less its mean, in units of its standard deviation (Ba et al., 2016)."""


def leaky_relu(x: TensorLike, negative_slope: float = ...) -> Array:
    """`kerasish.activations.leaky_relu`, with Keras's parameters."""


def log_sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.log_sigmoid`, with Keras's parameters."""


def log_softmax(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.log_softmax`, with Keras's parameters."""


def max_pool(inputs: TensorLike, pool_size: int | Sequence[int], strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ...) -> Array:
    """Return the largest element of each window, over one to three spatial axes."""


def moments(x: TensorLike, axes: int | Sequence[int] | None, keepdims: bool = ..., synchronized: bool = ...) -> tuple[Array, ...]:
    """Return the mean and the variance over some axes."""


def multi_hot(inputs: TensorLike, num_classes: Any = ..., axis: int | Sequence[int] | None = ..., dtype: Any = ..., sparse: bool = ..., **kwargs: Any) -> Array:
    """Return 1 at the places of all numbers of a sample and 0 elsewhere."""


def normalize(x: TensorLike, axis: int | Sequence[int] | None = ..., order: int = ..., epsilon: Any = ...) -> Array:
    """Return `x` divided by its norm."""


def one_hot(x: TensorLike, num_classes: Any, axis: int | Sequence[int] | None = ..., dtype: Any = ..., sparse: bool = ...) -> Array:
    """Return 1 at the place of each number and 0 elsewhere, along a new axis."""


def polar(abs_: Any, angle: Any) -> Array:
    """`jax.numpy.polar`, with Keras's parameters."""


def psnr(x1: TensorLike, x2: TensorLike, max_val: Any) -> Array:
    """Return the peak signal-to-noise ratio of two signals, in decibels."""


def relu(x: TensorLike) -> Array:
    """`kerasish.activations.relu`, with Keras's parameters."""


def relu6(x: TensorLike) -> Array:
    """`kerasish.activations.relu6`, with Keras's parameters."""


def rms_normalization(x: TensorLike, scale: Any = ..., axis: int | Sequence[int] | None = ..., epsilon: Any = ...) -> Array:
    """Return `x / sqrt(mean(x**2) + epsilon)` (Zhang & Sennrich, 2019)."""


def selu(x: TensorLike) -> Array:
    """`kerasish.activations.selu`, with Keras's parameters."""


def separable_conv(inputs: TensorLike, depthwise_kernel: Any, pointwise_kernel: Any, strides: int | Sequence[int] = ..., padding: str = ..., data_format: Any = ..., dilation_rate: int | Sequence[int] = ...) -> Array:
    """Return a convolution of each channel, then one over the channels alone."""


def sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.sigmoid`, with Keras's parameters."""


def silu(x: TensorLike) -> Array:
    """`kerasish.activations.silu`, with Keras's parameters."""


def soft_shrink(x: TensorLike, threshold: float = ...) -> Array:
    """`kerasish.activations.soft_shrink`, with Keras's parameters."""


def softmax(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.softmax`, with Keras's parameters."""


def softplus(x: TensorLike) -> Array:
    """`kerasish.activations.softplus`, with Keras's parameters."""


def softsign(x: TensorLike) -> Array:
    """`kerasish.activations.softsign`, with Keras's parameters."""


def space_to_depth(x: TensorLike, block_size: Any, data_format: str = ...) -> Array:
    """Return images whose blocks of pixels became channels; the inverse of `depth_to_space`."""


def sparse_categorical_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = ..., axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.losses.sparse_categorical_crossentropy`, with Keras's parameters."""


def sparse_plus(x: TensorLike) -> Array:
    """`kerasish.activations.sparse_plus`, with Keras's parameters."""


def sparse_sigmoid(x: TensorLike) -> Array:
    """`kerasish.activations.sparse_sigmoid`, with Keras's parameters."""


def sparsemax(x: TensorLike, axis: int | Sequence[int] | None = ...) -> Array:
    """`kerasish.activations.sparsemax`, with Keras's parameters."""


def squareplus(x: TensorLike, b: TensorLike = ...) -> Array:
    """`kerasish.activations.squareplus`, with Keras's parameters."""


def swish(x: TensorLike) -> Array:
    """`kerasish.activations.swish`, with Keras's parameters."""


def tanh_shrink(x: TensorLike) -> Array:
    """`kerasish.activations.tanh_shrink`, with Keras's parameters."""


def threshold(x: TensorLike, threshold: Any, default_value: Any) -> Array:
    """`kerasish.activations.threshold`, with Keras's parameters."""


def unfold(x: TensorLike, kernel_size: int | Sequence[int], dilation: int = ..., padding: int = ..., stride: int = ...) -> Array:
    """Return the windows that slide over images, each as a column."""

__all__: list[str] = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "celu",
    "conv",
    "conv_transpose",
    "ctc_decode",
    "ctc_loss",
    "depth_to_space",
    "depthwise_conv",
    "dot_product_attention",
    "elu",
    "fold",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "layer_normalization",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "moments",
    "multi_hot",
    "normalize",
    "one_hot",
    "polar",
    "psnr",
    "relu",
    "relu6",
    "rms_normalization",
    "selu",
    "separable_conv",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "space_to_depth",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
    "unfold",
]
