"""Max pooling over windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.pooling._base import Pooling

__all__ = ["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"]


class _MaxPooling(Pooling):
    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def reduce(self, x: Array) -> Array:
        return ops.max_pool(x, self.pool_size, self.strides, self.padding, self.data_format)


@register("MaxPool1D")
class MaxPooling1D(_MaxPooling):
    """Max pooling over time.

    Shapes: `(batch, steps, channels) -> (batch, new_steps, channels)`, or channels first with
    `data_format="channels_first"`.

    Args:
        pool_size: size of the window.
        strides: stride of the windows; `pool_size` by default.
        padding: `"valid"` (only windows within the input) or `"same"` (padded input).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        name: name of the layer.
        **kwargs: `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if no window fits into the input.

    Examples:
        >>> import numpy as np
        >>> MaxPooling1D()(np.ones((2, 10, 4), "float32")).shape
        (2, 5, 4)
    """

    rank = 1


@register("MaxPool2D")
class MaxPooling2D(_MaxPooling):
    """Max pooling over height and width.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels)`, or
    channels first with `data_format="channels_first"`.

    Args:
        pool_size: size of the window along each spatial axis.
        strides: stride of the windows; `pool_size` by default.
        padding: `"valid"` (only windows within the input) or `"same"` (padded input).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        name: name of the layer.
        **kwargs: `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if no window fits into the input.

    Examples:
        >>> import numpy as np
        >>> MaxPooling2D()(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 14, 14, 4)
    """

    rank = 2


@register("MaxPool3D")
class MaxPooling3D(_MaxPooling):
    """Max pooling over three spatial axes.

    Shapes: `(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)`, or channels first with `data_format="channels_first"`.

    Args:
        pool_size: size of the window along each spatial axis.
        strides: stride of the windows; `pool_size` by default.
        padding: `"valid"` (only windows within the input) or `"same"` (padded input).
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        name: name of the layer.
        **kwargs: `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.
        ShapeError: if no window fits into the input.

    Examples:
        >>> import numpy as np
        >>> MaxPooling3D()(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 3, 3, 2, 1)
    """

    rank = 3
