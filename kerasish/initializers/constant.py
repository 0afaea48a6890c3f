"""Initializers that draw nothing: the same values each time."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.core.errors import ShapeError
from kerasish.core.serialization.registry import deserialize
from kerasish.core.types import ArrayLike, DTypeLike
from kerasish.initializers.base import Initializer, register

__all__ = ["Constant", "Identity", "Ones", "Zeros"]


@register("zero")
class Zeros(Initializer):
    """All zeros.

    Examples:
        >>> Zeros()((2, 2)).tolist()
        [[0.0, 0.0], [0.0, 0.0]]
    """

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        return np.zeros(shape, dtype)


@register("one")
class Ones(Initializer):
    """All ones.

    Examples:
        >>> Ones()((2, 2)).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        return np.ones(shape, dtype)


@register()
class Constant(Initializer):
    """One value everywhere.

    Args:
        value: the value, or an array that broadcasts to the shape.

    Examples:
        >>> Constant([1.0, 2.0])((3, 2)).tolist()
        [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
    """

    def __init__(self, value: ArrayLike = 0.0) -> None:
        self.value = value

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        value = np.asarray(self.value, dtype)
        try:
            return np.broadcast_to(value, shape).copy()
        except ValueError as error:
            raise ShapeError(
                f"Constant has a value of shape {value.shape}, which does not broadcast to the "
                f"shape {shape} that was asked for."
            ) from error

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(deserialize(config.get("value", 0.0)))


@register("IdentityInitializer")
class Identity(Initializer):
    """The identity matrix, for weights of two dimensions.

    Args:
        gain: a factor.

    Examples:
        >>> Identity(2.0)((2, 3)).tolist()
        [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(f"Identity makes matrices; it was asked for shape {shape}.")
        return (self.gain * np.eye(*shape)).astype(dtype)
