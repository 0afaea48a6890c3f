"""Average pooling over windows."""

from __future__ import annotations

from kerasish import ops
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.pooling._base import Pooling

__all__ = ["AveragePooling1D", "AveragePooling2D", "AveragePooling3D"]


class _AveragePooling(Pooling):
    def reduce(self, x: Array) -> Array:
        return ops.average_pool(x, self.pool_size, self.strides, self.padding, self.data_format)


@register("AvgPool1D")
class AveragePooling1D(_AveragePooling):
    """Average pooling over time; padding is excluded from the mean.

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
        >>> AveragePooling1D(2)(np.ones((2, 10, 4), "float32")).shape
        (2, 5, 4)
    """

    rank = 1


@register("AvgPool2D")
class AveragePooling2D(_AveragePooling):
    """Average pooling over height and width; padding is excluded from the mean.

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
        >>> AveragePooling2D(2)(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 14, 14, 4)
    """

    rank = 2


@register("AvgPool3D")
class AveragePooling3D(_AveragePooling):
    """Average pooling over three spatial axes; padding is excluded from the mean.

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
        >>> AveragePooling3D(2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 3, 3, 2, 1)
    """

    rank = 3
