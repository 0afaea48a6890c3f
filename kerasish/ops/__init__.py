"""Operations: what Keras calls `keras.ops`, handed on to JAX.

Each takes arrays, and lists of numbers. On a tensor of a functional model it records a step
of the graph instead, and so do Python's operators::

    x = kerasish.Input((8, 3))
    y = ops.reshape(x[:, ::2] * 2 + 1, (-1, 12))

On arrays they are JAX's own functions, with Keras's names, parameters and defaults; inside the
`call` of a layer `jax.numpy` does as well.
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
