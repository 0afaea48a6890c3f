"""Written by `python -m tests.ops_stubs`; change the functions, not this file."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import Array
from jax.typing import ArrayLike

from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.variable import Variable

TensorLike = ArrayLike | SymbolicTensor | Variable | Sequence[Any]
from kerasish.ops import adaptive_average_pool as adaptive_average_pool
from kerasish.ops import adaptive_max_pool as adaptive_max_pool
from kerasish.ops import average_pool as average_pool
from kerasish.ops import batch_normalization as batch_normalization
from kerasish.ops import binary_crossentropy as binary_crossentropy
from kerasish.ops import categorical_crossentropy as categorical_crossentropy
from kerasish.ops import celu as celu
from kerasish.ops import conv as conv
from kerasish.ops import conv_transpose as conv_transpose
from kerasish.ops import ctc_decode as ctc_decode
from kerasish.ops import ctc_loss as ctc_loss
from kerasish.ops import depth_to_space as depth_to_space
from kerasish.ops import depthwise_conv as depthwise_conv
from kerasish.ops import dot_product_attention as dot_product_attention
from kerasish.ops import elu as elu
from kerasish.ops import fold as fold
from kerasish.ops import gelu as gelu
from kerasish.ops import glu as glu
from kerasish.ops import hard_shrink as hard_shrink
from kerasish.ops import hard_sigmoid as hard_sigmoid
from kerasish.ops import hard_silu as hard_silu
from kerasish.ops import hard_swish as hard_swish
from kerasish.ops import hard_tanh as hard_tanh
from kerasish.ops import layer_normalization as layer_normalization
from kerasish.ops import leaky_relu as leaky_relu
from kerasish.ops import log_sigmoid as log_sigmoid
from kerasish.ops import log_softmax as log_softmax
from kerasish.ops import max_pool as max_pool
from kerasish.ops import moments as moments
from kerasish.ops import multi_hot as multi_hot
from kerasish.ops import normalize as normalize
from kerasish.ops import one_hot as one_hot
from kerasish.ops import polar as polar
from kerasish.ops import psnr as psnr
from kerasish.ops import relu as relu
from kerasish.ops import relu6 as relu6
from kerasish.ops import rms_normalization as rms_normalization
from kerasish.ops import selu as selu
from kerasish.ops import separable_conv as separable_conv
from kerasish.ops import sigmoid as sigmoid
from kerasish.ops import silu as silu
from kerasish.ops import soft_shrink as soft_shrink
from kerasish.ops import softmax as softmax
from kerasish.ops import softplus as softplus
from kerasish.ops import softsign as softsign
from kerasish.ops import space_to_depth as space_to_depth
from kerasish.ops import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from kerasish.ops import sparse_plus as sparse_plus
from kerasish.ops import sparse_sigmoid as sparse_sigmoid
from kerasish.ops import sparsemax as sparsemax
from kerasish.ops import squareplus as squareplus
from kerasish.ops import swish as swish
from kerasish.ops import tanh_shrink as tanh_shrink
from kerasish.ops import threshold as threshold
from kerasish.ops import unfold as unfold
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
