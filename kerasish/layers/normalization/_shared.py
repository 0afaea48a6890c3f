"""Base of normalization layers that scale and shift, and validation of their axes."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.core.variable import Variable
from kerasish.layers._weights import add_weight_for, set_weight_options

__all__ = ["Normalization", "normalize_axes", "single_axis", "standardize_axis", "upcast"]


class Normalization(Layer):
    """The base of layers that return `gamma * normalized(x) + beta`.

    Args:
        axis: the axis or axes that `gamma` and `beta` go along.
        epsilon: added to the variance for numerical stability.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: initializer of `beta`.
        gamma_initializer: initializer of `gamma`.
        beta_regularizer: regularizer of `beta`.
        gamma_regularizer: regularizer of `gamma`.
        beta_constraint: constraint of `beta`, applied after each update.
        gamma_constraint: constraint of `gamma`, applied after each update.
        **kwargs: `name`, `trainable`, `dtype`.
    """

    gamma: Variable
    beta: Variable

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.axis: int | list[int] = standardize_axis(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        set_weight_options(self, "beta", beta_initializer, beta_regularizer, beta_constraint)
        set_weight_options(self, "gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.supports_masking = True

    def add_gamma_and_beta(self, shape: Shape) -> None:
        """Add `gamma` and `beta`, as `scale` and `center` say."""
        if self.scale:
            self.gamma = self._add_gamma(shape)
        if self.center:
            self.beta = add_weight_for(self, "beta", shape)

    def _add_gamma(self, shape: Shape) -> Variable:
        return add_weight_for(self, "gamma", shape)

    def normalize(self, x: Array, mean: Array, variance: Array, shape: tuple[int, ...]) -> Array:
        """Return `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

        Args:
            x: the input.
            mean: broadcasts to `x`.
            variance: broadcasts to `x`.
            shape: what gamma and beta are reshaped to, to broadcast to `x`.
        """
        factor = jax.lax.rsqrt(variance + self.epsilon)
        if self.scale:
            factor = factor * self.gamma.value.reshape(shape)
        y = (x - mean) * factor
        return y + self.beta.value.reshape(shape) if self.center else y


def upcast(x: Array) -> Array:
    """Cast to float32 or wider: statistics in 16 bits lose too much precision."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def standardize_axis(axis: int | Sequence[int]) -> int | list[int]:
    """Return an axis as a number, or several as a list of numbers.

    Raises:
        ArgumentError: if it is something else.
    """
    try:
        return [index(i) for i in axis] if isinstance(axis, Sequence) else index(axis)
    except TypeError:
        raise ArgumentError(
            f"axis must be a whole number or a list of them; got {axis!r}."
        ) from None


def single_axis(axis: int | list[int], message: str) -> int:
    """Return an axis that must not be a list.

    Raises:
        ArgumentError: if it is one, with `message`.
    """
    if isinstance(axis, list):
        raise ArgumentError(message)
    return axis


def normalize_axes(axis: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    """Return axes counted from the front, in order.

    Raises:
        ShapeError: if there is no such axis.
    """
    given = [axis] if isinstance(axis, int) else axis
    if not all(-ndim <= i < ndim for i in given):
        raise ShapeError(f"An input of {ndim} dimensions has no axis {axis}.")
    return tuple(sorted(i % ndim for i in given))
