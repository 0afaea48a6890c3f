"""Random numbers: Keras's functions, and keys for layers of your own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.scope import current_scope, seeded_key
from kerasish.core.seeds import SeedGenerator
from kerasish.core.settings import config
from kerasish.core.types import Array, ArrayLike, DTypeLike

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "next_key",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]

SeedLike = int | SeedGenerator | Array | np.ndarray | None


def next_key() -> jax.Array:
    """Return a random key for the layer whose `call` is running.

    It depends on the key of the whole application (the step, in training) and
    on the layer's place in the model, not on what other layers draw. Each call
    gives another key.

    Raises:
        ArgumentError: outside of a layer's `call`, or if `apply` was given no `rng`.

    Examples:
        >>> from kerasish import Layer
        >>> class Noise(Layer):
        ...     def call(self, x, training=None):
        ...         return x + jax.random.normal(next_key(), x.shape) if training else x
    """
    scope = current_scope()
    if scope is None:
        raise ArgumentError(
            "`kerasish.random.next_key()` belongs inside the `call` of a layer; elsewhere make a "
            "key with `jax.random.key(seed)`."
        )
    return scope.next_key()


def _key_of(seed: SeedLike) -> jax.Array:
    """Return the key for what stands for one: a number, a generator, None, or a key."""
    if seed is None:
        return next_key() if current_scope() is not None else seeded_key(config.next_seed(), 0)
    if isinstance(seed, SeedGenerator):
        return seed.next_key()
    if isinstance(seed, jax.Array) and jnp.issubdtype(seed.dtype, jax.dtypes.prng_key):
        return seed
    if isinstance(seed, int):
        return seeded_key(seed, 0)
    if isinstance(seed, (jax.Array, np.ndarray)) and seed.shape == (2,) and seed.dtype == "uint32":
        numbers: jax.Array = jax.random.wrap_key_data(jnp.asarray(seed), impl="threefry2x32")
        return numbers
    raise ArgumentError(
        f"seed must be a whole number, a SeedGenerator, a key or None; got {seed!r}."
    )


def _float(dtype: DTypeLike | None, what: str) -> np.dtype[Any]:
    dtype = jnp.dtype(dtype or config.floatx())
    if not jnp.issubdtype(dtype, jnp.floating):
        raise ArgumentError(f"`random.{what}` draws floats; got dtype={dtype.name!r}.")
    return jax.dtypes.canonicalize_dtype(dtype)


def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> Array:
    """Draw from a normal distribution.

    Args:
        shape: shape of the result.
        mean: the mean.
        stddev: the standard deviation.
        dtype: the dtype; `config.floatx()` by default.
        seed: an integer (the same numbers each time, those of Keras), a `SeedGenerator`, a key of
            JAX, or None: inside a layer's `call` its own key, elsewhere another each time.

    Raises:
        ArgumentError: if the dtype or the seed is invalid.

    Examples:
        >>> normal((2, 3), seed=1).shape
        (2, 3)
    """
    draw = jax.random.normal(_key_of(seed), tuple(shape), _float(dtype, "normal"))
    return draw * jnp.asarray(stddev, draw.dtype) + jnp.asarray(mean, draw.dtype)


def truncated_normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> Array:
    """Draw from a normal distribution truncated at two standard deviations.

    Args:
        shape: shape of the result.
        mean: the mean.
        stddev: the standard deviation of the distribution that is cut.
        dtype: the dtype; `config.floatx()` by default.
        seed: as in `normal`.
    """
    dtype = _float(dtype, "truncated_normal")
    draw = jax.random.truncated_normal(_key_of(seed), -2.0, 2.0, tuple(shape), dtype)
    return draw * jnp.asarray(stddev, dtype) + jnp.asarray(mean, dtype)


def uniform(
    shape: Sequence[int],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> Array:
    """Draw floats from a uniform distribution over `[minval, maxval)`.

    Args:
        shape: shape of the result.
        minval: lower bound, included.
        maxval: upper bound, excluded.
        dtype: the dtype; `config.floatx()` by default.
        seed: as in `normal`.
    """
    dtype = _float(dtype, "uniform")
    return jax.random.uniform(_key_of(seed), tuple(shape), dtype, minval, maxval)


def randint(
    shape: Sequence[int],
    minval: int,
    maxval: int,
    dtype: DTypeLike | None = "int32",
    seed: SeedLike = None,
) -> Array:
    """Draw integers uniformly from `[minval, maxval)`.

    Args:
        shape: shape of the result.
        minval: lower bound, included.
        maxval: upper bound, excluded.
        dtype: a dtype of integers.
        seed: as in `normal`.
    """
    if not jnp.issubdtype(jnp.dtype(dtype), jnp.integer):
        raise ArgumentError(f"`random.randint` draws whole numbers; got dtype={dtype!r}.")
    dtype = jax.dtypes.canonicalize_dtype(dtype)
    return jax.random.randint(_key_of(seed), tuple(shape), minval, maxval, dtype)


def categorical(
    logits: ArrayLike, num_samples: int, dtype: DTypeLike | None = "int32", seed: SeedLike = None
) -> Array:
    """Draw class numbers: `(batch, classes) -> (batch, num_samples)`.

    Args:
        logits: unnormalized log probabilities of the classes.
        num_samples: number of samples for each row.
        dtype: a dtype of integers.
        seed: as in `normal`.
    """
    logits = jnp.asarray(logits)
    shape = (*logits.shape[:-1], num_samples)
    draw = jax.random.categorical(_key_of(seed), logits[..., None], -2, shape)
    return draw.astype(jax.dtypes.canonicalize_dtype(dtype))


def gamma(
    shape: Sequence[int], alpha: ArrayLike, dtype: DTypeLike | None = None, seed: SeedLike = None
) -> Array:
    """Draw from a gamma distribution of scale 1.

    Args:
        shape: shape of the result.
        alpha: the shape of the distribution.
        dtype: the dtype; `config.floatx()` by default.
        seed: as in `normal`.
    """
    return jax.random.gamma(_key_of(seed), alpha, tuple(shape), _float(dtype, "gamma"))


def beta(
    shape: Sequence[int],
    alpha: ArrayLike,
    beta: ArrayLike,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> Array:
    """Draw from a beta distribution.

    Args:
        shape: shape of the result.
        alpha: first concentration parameter.
        beta: second concentration parameter.
        dtype: the dtype; `config.floatx()` by default.
        seed: as in `normal`.
    """
    return jax.random.beta(_key_of(seed), alpha, beta, tuple(shape), _float(dtype, "beta"))


def binomial(
    shape: Sequence[int],
    counts: ArrayLike,
    probabilities: ArrayLike,
    dtype: DTypeLike | None = None,
    seed: SeedLike = None,
) -> Array:
    """Draw from a binomial distribution.

    Args:
        shape: shape of the result.
        counts: number of trials.
        probabilities: probability of success of each trial.
        dtype: the dtype; `config.floatx()` by default.
        seed: as in `normal`.
    """
    dtype = _float(dtype, "binomial")
    return jax.random.binomial(_key_of(seed), counts, probabilities, tuple(shape), dtype)


def dropout(
    inputs: ArrayLike,
    rate: float,
    noise_shape: Sequence[int | None] | None = None,
    seed: SeedLike = None,
) -> Array:
    """Apply inverted dropout: set a random fraction to zero, and scale the others.

    Args:
        inputs: an array.
        rate: the share, from 0 up to 1.
        noise_shape: the shape of what is drawn, with 1 where elements share their fate; None
            in an axis stands for its size.
        seed: as in `normal`.
    """
    inputs = jnp.asarray(inputs)
    if rate <= 0:
        return inputs
    pattern = inputs.shape if noise_shape is None else noise_shape
    shape = tuple(m if n is None else n for n, m in zip(pattern, inputs.shape, strict=True))
    kept = jax.random.bernoulli(_key_of(seed), 1 - rate, shape)
    # With a rate of 1 there is nothing left to be scaled.
    return jnp.where(kept, inputs / max(1 - rate, 1e-30), 0).astype(inputs.dtype)


def shuffle(x: ArrayLike, axis: int = 0, seed: SeedLike = None) -> Array:
    """Return an array with the elements along an axis in another order, each line by itself.

    Args:
        x: an array.
        axis: the axis.
        seed: as in `normal`.
    """
    return jax.random.permutation(_key_of(seed), jnp.asarray(x), axis, independent=True)
