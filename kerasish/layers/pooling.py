"""Pooling of any rank."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.kernels import max_pool
from kerasish.layers._shared import channels_axis, padding_mode, register, sizes

__all__ = ["AveragePooling2D", "GlobalAveragePooling2D", "MaxPooling2D"]


class _Pooling(Layer):
    """Reduces each window of `rank` spatial axes; its arguments are told at `MaxPooling2D`."""

    rank: ClassVar[int]

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = sizes(pool_size, self.rank, "pool_size")
        self.strides = sizes(strides or self.pool_size, self.rank, "strides")
        self.padding = padding_mode(padding)
        self.data_format, self._channels = channels_axis(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def reduce(self, x: Any, window: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        """Return the reduction of each window; sizes and strides cover all axes of `x`."""
        raise NotImplementedError

    def call(self, x: Any) -> Any:
        window, strides = self._all_axes(self.pool_size), self._all_axes(self.strides)
        if self.padding == "valid":
            for size, extent in zip(x.shape, window, strict=True):
                if isinstance(size, int) and size < extent:
                    raise ShapeError(
                        f"Layer {self.name!r} has windows of {self.pool_size}, larger than its "
                        f"input {x.shape[1:]}; use padding='same' or pool less before it."
                    )
        return self.reduce(x, window, strides)

    def _all_axes(self, spatial: tuple[int, ...]) -> tuple[int, ...]:
        return (1, 1, *spatial) if self._channels == 1 else (1, *spatial, 1)


class _MaxPooling(_Pooling):
    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, **kwargs)

    def reduce(self, x: Any, window: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        return max_pool(x, window, strides, self.padding.upper())


class _AveragePooling(_Pooling):
    def reduce(self, x: Any, window: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        total = self._sum(x, window, strides)
        if self.padding == "valid":
            count: Any = math.prod(window)
        else:
            # Padding does not count: windows at the border hold fewer elements.
            ones = jnp.ones((1, *x.shape[1:]), x.dtype)
            count = self._sum(ones, window, strides)
        return total / count

    def _sum(self, x: Any, window: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        zero = np.zeros((), x.dtype)
        return jax.lax.reduce_window(x, zero, jax.lax.add, window, strides, self.padding.upper())


@register("MaxPool2D")
class MaxPooling2D(_MaxPooling):
    """The largest value of each window of height and width.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels)`, with
    the channels first under `data_format="channels_first"`.

    Args:
        pool_size: the extent of the windows in each spatial axis.
        strides: their distance; `pool_size` by default.
        padding: `"valid"` (only whole windows) or `"same"`.
        data_format: `"channels_last"` (the default) or `"channels_first"`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if no window fits into the input.

    Example:
        >>> import numpy as np
        >>> MaxPooling2D()(np.ones((2, 28, 28, 8), "float32")).shape
        (2, 14, 14, 8)
    """

    rank = 2


@register("AvgPool2D")
class AveragePooling2D(_AveragePooling):
    """The mean of each window of height and width; padding does not count.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels)`, with
    the channels first under `data_format="channels_first"`.

    Args:
        pool_size: the extent of the windows in each spatial axis.
        strides: their distance; `pool_size` by default.
        padding: `"valid"` (only whole windows) or `"same"`.
        data_format: `"channels_last"` (the default) or `"channels_first"`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.
        ShapeError: if no window fits into the input.

    Example:
        >>> import numpy as np
        >>> AveragePooling2D(2)(np.ones((2, 28, 28, 8), "float32")).shape
        (2, 14, 14, 8)
    """

    rank = 2


class _GlobalPooling(Layer):
    """Reduces all of `rank` spatial axes to one value for each channel."""

    rank: ClassVar[int]

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format, channels = channels_axis(data_format, self.rank)
        self.keepdims = keepdims
        self._axes = tuple(i for i in range(1, self.rank + 2) if i != channels)
        self.input_spec = InputSpec(ndim=self.rank + 2)


@register("GlobalAvgPool2D")
class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel over height and width.

    Shapes: `(batch, height, width, channels) -> (batch, channels)`, or with ones in
    place of the spatial axes.

    Args:
        data_format: `"channels_last"` (the default) or `"channels_first"`.
        keepdims: whether the spatial axes stay, with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> GlobalAveragePooling2D()(np.ones((2, 7, 7, 8), "float32")).shape
        (2, 8)
    """

    rank = 2

    def call(self, x: Any) -> Any:
        return jnp.mean(x, axis=self._axes, keepdims=self.keepdims)
