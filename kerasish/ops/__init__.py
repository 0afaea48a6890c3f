"""Operations: `keras.ops` on JAX.

Each operation accepts arrays and lists of numbers. On a symbolic tensor of a functional model it
records a node of the graph, as Python's operators do::

    x = kerasish.Input((8, 3))
    y = ops.reshape(x[:, ::2] * 2 + 1, (-1, 12))

On arrays they call the functions of JAX with Keras's names, parameters and defaults. Inside the
`call` of a layer, `jax.numpy` works as well.
"""

from kerasish.ops import (  # noqa: F401
    _activations,
    _arrays,
    _attention,
    _colours,
    _control,
    _convolution,
    _counting,
    _creation,
    _define,
    _elementwise,
    _filters,
    _folding,
    _losses,
    _normalization,
    _patches,
    _pooling,
    _products,
    _rearrange,
    _reductions,
    _scatter,
    _signals,
    _sizes,
    _types,
    _warps,
)
from kerasish.ops import image as image
from kerasish.ops import linalg as linalg
from kerasish.ops import nn as nn
from kerasish.ops import numpy as numpy

_functions = _define.functions("core", "einops", "linalg", "math", "nn", "numpy")
__all__: list[str] = sorted([*_functions, "image", "linalg", "nn", "numpy"])
globals().update(_functions)
