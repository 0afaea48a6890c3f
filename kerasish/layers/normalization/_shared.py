"""What layers share that normalize and then scale and shift."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from kerasish import constraints, initializers, regularizers
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.variable import Variable

__all__ = ["Normalization", "normalize_axes", "standardize_axis", "upcast"]


class Normalization(Layer):
    """The base of layers that return `gamma * normalized(x) + beta`.

    Args:
        axis: the axis or axes that `gamma` and `beta` go along.
        epsilon: added to the variance.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: where `beta` starts.
        gamma_initializer: where `gamma` starts.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: a projection of `beta` after each update.
        gamma_constraint: a projection of `gamma` after each update.
        **kwargs: `name`, `trainable`, `dtype`.
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.axis = standardize_axis(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True

    def add_gamma_and_beta(self, shape: tuple[int | None, ...]) -> None:
        """Declare the weights that are asked for."""
        if self.scale:
            self.gamma = self._declare_gamma(shape)
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )

    def _declare_gamma(self, shape: tuple[int | None, ...]) -> Variable:
        return self.add_weight(
            shape,
            self.gamma_initializer,
            regularizer=self.gamma_regularizer,
            constraint=self.gamma_constraint,
            name="gamma",
        )

    def normalize(self, x: Any, mean: Any, variance: Any, shape: tuple[int, ...]) -> Any:
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


def upcast(x: Any) -> Any:
    """Return `x` in 32 bits or more: statistics in 16 bits would be useless."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def standardize_axis(axis: Any) -> Any:
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


def normalize_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return axes counted from the front, in order.

    Raises:
        ShapeError: if there is no such axis.
    """
    given = axis if isinstance(axis, list) else [axis]
    if not all(-ndim <= i < ndim for i in given):
        raise ShapeError(f"An input of {ndim} dimensions has no axis {axis}.")
    return tuple(sorted(i % ndim for i in given))
