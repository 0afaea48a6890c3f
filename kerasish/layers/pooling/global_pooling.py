"""Global pooling over all spatial axes."""

from __future__ import annotations

from typing import ClassVar, Unpack

import jax.numpy as jnp
from jax import lax

from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register, standardize_data_format

__all__ = [
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
]


class _GlobalPooling(Layer):
    """Reduces all of `rank` spatial axes to one value for each channel."""

    rank: ClassVar[int]

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.data_format, channels = standardize_data_format(data_format, self.rank)
        self.keepdims = keepdims
        self._axes = tuple(i for i in range(1, self.rank + 2) if i != channels)
        self.input_spec = InputSpec(ndim=self.rank + 2)


class _GlobalAveragePooling(_GlobalPooling):
    def call(self, inputs: Array) -> Array:
        return jnp.mean(inputs, axis=self._axes, keepdims=self.keepdims)


class _GlobalMaxPooling(_GlobalPooling):
    def call(self, inputs: Array) -> Array:
        # Not `jnp.max`, which wants to know that unknown sizes are not 0.
        y = lax.reduce_max(inputs, self._axes)
        return jnp.expand_dims(y, self._axes) if self.keepdims else y


@register("GlobalAvgPool1D")
class GlobalAveragePooling1D(_GlobalAveragePooling):
    """Global average pooling over time: the mean of each channel.

    Masked timesteps are excluded; if all are masked, the mean is 0.

    Shapes: `(batch, steps, channels) -> (batch, channels)`, or `(batch, 1, channels)` with
    `keepdims`.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        keepdims: whether to keep the time axis with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there is no such data format.

    Call arguments:
        inputs: the sequences.
        mask: booleans `(batch, steps)`, False for steps that do not count.

    Examples:
        >>> import numpy as np
        >>> GlobalAveragePooling1D()(np.ones((2, 10, 4), "float32")).shape
        (2, 4)
    """

    rank = 1

    def compute_mask(self, inputs: Array, mask: Array | None = None) -> Array | None:
        """Return None: there are no steps any more."""
        return None

    def call(self, inputs: Array, mask: Array | None = None) -> Array:
        if mask is None:
            return super().call(inputs)
        (time,) = self._axes
        weight = jnp.expand_dims(mask, 3 - time).astype(inputs.dtype)
        count = jnp.sum(weight, time, keepdims=self.keepdims)
        total = jnp.sum(inputs * weight, time, keepdims=self.keepdims)
        return total / jnp.maximum(count, 1)


@register("GlobalAvgPool2D")
class GlobalAveragePooling2D(_GlobalAveragePooling):
    """Global average pooling over height and width: the mean of each channel.

    Shapes: `(batch, height, width, channels) -> (batch, channels)`, or ones in place of the spatial
    axes with `keepdims`.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        keepdims: whether to keep the spatial axes with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there is no such data format.

    Examples:
        >>> import numpy as np
        >>> GlobalAveragePooling2D()(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 4)
    """

    rank = 2


@register("GlobalAvgPool3D")
class GlobalAveragePooling3D(_GlobalAveragePooling):
    """Global average pooling over three spatial axes: the mean of each channel.

    Shapes: `(batch, depth, height, width, channels) -> (batch, channels)`, or ones in place of the
    spatial axes with `keepdims`.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        keepdims: whether to keep the spatial axes with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there is no such data format.

    Examples:
        >>> import numpy as np
        >>> GlobalAveragePooling3D()(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 1)
    """

    rank = 3


@register("GlobalMaxPool1D")
class GlobalMaxPooling1D(_GlobalMaxPooling):
    """Global max pooling over time: the maximum of each channel.

    Shapes: `(batch, steps, channels) -> (batch, channels)`, or `(batch, 1, channels)` with
    `keepdims`.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        keepdims: whether to keep the time axis with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there is no such data format.

    Examples:
        >>> import numpy as np
        >>> GlobalMaxPooling1D()(np.ones((2, 10, 4), "float32")).shape
        (2, 4)
    """

    rank = 1


@register("GlobalMaxPool2D")
class GlobalMaxPooling2D(_GlobalMaxPooling):
    """Global max pooling over height and width: the maximum of each channel.

    Shapes: `(batch, height, width, channels) -> (batch, channels)`, or ones in place of the spatial
    axes with `keepdims`.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        keepdims: whether to keep the spatial axes with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there is no such data format.

    Examples:
        >>> import numpy as np
        >>> GlobalMaxPooling2D()(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 4)
    """

    rank = 2


@register("GlobalMaxPool3D")
class GlobalMaxPooling3D(_GlobalMaxPooling):
    """Global max pooling over three spatial axes: the maximum of each channel.

    Shapes: `(batch, depth, height, width, channels) -> (batch, channels)`, or ones in place of the
    spatial axes with `keepdims`.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        keepdims: whether to keep the spatial axes with size 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if there is no such data format.

    Examples:
        >>> import numpy as np
        >>> GlobalMaxPooling3D()(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 1)
    """

    rank = 3
