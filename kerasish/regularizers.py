"""Penalties on weights and activations."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish.core.registry import Registry, serialize

__all__ = ["L1", "L1L2", "L2", "Regularizer", "get", "serialize"]

regularizers = Registry("regularizer", "regularizers", instantiate=True)
get = regularizers.get


class Regularizer:
    """The base of penalties: a function of an array that gives a scalar."""

    def __call__(self, x: Any) -> Any:
        """Return the penalty on `x`."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal regularizer."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """Make a regularizer from what `get_config` returned."""
        return cls(**config)


@regularizers.register("l1")
class L1(Regularizer):
    """`l1 * sum(|x|)`.

    Example:
        >>> float(L1(0.1)(jnp.array([1.0, -2.0])))
        0.30000001192092896
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = float(l1)

    def __call__(self, x: Any) -> Any:
        return self.l1 * jnp.sum(jnp.abs(x))


@regularizers.register("l2")
class L2(Regularizer):
    """`l2 * sum(x**2)`."""

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = float(l2)

    def __call__(self, x: Any) -> Any:
        return self.l2 * jnp.sum(jnp.square(x))


@regularizers.register("l1_l2")
class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x**2)`."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = float(l1), float(l2)

    def __call__(self, x: Any) -> Any:
        return self.l1 * jnp.sum(jnp.abs(x)) + self.l2 * jnp.sum(jnp.square(x))
