"""Pooling to an output of a given size, whatever the size of the input."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import jax.numpy as jnp

from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.layers._shared import channels_axis, register, sizes

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
]


class _AdaptivePooling(Layer):
    """Reduces `rank` spatial axes, one after another, to a given size.

    Window `i` of `m` over an axis of size `n` goes from `floor(i * n / m)` to
    `ceil((i + 1) * n / m)`.
    """

    rank: ClassVar[int]

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = sizes(output_size, self.rank, "output_size")
        self.data_format, channels = channels_axis(data_format, self.rank)
        self._axes = [i for i in range(1, self.rank + 2) if i != channels]
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, x: Any) -> Any:
        for axis, count in zip(self._axes, self.output_size, strict=True):
            n = x.shape[axis]
            if isinstance(n, int) and n % count == 0:
                blocks = x.reshape(*x.shape[:axis], count, n // count, *x.shape[axis + 1 :])
                x = self.reduce(blocks, axis + 1)
            else:
                x = self.reduce_windows(x, axis, *_windows(n, count))
        return x

    @abstractmethod
    def reduce(self, x: Any, axis: int) -> Any:
        """Return one value for all in an axis."""

    @abstractmethod
    def reduce_windows(self, x: Any, axis: int, start: Any, end: Any) -> Any:
        """Return one value for each of the windows, of different lengths, over an axis."""


def _windows(n: Any, count: int) -> tuple[Any, Any]:
    """Return where the windows over an axis begin and end, in columns."""
    i = jnp.arange(count)[:, None]
    return i * n // count, -((i + 1) * -n // count)


class _AdaptiveAveragePooling(_AdaptivePooling):
    def reduce(self, x: Any, axis: int) -> Any:
        return jnp.mean(x, axis)

    def reduce_windows(self, x: Any, axis: int, start: Any, end: Any) -> Any:
        # A product with a matrix that holds the share of each element in each window.
        place = jnp.arange(x.shape[axis])[None]
        inside, length = (place >= start) & (place < end), end - start
        share = inside.astype(self.compute_dtype) / length.astype(self.compute_dtype)
        mean = jnp.tensordot(x.astype(self.compute_dtype), share, (axis, 1))
        return jnp.moveaxis(mean, -1, axis)


class _AdaptiveMaxPooling(_AdaptivePooling):
    def reduce(self, x: Any, axis: int) -> Any:
        return jnp.max(x, axis)

    def reduce_windows(self, x: Any, axis: int, start: Any, end: Any) -> Any:
        # As many places as the longest window has; in shorter ones the last is taken again.
        most = x.shape[axis] // len(start) + 2
        places = jnp.minimum(start + jnp.arange(most)[None], end - 1)
        return jnp.max(jnp.take(x, places, axis), axis + 1)


@register()
class AdaptiveAveragePooling1D(_AdaptiveAveragePooling):
    """The mean of as many windows over time as are asked for.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, steps, channels) -> (batch, *output_size, channels)`, with the channels
    first under `data_format="channels_first"`.

    Args:
        output_size: how many windows there are.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Example:
        >>> import numpy as np
        >>> AdaptiveAveragePooling1D(3)(np.ones((2, 10, 4), "float32")).shape
        (2, 3, 4)
    """

    rank = 1


@register()
class AdaptiveAveragePooling2D(_AdaptiveAveragePooling):
    """The mean of as many windows over height and width as are asked for.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, height, width, channels) -> (batch, *output_size, channels)`, with the
    channels first under `data_format="channels_first"`.

    Args:
        output_size: how many windows there are in each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Example:
        >>> import numpy as np
        >>> AdaptiveAveragePooling2D((7, 5))(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 7, 5, 4)
    """

    rank = 2


@register()
class AdaptiveAveragePooling3D(_AdaptiveAveragePooling):
    """The mean of as many windows over three spatial axes as are asked for.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, depth, height, width, channels) -> (batch, *output_size, channels)`, with
    the channels first under `data_format="channels_first"`.

    Args:
        output_size: how many windows there are in each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Example:
        >>> import numpy as np
        >>> AdaptiveAveragePooling3D(2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 2, 2, 2, 1)
    """

    rank = 3


@register()
class AdaptiveMaxPooling1D(_AdaptiveMaxPooling):
    """The largest value of as many windows over time as are asked for.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, steps, channels) -> (batch, *output_size, channels)`, with the channels
    first under `data_format="channels_first"`.

    Args:
        output_size: how many windows there are.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Example:
        >>> import numpy as np
        >>> AdaptiveMaxPooling1D(3)(np.ones((2, 10, 4), "float32")).shape
        (2, 3, 4)
    """

    rank = 1


@register()
class AdaptiveMaxPooling2D(_AdaptiveMaxPooling):
    """The largest value of as many windows over height and width as are asked for.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, height, width, channels) -> (batch, *output_size, channels)`, with the
    channels first under `data_format="channels_first"`.

    Args:
        output_size: how many windows there are in each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Example:
        >>> import numpy as np
        >>> AdaptiveMaxPooling2D((7, 5))(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 7, 5, 4)
    """

    rank = 2


@register()
class AdaptiveMaxPooling3D(_AdaptiveMaxPooling):
    """The largest value of as many windows over three spatial axes as are asked for.

    The windows cover the input evenly, and may overlap by one element.

    Shapes: `(batch, depth, height, width, channels) -> (batch, *output_size, channels)`, with
    the channels first under `data_format="channels_first"`.

    Args:
        output_size: how many windows there are in each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a setting cannot be.

    Example:
        >>> import numpy as np
        >>> AdaptiveMaxPooling3D(2)(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 2, 2, 2, 1)
    """

    rank = 3
