"""SeedGenerator: a sequence of random keys, which layers that draw keep in an attribute."""

from __future__ import annotations

from operator import index
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.scope import current_scope, seeded_key
from kerasish.core.settings import config
from kerasish.core.variable import Variable

__all__ = ["SeedGenerator", "as_generator"]


class SeedGenerator:
    """A sequence of random keys.

    Outside of a model, and in a layer that is called directly, the keys are those of Keras:
    made of the seed and a count. In a step of `fit` they are made of the seed and the number of
    the step, in `stateless_call` of the seed and the count in the last of the
    `non_trainable_variables`, and in `apply` of the seed and the caller's `rng`; so a layer stays a
    pure function, and a resumed run draws what an uninterrupted one does. Without a seed the
    keys of a layer come from the `rng` of the application and the layer's path.

    Args:
        seed: the seed; drawn from that of the process unless given.
        name: a name.
        **kwargs: accepted as in Keras; without effect.

    Attributes:
        state: a variable that holds the seed and the count, `(2,)`.

    Raises:
        ArgumentError: if the seed is not an integer.

    Examples:
        >>> from kerasish import random
        >>> generator = SeedGenerator(3)
        >>> first, second = (float(random.normal((), seed=generator)) for _ in range(2))
        >>> first == second, first == float(random.normal((), seed=3))
        (False, True)
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        if seed is not None:
            try:
                seed = index(seed)
            except TypeError:
                raise ArgumentError(f"seed must be an integer or None; got {seed!r}.") from None
        self.name = name or "seed_generator"
        self._initial_seed = seed
        self.state = Variable(self._first, (2,), "uint32", False, name="seed_generator_state")
        self.state.path = ("seed_generator", "seed_generator_state")

    def _first(self, shape: Any, dtype: Any) -> np.ndarray:
        seed = config.next_seed() if self._initial_seed is None else self._initial_seed
        return np.array([seed % 2**32, 0], dtype)

    def next_key(self) -> jax.Array:
        """Return the next key."""
        scope = current_scope()
        if scope is None or scope.direct:
            # The count belongs to the process, not to a trace that happens to draw.
            with jax.ensure_compile_time_eval():
                seed, count = np.asarray(self.state.value)
                self.state.keep(jnp.asarray(np.array([seed, count + 1], "uint32")))
            return seeded_key(int(seed), int(count))
        if self._initial_seed is None:
            return scope.next_key()
        return scope.next_seeded_key(self._initial_seed, self)

    def next(self, ordered: bool = True) -> jax.Array:
        """Return the next key as numbers: the seed and the count, as in Keras.

        Args:
            ordered: accepted as in Keras; without effect.

        Examples:
            >>> generator = SeedGenerator(3)
            >>> generator.next().tolist(), generator.next().tolist()
            ([3, 0], [3, 1])
        """
        numbers: jax.Array = jax.random.key_data(self.next_key())
        return numbers

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this generator again."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Make a generator from what `get_config` returned."""
        return cls(**config)


def as_generator(seed: Any) -> SeedGenerator:
    """Return the generator that a layer's setting `seed` stands for."""
    return seed if isinstance(seed, SeedGenerator) else SeedGenerator(seed)
