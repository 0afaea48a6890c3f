"""Projections of weights after each update."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.serialization.registry import Registry
from kerasish.core.settings import config
from kerasish.core.surface.representation import representation

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

constraints = Registry("constraint", "constraints", instantiate=True)
get = constraints.get
deserialize = constraints.deserialize


class Constraint:
    """The base of constraints: a function from a weight to an allowed weight; here, itself.

    Examples:
        >>> class AtMostOne(Constraint):
        ...     def __call__(self, w):
        ...         return jnp.minimum(w, 1)
        >>> AtMostOne()(jnp.array([-1.0, 2.0])).tolist()
        [-1.0, 1.0]
    """

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`."""
        return w

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal constraint."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """Make a constraint from what `get_config` returned."""
        return cls(**config)


@constraints.register("nonneg")
class NonNeg(Constraint):
    """Negative weights become zero.

    Examples:
        >>> NonNeg()(jnp.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return jnp.maximum(w, 0)


@constraints.register("maxnorm")
class MaxNorm(Constraint):
    """The norm along `axis` is at most `max_value`.

    Args:
        max_value: the largest norm allowed.
        axis: along which the norm is taken; 0 gives one for each output of a Dense layer.

    Examples:
        >>> print(MaxNorm(1)(jnp.array([[3.0], [4.0]])))
        [[0.6]
         [0.8]]
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norm = _norm(w, self.axis)
        return w * (jnp.clip(norm, 0, self.max_value) / (config.epsilon() + norm))


@constraints.register("minmaxnorm")
class MinMaxNorm(Constraint):
    """The norm along `axis` moves towards the range between two bounds.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: how far to move: 1 goes all the way at once.
        axis: along which the norm is taken.

    Examples:
        >>> MinMaxNorm(10.0, 20.0)(jnp.array([[3.0], [4.0]])).round(2).tolist()
        [[6.0], [8.0]]
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norm = _norm(w, self.axis)
        wanted = self.rate * jnp.clip(norm, self.min_value, self.max_value)
        return w * ((wanted + (1 - self.rate) * norm) / (config.epsilon() + norm))


@constraints.register("unitnorm")
class UnitNorm(Constraint):
    """The norm along `axis` is 1.

    Args:
        axis: along which the norm is taken.

    Examples:
        >>> print(UnitNorm()(jnp.array([[3.0], [4.0]])))
        [[0.6]
         [0.8]]
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (config.epsilon() + _norm(w, self.axis))


def _norm(w: Any, axis: Any) -> Any:
    axis = tuple(axis) if isinstance(axis, list) else axis
    return jnp.sqrt(jnp.sum(jnp.square(w), axis=axis, keepdims=True))


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm


def serialize(constraint: Any) -> Any:
    """Return the JSON-ready description of a constraint, in Keras's form.

    Args:
        constraint: an instance or a function.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    return constraints.serialize(constraint)
