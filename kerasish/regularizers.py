"""Penalties on weights and activations."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.serialization.registry import Registry
from kerasish.core.surface.representation import representation

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

regularizers = Registry("regularizer", "regularizers", instantiate=True)
get = regularizers.get
deserialize = regularizers.deserialize


class Regularizer:
    """The base of penalties: a function of an array that gives a scalar.

    Examples:
        >>> class Largest(Regularizer):
        ...     def __call__(self, x):
        ...         return jnp.max(jnp.abs(x))
        >>> float(Largest()(jnp.array([1.0, -2.0])))
        2.0
    """

    def __call__(self, x: Any) -> Any:
        """Return the penalty on `x`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal regularizer."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """Make a regularizer from what `get_config` returned."""
        return cls(**config)


@regularizers.register()
class L1(Regularizer):
    """`l1 * sum(|x|)`.

    Args:
        l1: the factor.

    Raises:
        ArgumentError: if the factor is negative, or no number.

    Examples:
        >>> float(L1(0.5)(jnp.array([1.0, -2.0])))
        1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", l1, 0.01)

    def __call__(self, x: Any) -> Any:
        return self.l1 * jnp.sum(jnp.abs(x))


@regularizers.register()
class L2(Regularizer):
    """`l2 * sum(x**2)`.

    Args:
        l2: the factor.

    Raises:
        ArgumentError: if the factor is negative, or no number.

    Examples:
        >>> float(L2(0.5)(jnp.array([1.0, -2.0])))
        2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", l2, 0.01)

    def __call__(self, x: Any) -> Any:
        return self.l2 * jnp.sum(jnp.square(x))


@regularizers.register("l1_l2")
class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x**2)`.

    Args:
        l1: the factor of the absolute values.
        l2: the factor of the squares.

    Raises:
        ArgumentError: if a factor is negative, or no number.

    Examples:
        >>> float(L1L2(0.5, 0.5)(jnp.array([1.0, -2.0])))
        4.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1, 0.0), _factor("l2", l2, 0.0)

    def __call__(self, x: Any) -> Any:
        return self.l1 * jnp.sum(jnp.abs(x)) + self.l2 * jnp.sum(jnp.square(x))


@regularizers.register()
class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean of the absolute cosines between any two rows, or columns.

    Args:
        factor: the factor.
        mode: `"rows"` or `"columns"`.

    Raises:
        ArgumentError: if the factor is negative, or there is no such mode.

    Examples:
        >>> float(OrthogonalRegularizer(0.5)(jnp.array([[1.0, 0.0], [2.0, 0.0]])))
        0.5
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise ArgumentError(f"mode must be 'rows' or 'columns'; got {mode!r}.")
        self.factor, self.mode = _factor("factor", factor, 0.01), mode

    def __call__(self, x: Any) -> Any:
        x = jnp.asarray(x)
        if x.ndim != 2:
            raise ShapeError(
                f"OrthogonalRegularizer is for matrices; it was given shape {x.shape}."
            )
        rows = x if self.mode == "rows" else x.T
        squares = jnp.sum(jnp.square(rows), axis=1, keepdims=True)
        # A row of zeros has no direction: it is left out, and its gradient is 0.
        there = squares > 1e-12
        rows = rows * jnp.where(there, jax.lax.rsqrt(jnp.where(there, squares, 1)), 0)
        count = rows.shape[0]
        cosines = jnp.abs(rows @ rows.T) * (1 - jnp.eye(count, dtype=rows.dtype))
        return self.factor * jnp.sum(cosines) / max(count * (count - 1), 1)


def _factor(name: str, value: Any, default: float) -> float:
    """Return a factor as a number; None is the default."""
    value = default if value is None else value
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ArgumentError(f"{name} must be a number that is not negative; got {value!r}.")
    return number


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer


def serialize(regularizer: Any) -> Any:
    """Return the JSON-ready description of a regularizer, in Keras's form.

    Args:
        regularizer: an instance or a function.

    Returns:
        What `deserialize` (here or in Keras) makes an equal one from.
    """
    return regularizers.serialize(regularizer)
