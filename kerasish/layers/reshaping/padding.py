"""Zero padding of sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax.numpy as jnp

from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.reshaping._spatial import SpatialMargins

__all__ = ["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"]


class _ZeroPadding(SpatialMargins):
    def call(self, inputs: Array) -> Array:
        return jnp.pad(inputs, [self._margins.get(axis, (0, 0)) for axis in range(inputs.ndim)])


@register()
class ZeroPadding1D(_ZeroPadding):
    """Pads a sequence with zeros at both ends.

    Shapes: `(batch, steps, channels) -> (batch, new_steps, channels)`, or channels first with
    `data_format="channels_first"`.

    Args:
        padding: zeros to add at either end, or `(at the beginning, at the end)`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `padding` is not of that form.

    Examples:
        >>> import numpy as np
        >>> ZeroPadding1D((2, 0))(np.ones((2, 10, 4), "float32")).shape
        (2, 12, 4)
    """

    rank = 1

    def __init__(
        self,
        padding: int | Sequence[int] | Sequence[Sequence[int]] = 1,
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.padding = self._set_spatial(padding, "padding", data_format)


@register()
class ZeroPadding2D(_ZeroPadding):
    """Pads images with zeros.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels)`, or
    channels first with `data_format="channels_first"`.

    Args:
        padding: zeros to add on each side, or `(vertically, horizontally)`, or `((top, bottom),
            (left, right))`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `padding` is not of that form.

    Examples:
        >>> import numpy as np
        >>> ZeroPadding2D()(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 30, 30, 4)
    """

    rank = 2

    def __init__(
        self,
        padding: int | Sequence[int] | Sequence[Sequence[int]] = (1, 1),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.padding = self._set_spatial(padding, "padding", data_format)


@register()
class ZeroPadding3D(_ZeroPadding):
    """Pads three spatial axes with zeros.

    Shapes: `(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)`, or channels first with `data_format="channels_first"`.

    Args:
        padding: zeros to add on each side, or one number or pair `(before, behind)` for each
            spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `padding` is not of that form.

    Examples:
        >>> import numpy as np
        >>> ZeroPadding3D((1, 1, 0))(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 8, 8, 4, 1)
    """

    rank = 3

    def __init__(
        self,
        padding: int | Sequence[int] | Sequence[Sequence[int]] = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.padding = self._set_spatial(padding, "padding", data_format)
