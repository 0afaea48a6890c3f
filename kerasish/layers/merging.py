"""Layers that make one tensor of several."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.layer import Layer
from kerasish.layers._shared import register

__all__ = ["Add", "Concatenate"]


class _Merge(Layer):
    """Takes a list of tensors."""

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list) or len(input_shape) < 1:
            raise ArgumentError(
                f"{type(self).__name__} takes a list of tensors: `{type(self).__name__}()([a, b])`."
            )


def _aligned(inputs: Sequence[Any]) -> list[Any]:
    """Give all inputs the rank of the largest, the new axes after the batch."""
    rank = max(x.ndim for x in inputs)
    return [x.reshape(x.shape[:1] + (1,) * (rank - x.ndim) + x.shape[1:]) for x in inputs]


@register()
class Add(_Merge):
    """The sum of the inputs, element by element.

    Shapes: `[(batch, ...), (batch, ...), ...] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> x = np.ones((1, 2), "float32")
        >>> Add()([x, x]).tolist()
        [[2.0, 2.0]]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        rank = max(map(len, input_shape))
        for axis in range(1, rank):
            sizes = {s[axis - rank] for s in input_shape if len(s) > rank - axis} - {None, 1}
            if len(sizes) > 1:
                raise ShapeError(
                    f"Layer {self.name!r} adds inputs of one shape (sizes of 1 broadcast); they "
                    f"are {', '.join(map(str, input_shape))}."
                )

    def call(self, inputs: Sequence[Any]) -> Any:
        return reduce(jnp.add, _aligned(inputs))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        masks = previous_mask if isinstance(previous_mask, list) else [previous_mask]
        # A step counts if it does in any of the inputs: always, if one has no mask.
        return None if any(m is None for m in masks) else reduce(jnp.logical_or, masks)


@register()
class Concatenate(_Merge):
    """The inputs one after another along an axis.

    Shapes: `[(batch, ..., n), (batch, ..., m), ...] -> (batch, ..., n + m + ...)`.

    Args:
        axis: the axis; not the batch.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ShapeError: if the inputs differ in another axis.

    Example:
        >>> import numpy as np
        >>> Concatenate()([np.ones((1, 2), "float32"), np.zeros((1, 1), "float32")]).tolist()
        [[1.0, 1.0, 0.0]]
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        others = [
            tuple(n for i, n in enumerate(shape) if i != self.axis % len(shape))
            for shape in input_shape
        ]
        for other in others:
            fits = len(other) == len(others[0]) and all(
                a == b or a is None or b is None for a, b in zip(other, others[0], strict=True)
            )
            if not fits:
                raise ShapeError(
                    f"Layer {self.name!r} joins along axis {self.axis}; the inputs must agree in "
                    f"all other axes. They are {', '.join(map(str, input_shape))}."
                )

    def call(self, inputs: Sequence[Any]) -> Any:
        return jnp.concatenate(inputs, self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        if previous_mask is None:
            return None
        masks = previous_mask if isinstance(previous_mask, list) else [previous_mask]
        joined = jnp.concatenate(
            [_wide(*pair) for pair in zip(inputs, masks, strict=True)], self.axis
        )
        return jnp.any(joined, -1)


def _wide(x: Any, mask: Any) -> Any:
    """Return the mask of `x` in its shape; without one, everything counts."""
    if mask is None:
        return jnp.ones(x.shape, bool)
    return jnp.broadcast_to(mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim)), x.shape)
