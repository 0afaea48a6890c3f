"""Cropping of sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from kerasish.core.errors import ShapeError
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.reshaping._spatial import SpatialMargins

__all__ = ["Cropping1D", "Cropping2D", "Cropping3D"]


class _Cropping(SpatialMargins):
    def call(self, inputs: Array) -> Array:
        without = [(slice(None), slice(None))] * inputs.ndim
        for axis, (low, high) in self._margins.items():
            n = inputs.shape[axis]
            if isinstance(n, int) and low + high >= n:
                raise ShapeError(
                    f"Layer {self.name!r} crops {low} and {high} of axis {axis}, which leaves "
                    f"nothing of its input {inputs.shape[1:]}; crop less."
                )
            without[axis] = slice(low, None), slice(-high or None)
        # One border after the other: of a size that is not known, both at once are too much.
        for border in zip(*without, strict=True):
            inputs = inputs[border]
        return inputs


@register()
class Cropping1D(_Cropping):
    """Crops a sequence at both ends.

    Shapes: `(batch, steps, channels) -> (batch, new_steps, channels)`.

    Args:
        cropping: steps to crop at either end, or `(at the beginning, at the end)`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `cropping` is not of that form.
        ShapeError: if nothing would be left.

    Examples:
        >>> import numpy as np
        >>> Cropping1D((2, 0))(np.ones((2, 10, 4), "float32")).shape
        (2, 8, 4)
    """

    rank = 1

    def __init__(
        self,
        cropping: int | Sequence[int] | Sequence[Sequence[int]] = (1, 1),
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = self._set_spatial(cropping, "cropping", "channels_last")


@register()
class Cropping2D(_Cropping):
    """Crops the borders of images.

    Shapes: `(batch, height, width, channels) -> (batch, new_height, new_width, channels)`, or
    channels first with `data_format="channels_first"`.

    Args:
        cropping: elements to crop on each side, or `(vertically, horizontally)`, or `((top,
            bottom), (left, right))`.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `cropping` is not of that form.
        ShapeError: if nothing would be left.

    Examples:
        >>> import numpy as np
        >>> Cropping2D((4, 2))(np.ones((2, 28, 28, 4), "float32")).shape
        (2, 20, 24, 4)
    """

    rank = 2

    def __init__(
        self,
        cropping: int | Sequence[int] | Sequence[Sequence[int]] = ((0, 0), (0, 0)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = self._set_spatial(cropping, "cropping", data_format)


@register()
class Cropping3D(_Cropping):
    """Crops three spatial axes.

    Shapes: `(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)`, or channels first with `data_format="channels_first"`.

    Args:
        cropping: elements to crop on each side, or one number or pair `(before, behind)` for each
            spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; by default as
            `config.image_data_format()` says.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `cropping` is not of that form.
        ShapeError: if nothing would be left.

    Examples:
        >>> import numpy as np
        >>> Cropping3D()(np.ones((2, 6, 6, 4, 1), "float32")).shape
        (2, 4, 4, 2, 1)
    """

    rank = 3

    def __init__(
        self,
        cropping: int | Sequence[int] | Sequence[Sequence[int]] = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = self._set_spatial(cropping, "cropping", data_format)
