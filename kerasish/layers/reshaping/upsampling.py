"""Upsampling of sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import UnknownNameError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register, standardize_data_format, standardize_tuple

__all__ = ["UpSampling1D", "UpSampling2D", "UpSampling3D"]

# Names of `jax.image.resize`, by Keras's.
_METHODS = {
    "nearest": "nearest",
    "bilinear": "linear",
    "bicubic": "cubic",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}


class _UpSampling(Layer):
    """Base of layers that upsample `rank` spatial axes."""

    rank: ClassVar[int]

    def _set_spatial(self, size: int | Sequence[int], data_format: str | None) -> tuple[int, ...]:
        """Return the factor of each spatial axis."""
        self.data_format, channels = standardize_data_format(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        factors = standardize_tuple(size, self.rank, "size")
        axes = (i for i in range(1, self.rank + 2) if i != channels)
        self._factors = dict(zip(axes, factors, strict=True))
        return factors

    def call(self, inputs: Array) -> Array:
        # All axes at once: each element becomes a block, and its gradient the sum of one.
        split, blocks, merged = [], [], []
        for axis, n in enumerate(inputs.shape):
            factor = self._factors.get(axis, 1)
            split += [n, 1]
            blocks += [n, factor]
            merged.append(n * factor)
        return jnp.broadcast_to(inputs.reshape(split), blocks).reshape(merged)


@register()
class UpSampling1D(_UpSampling):
    """Repeats each timestep `size` times.

    Shapes: `(batch, steps, channels) -> (batch, size * steps, channels)`.

    Args:
        size: number of repetitions.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> UpSampling1D(3)(np.ones((2, 10, 4), "float32")).shape
        (2, 30, 4)
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        (self.size,) = self._set_spatial(size, "channels_last")


@register()
class UpSampling2D(_UpSampling):
    """Makes images an integer of times as large.

    Shapes: `(batch, height, width, channels) -> (batch, size[0] * height, size[1] * width,
    channels)`, or channels first with `data_format="channels_first"`.

    Args:
        size: factors of height and width.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        interpolation: `"nearest"` (repeats rows and columns), `"bilinear"`, `"bicubic"`,
            `"lanczos3"` or `"lanczos5"`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        UnknownNameError: if there is no such interpolation.

    Examples:
        >>> import numpy as np
        >>> UpSampling2D(interpolation="bilinear")(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 56, 56, 4)
    """

    rank = 2

    def __init__(
        self,
        size: int | Sequence[int] = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.size = self._set_spatial(size, data_format)
        self.interpolation = str(interpolation).lower()
        if self.interpolation not in _METHODS:
            raise UnknownNameError("interpolation", interpolation, _METHODS)

    def call(self, inputs: Array) -> Array:
        if self.interpolation == "nearest":
            return super().call(inputs)
        shape = [n * self._factors.get(axis, 1) for axis, n in enumerate(inputs.shape)]
        y = jax.image.resize(inputs, shape, _METHODS[self.interpolation])
        return y if y.dtype == inputs.dtype else jnp.round(y).astype(inputs.dtype)


@register()
class UpSampling3D(_UpSampling):
    """Repeats each element along three spatial axes.

    Shapes: `(batch, depth, height, width, channels) -> (batch, size[0] * depth, size[1] * height,
    size[2] * width, channels)`, or channels first with `data_format="channels_first"`.

    Args:
        size: number of repetitions along each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> UpSampling3D((1, 2, 3))(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 6, 12, 12, 1)
    """

    rank = 3

    def __init__(
        self,
        size: int | Sequence[int] = (2, 2, 2),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.size = self._set_spatial(size, data_format)
