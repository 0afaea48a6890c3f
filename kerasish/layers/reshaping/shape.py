"""Layers that change shapes (Flatten, Permute, RepeatVector, Reshape), Identity and Rescaling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Unpack

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ArrayLike
from kerasish.layers._shared import positive_int, register, standardize_data_format

__all__ = ["Flatten", "Identity", "Permute", "RepeatVector", "Rescaling", "Reshape"]


@register()
class Identity(Layer):
    """The identity: returns its input.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> Identity()(jnp.array([[1.0, 2.0]])).tolist()
        [[1.0, 2.0]]
    """

    def __init__(self, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return inputs


@register()
class Flatten(Layer):
    """Flattens all axes but the batch axis.

    Shapes: `(batch, ...) -> (batch, features)`.

    Args:
        data_format: of the input; channels that come first are moved last before flattening.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> Flatten()(np.ones((2, 3, 4), "float32")).shape
        (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.data_format, _ = standardize_data_format(data_format, 2)

    def call(self, inputs: Array) -> Array:
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = jnp.moveaxis(inputs, 1, -1)
        return inputs.reshape(inputs.shape[0], math.prod(inputs.shape[1:]))


@register()
class Reshape(Layer):
    """Reshapes each sample to `target_shape`.

    Shapes: `(batch, ...) -> (batch, *target_shape)`.

    Args:
        target_shape: shape of a sample; one size may be -1 and is inferred.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ShapeError: if a sample has another number of elements.

    Examples:
        >>> import numpy as np
        >>> Reshape((6, -1))(np.ones((2, 12), "float32")).shape
        (2, 6, 2)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        if self.target_shape.count(-1) > 1:
            raise ArgumentError(f"Only one size can be -1; got {self.target_shape}.")

    def call(self, inputs: Array) -> Array:
        sample = inputs.shape[1:]
        known = math.prod(n for n in self.target_shape if n != -1)
        if all(isinstance(n, int) for n in sample):
            size = math.prod(sample)
            if size % known if -1 in self.target_shape else size != known:
                raise ShapeError(
                    f"Layer {self.name!r} cannot reshape samples of {sample} ({size} elements) "
                    f"to {self.target_shape}."
                )
        return inputs.reshape(inputs.shape[0], *self.target_shape)


@register()
class Permute(Layer):
    """Permutes the axes of each sample.

    Shapes: with `dims=(2, 1)`, `(batch, n, m) -> (batch, m, n)`.

    Args:
        dims: which axis of the input comes first, second, ..., counted from 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `dims` does not name each axis once.

    Examples:
        >>> Permute((2, 1))(jnp.ones((2, 3, 4))).shape
        (2, 4, 3)
    """

    def __init__(self, dims: Sequence[int], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ArgumentError(
                f"dims must hold each of 1 to {len(self.dims)} once, the batch left out; got "
                f"{self.dims}."
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Array) -> Array:
        return jnp.transpose(inputs, (0, *self.dims))


@register()
class RepeatVector(Layer):
    """Repeats each vector `n` times along a new axis.

    Shapes: `(batch, features) -> (batch, n, features)`.

    Args:
        n: number of repetitions.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `n` is not a positive integer.

    Examples:
        >>> RepeatVector(3)(jnp.ones((2, 4))).shape
        (2, 3, 4)
    """

    def __init__(self, n: int, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.n = positive_int(n, "n")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Array) -> Array:
        return jnp.repeat(inputs[:, None], self.n, axis=1)


@register()
class Rescaling(Layer):
    """`x * scale + offset`.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged, with a float dtype.

    Args:
        scale: a number, or an array that broadcasts.
        offset: a number, or an array that broadcasts.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> Rescaling(1 / 255)(np.array([[0, 255]], "uint8")).tolist()
        [[0.0, 1.0]]
    """

    def __init__(
        self,
        scale: ArrayLike | Sequence[Any],
        offset: ArrayLike | Sequence[Any] = 0.0,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        # Lists, because a config holds nothing but what JSON does.
        self.scale = scale.tolist() if hasattr(scale, "tolist") else scale
        self.offset = offset.tolist() if hasattr(offset, "tolist") else offset
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        scale, offset = (
            self._broadcastable(inputs, setting) for setting in (self.scale, self.offset)
        )
        return inputs.astype(self.compute_dtype) * scale + offset

    def _broadcastable(self, x: Array, setting: ArrayLike | Sequence[Any]) -> Array:
        value = jnp.asarray(setting, self.compute_dtype)
        return value.reshape((1,) * (x.ndim - value.ndim) + value.shape) if value.ndim else value
