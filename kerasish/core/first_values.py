"""First values of weights as a pure function of a key: those that building draws for its seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.settings import config
from kerasish.core.variable import Variable

__all__ = ["first_values"]


def first_values(key: jax.Array, declared: Sequence[Variable]) -> list[jax.Array]:
    """Return first values for some variables.

    Initializers draw on the host. Within a transformation, NumPy is called back with the numbers
    of the key, once for each key that a `vmap` has.

    Args:
        key: a key; that of a seed gives what is drawn first after `set_random_seed(seed)`.
        declared: the variables.
    """
    numbers = jax.random.key_data(key) if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) else key
    on_host = [v for v in declared if getattr(v.initializer, "draws_on_host", False)]

    def draw(numbers: Any) -> tuple[Any, list[Any]]:
        seed = _seed_of(np.asarray(numbers))
        return np.uint32(seed), [np.asarray(v.draw(seed), v.dtype) for v in on_host]

    if isinstance(numbers, jax.core.Tracer):
        shapes = [jax.ShapeDtypeStruct(v.shape, v.dtype) for v in on_host]
        result = jax.ShapeDtypeStruct((), "uint32"), shapes
        seed, drawn = jax.pure_callback(draw, result, numbers, vmap_method="sequential")
    else:
        seed, drawn = draw(numbers)
    found = {id(v): jnp.asarray(value) for v, value in zip(on_host, drawn, strict=True)}
    return [
        found[id(v)] if id(v) in found else jnp.asarray(v.draw(seed), v.dtype) for v in declared
    ]


def _seed_of(numbers: np.ndarray) -> int:
    """Return the seed of a model that is built first after `set_random_seed` of these numbers."""
    return config.first_seed(int.from_bytes(numbers.astype(">u4").tobytes(), "big"))
