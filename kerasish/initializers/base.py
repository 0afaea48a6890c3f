"""What all initializers have in common. Values are drawn on the host, by NumPy.

Drawing hundreds of weights on the device costs seconds of compilation; on the
host it costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.seeds import SeedGenerator
from kerasish.core.serialization.registry import Registry, serialize
from kerasish.core.settings import config
from kerasish.core.surface.representation import representation
from kerasish.core.types import Array, ArrayLike, DTypeLike

__all__ = ["Initializer", "Seeded", "initializers", "register"]


class Initializer:
    """The base of initializers. A subclass gives `draw`, or `__call__` as in Keras.

    Calling one with a shape and dtype returns a first value, as in Keras.

    Examples:
        >>> class Twos(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return 2 * jnp.ones(shape, dtype)
        >>> from kerasish import layers
        >>> layers.Dense(1, kernel_initializer=Twos())(jnp.ones((1, 3))).item()
        6.0
    """

    seed: int | SeedGenerator | None = None

    @property
    def draws_on_host(self) -> bool:
        """Whether values are drawn by NumPy; a `__call__` of one's own may compute with JAX."""
        return type(self).__call__ is Initializer.__call__

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        """Return a first value, drawn from `rng`.

        Args:
            rng: the source of randomness.
            shape: the shape of the weight.
            dtype: its dtype.
        """
        if type(self).__call__ is Initializer.__call__:
            raise NotImplementedError(f"{type(self).__name__} has neither `draw` nor `__call__`.")
        return np.asarray(self(shape, dtype))

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> jax.Array:
        """Return a first value; the same each time if the initializer has a seed."""
        rng = generator_of(config.next_seed() if self.seed is None else self.seed)
        return jnp.asarray(self.draw(rng, tuple(shape), np.dtype(dtype or config.floatx())))

    def __repr__(self) -> str:
        return representation(self)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal initializer."""
        return {k: serialize(v) for k, v in vars(self).items() if not k.startswith("_")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Make an initializer from what `get_config` returned."""
        return cls(**config)

    def clone(self) -> Initializer:
        """Return an equal initializer."""
        return type(self).from_config(self.get_config())


class Seeded(Initializer):
    """An initializer that draws; with a seed of its own, the same values everywhere."""

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike
    ) -> np.ndarray:
        if not jnp.issubdtype(dtype, jnp.inexact):
            raise ArgumentError(
                f"{type(self).__name__} draws fractions, which dtype {np.dtype(dtype).name!r} "
                "cannot hold; use a float dtype, or another initializer."
            )
        rng = rng if self.seed is None else generator_of(self.seed)
        return self.sample(rng, shape).astype(dtype)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Return a sample in any float dtype."""
        raise NotImplementedError


def generator_of(seed: int | SeedGenerator) -> np.random.Generator:
    """Return NumPy's generator for a seed; a `SeedGenerator` gives another each time."""
    numbers = seed.next().tolist() if isinstance(seed, SeedGenerator) else seed
    return np.random.default_rng(numbers)


def _constant(value: ArrayLike) -> Array:
    """Return the initializer that an array stands for."""
    result: Array = initializers.entries["Constant"](np.asarray(value))
    return result


initializers = Registry("initializer", "initializers", instantiate=True, from_array=_constant)
register = initializers.register
