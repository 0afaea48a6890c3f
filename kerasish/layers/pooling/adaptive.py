"""Adaptive pooling: to an output of a given size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

from kerasish import ops
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register, standardize_data_format, standardize_tuple

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
]


class _AdaptivePooling(Layer):
    """Reduces `rank` spatial axes to a given size."""

    rank: ClassVar[int]

    def __init__(
        self,
        output_size: int | Sequence[int],
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.output_size = standardize_tuple(output_size, self.rank, "output_size")
        self.data_format, _ = standardize_data_format(data_format, self.rank)
        self.input_spec = InputSpec(ndim=self.rank + 2)


class _AdaptiveAveragePooling(_AdaptivePooling):
    def call(self, inputs: Array) -> Array:
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


class _AdaptiveMaxPooling(_AdaptivePooling):
    def call(self, inputs: Array) -> Array:
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


@register()
class AdaptiveAveragePooling1D(_AdaptiveAveragePooling):
    """Adaptive average pooling over time, to `output_size` steps.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, steps, channels) -> (batch, *output_size, channels)`, or channels first with
    `data_format="channels_first"`.

    Args:
        output_size: size of the output.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> AdaptiveAveragePooling1D(3)(np.ones((2, 10, 4), "float32")).shape
        (2, 3, 4)
    """

    rank = 1


@register()
class AdaptiveAveragePooling2D(_AdaptiveAveragePooling):
    """Adaptive average pooling over height and width, to `output_size`.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, height, width, channels) -> (batch, *output_size, channels)`, or channels first
    with `data_format="channels_first"`.

    Args:
        output_size: size of the output along each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> AdaptiveAveragePooling2D((7, 5))(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 7, 5, 4)
    """

    rank = 2


@register()
class AdaptiveAveragePooling3D(_AdaptiveAveragePooling):
    """Adaptive average pooling over three spatial axes, to `output_size`.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, depth, height, width, channels) -> (batch, *output_size, channels)`, or
    channels first with `data_format="channels_first"`.

    Args:
        output_size: size of the output along each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> AdaptiveAveragePooling3D(2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 2, 2, 2, 1)
    """

    rank = 3


@register()
class AdaptiveMaxPooling1D(_AdaptiveMaxPooling):
    """Adaptive max pooling over time, to `output_size` steps.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, steps, channels) -> (batch, *output_size, channels)`, or channels first with
    `data_format="channels_first"`.

    Args:
        output_size: size of the output.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> AdaptiveMaxPooling1D(3)(np.ones((2, 10, 4), "float32")).shape
        (2, 3, 4)
    """

    rank = 1


@register()
class AdaptiveMaxPooling2D(_AdaptiveMaxPooling):
    """Adaptive max pooling over height and width, to `output_size`.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, height, width, channels) -> (batch, *output_size, channels)`, or channels first
    with `data_format="channels_first"`.

    Args:
        output_size: size of the output along each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> AdaptiveMaxPooling2D((7, 5))(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 7, 5, 4)
    """

    rank = 2


@register()
class AdaptiveMaxPooling3D(_AdaptiveMaxPooling):
    """Adaptive max pooling over three spatial axes, to `output_size`.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, depth, height, width, channels) -> (batch, *output_size, channels)`, or
    channels first with `data_format="channels_first"`.

    Args:
        output_size: size of the output along each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if an argument is invalid.

    Examples:
        >>> import numpy as np
        >>> AdaptiveMaxPooling3D(2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 2, 2, 2, 1)
    """

    rank = 3
