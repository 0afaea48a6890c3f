"""Merging layers (Add, Concatenate, Dot, ...) and functions that apply them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import reduce
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.graph.symbolic import SymbolicTensor
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Shape
from kerasish.layers._shared import register

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]


Tensor = Array | SymbolicTensor


class _Merge(Layer):
    """Base of layers that take a list of tensors."""

    count: ClassVar[int | None] = None  # how many; None for any number

    def build(self, input_shape: Sequence[Shape]) -> None:
        given = len(input_shape) if isinstance(input_shape, list) else 0
        if given != (self.count or max(given, 1)):
            a = type(self).__name__
            raise ArgumentError(
                f"{a} takes a list of {self.count or 'tensors'}: `{a}()([a, b])`; it got "
                f"{input_shape}."
            )


class _Elementwise(_Merge):
    """Base of layers that combine tensors element-wise."""

    def __init__(self, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Sequence[Shape]) -> None:
        super().build(input_shape)
        if len({shape[0] for shape in input_shape} - {None}) > 1:
            raise ShapeError(
                f"Layer {self.name!r} takes inputs of the same batch; their shapes are "
                f"{', '.join(map(str, input_shape))}."
            )
        rank = max(map(len, input_shape))
        for axis in range(1, rank):
            sizes = {s[axis - rank] for s in input_shape if len(s) > rank - axis} - {None, 1}
            if len(sizes) > 1:
                raise ShapeError(
                    f"Layer {self.name!r} takes inputs of one shape (sizes of 1 broadcast); they "
                    f"are {', '.join(map(str, input_shape))}."
                )

    @abstractmethod
    def combine(self, inputs: list[Array]) -> Array:
        """Return one tensor for several of the same rank."""

    def call(self, inputs: Sequence[Array]) -> Array:
        return self.combine(_match_ranks(inputs))

    def compute_mask(
        self, inputs: Sequence[Array], mask: Sequence[Array | None] | Array | None = None
    ) -> Array | None:
        masks = mask if isinstance(mask, list) else [mask]
        # A step counts if it does in any of the inputs: always, if one has no mask.
        return None if any(m is None for m in masks) else reduce(jnp.logical_or, masks)


def _match_ranks(inputs: Sequence[Array]) -> list[Array]:
    """Give all inputs the rank of the largest, the new axes after the batch."""
    rank = max(x.ndim for x in inputs)
    return [x.reshape(x.shape[:1] + (1,) * (rank - x.ndim) + x.shape[1:]) for x in inputs]


@register()
class Add(_Elementwise):
    """The element-wise sum of the inputs.

    Shapes: `[(batch, ...), (batch, ...)] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x, y = jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 1.0]])
        >>> Add()([x, y]).tolist()
        [[4.0, 3.0]]
    """

    def combine(self, inputs: list[Array]) -> Array:
        return reduce(jnp.add, inputs)


@register()
class Subtract(_Elementwise):
    """The element-wise difference of two inputs: `x - y`.

    Shapes: `[(batch, ...), (batch, ...)] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x, y = jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 1.0]])
        >>> Subtract()([x, y]).tolist()
        [[-2.0, 1.0]]
    """

    count = 2

    def combine(self, inputs: list[Array]) -> Array:
        return reduce(jnp.subtract, inputs)


@register()
class Multiply(_Elementwise):
    """The element-wise product of the inputs.

    Shapes: `[(batch, ...), (batch, ...)] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x, y = jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 1.0]])
        >>> Multiply()([x, y]).tolist()
        [[3.0, 2.0]]
    """

    def combine(self, inputs: list[Array]) -> Array:
        return reduce(jnp.multiply, inputs)


@register()
class Average(_Elementwise):
    """The element-wise mean of the inputs.

    Shapes: `[(batch, ...), (batch, ...)] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x, y = jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 1.0]])
        >>> Average()([x, y]).tolist()
        [[2.0, 1.5]]
    """

    def combine(self, inputs: list[Array]) -> Array:
        return reduce(jnp.add, inputs) / len(inputs)


@register()
class Maximum(_Elementwise):
    """The element-wise maximum of the inputs.

    Shapes: `[(batch, ...), (batch, ...)] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x, y = jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 1.0]])
        >>> Maximum()([x, y]).tolist()
        [[3.0, 2.0]]
    """

    def combine(self, inputs: list[Array]) -> Array:
        return reduce(jnp.maximum, inputs)


@register()
class Minimum(_Elementwise):
    """The element-wise minimum of the inputs.

    Shapes: `[(batch, ...), (batch, ...)] -> (batch, ...)`; sizes of 1 broadcast.

    Args:
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> x, y = jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 1.0]])
        >>> Minimum()([x, y]).tolist()
        [[1.0, 1.0]]
    """

    def combine(self, inputs: list[Array]) -> Array:
        return reduce(jnp.minimum, inputs)


@register()
class Dot(_Merge):
    """The batched dot product of two inputs along an axis of each.

    Shapes: `[(batch, ..., n, ...), (batch, ..., n, ...)] -> (batch, <the other axes of the first>,
    <those of the second>)`; of two vectors, `(batch, 1)`.

    Args:
        axes: the axis to sum over, or that of the first and that of the second; not the batch.
        normalize: whether to scale both to length 1 along the axis first, so that the
            products are cosines.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axes` is neither an integer nor two.
        ShapeError: if the sizes along the axes differ.

    Examples:
        >>> x, y = jnp.ones((2, 3, 5)), jnp.ones((2, 10, 3))
        >>> Dot(axes=(1, 2))([x, y]).shape
        (2, 5, 10)
    """

    count = 2

    def __init__(
        self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        pair = [axes] * 2 if isinstance(axes, int) else axes
        whole = isinstance(pair, (list, tuple)) and all(isinstance(axis, int) for axis in pair)
        if not whole or len(pair) != 2:
            raise ArgumentError(f"axes must be a whole number or two of them; got {axes!r}.")
        self.axes = axes if isinstance(axes, int) else list(axes)
        self.normalize = normalize
        self.supports_masking = True

    def build(self, input_shape: Sequence[Shape]) -> None:
        super().build(input_shape)
        axes = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        for axis, shape in zip(axes, input_shape, strict=True):
            if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
                raise ShapeError(
                    f"Layer {self.name!r} sums over the axes {self.axes}; an input of shape "
                    f"{shape} has 1 to {len(shape) - 1}, 0 being the batch."
                )
        self._axes = [axis % len(shape) for axis, shape in zip(axes, input_shape, strict=True)]

    def call(self, inputs: Sequence[Array]) -> Array:
        sizes = [x.shape[axis] for x, axis in zip(inputs, self._axes, strict=True)]
        # A size that is not known yet is equal to itself only.
        if sizes[0] != sizes[1]:
            shown = [n if isinstance(n, int) else None for n in sizes]
            raise ShapeError(
                f"Layer {self.name!r} sums over axis {self._axes[0]} of one input and "
                f"{self._axes[1]} of the other, which differ in size: {shown[0]} and {shown[1]}. "
                "Where a size is None, give it in `Input(shape=...)`."
            )
        if self.normalize:
            inputs = [_l2_normalize(x, axis) for x, axis in zip(inputs, self._axes, strict=True)]
        letters = iter("bcdefghijklmnopqrstuvwxy")
        first, second = (
            "a" + "".join("z" if i == axis else next(letters) for i in range(1, x.ndim))
            for x, axis in zip(inputs, self._axes, strict=True)
        )
        others = (first + second[1:]).replace("z", "")
        products = jnp.einsum(f"{first},{second}->{others}", *inputs)
        return products[:, None] if products.ndim == 1 else products

    def compute_mask(
        self, inputs: Sequence[Array], mask: Sequence[Array | None] | Array | None = None
    ) -> Array | None:
        """Return None: no step of either input is one of the output."""
        return None


def _l2_normalize(x: Array, axis: int) -> Array:
    """Return `x` with length 1 along an axis, or 0 where it is 0."""
    return x * jax.lax.rsqrt(jnp.maximum((x * x).sum(axis, keepdims=True), 1e-12))


@register()
class Concatenate(_Merge):
    """The concatenation of the inputs along an axis.

    Shapes: `[(batch, ..., n), (batch, ..., m), ...] -> (batch, ..., n + m + ...)`.

    Args:
        axis: the axis; not the batch.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ShapeError: if the inputs differ in another axis.

    Examples:
        >>> import numpy as np
        >>> Concatenate()([np.ones((1, 2), "float32"), np.zeros((1, 1), "float32")]).tolist()
        [[1.0, 1.0, 0.0]]
    """

    def __init__(self, axis: int = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def build(self, input_shape: Sequence[Shape]) -> None:
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

    def call(self, inputs: Sequence[Array]) -> Array:
        return jnp.concatenate(inputs, self.axis)

    def compute_mask(
        self, inputs: Sequence[Array], mask: Sequence[Array | None] | Array | None = None
    ) -> Array | None:
        if mask is None:
            return None
        masks = mask if isinstance(mask, list) else [mask]
        joined = jnp.concatenate(
            [_full_mask(*pair) for pair in zip(inputs, masks, strict=True)], self.axis
        )
        return jnp.any(joined, -1)


def _full_mask(x: Array, mask: Array | None) -> Array:
    """Return the mask of `x` in its shape; without one, everything counts."""
    if mask is None:
        return jnp.ones(x.shape, bool)
    return jnp.broadcast_to(mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim)), x.shape)


def add(inputs: Sequence[Tensor], **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the element-wise sum of the inputs; see `Add`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Tensor], **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the element-wise difference of two inputs; see `Subtract`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Tensor], **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the element-wise product of the inputs; see `Multiply`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Tensor], **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the element-wise mean of the inputs; see `Average`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[Tensor], **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the element-wise maximum of the inputs; see `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Tensor], **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the element-wise minimum of the inputs; see `Minimum`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Sequence[Tensor], axis: int = -1, **kwargs: Unpack[LayerOptions]) -> Tensor:
    """Return the concatenation of the inputs along an axis; see `Concatenate`."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(
    inputs: Sequence[Array], axes: int | Sequence[int] = -1, **kwargs: Any
) -> Array | SymbolicTensor:
    """Return the batched dot product of two inputs; see `Dot`."""
    return Dot(axes, **kwargs)(inputs)
