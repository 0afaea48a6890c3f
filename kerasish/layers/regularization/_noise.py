"""Base of noise layers, which change their input in training only."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.seeds import as_generator
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array

__all__ = ["Noise", "broadcast_noise_shape", "standardize_noise_shape", "standardize_rate"]


class Noise(Layer):
    """The base of layers that perturb their input at random in training.

    Args:
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.
    """

    seed: int | None

    def __init__(self, seed: int | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = as_generator(seed)
        self.supports_masking = True

    @abstractmethod
    def perturb(self, x: Array) -> Array:
        """Return the perturbed input; called in training only."""

    def call(self, inputs: Array, training: bool = False) -> Array:
        return self.perturb(inputs) if training else inputs

    def next_key(self) -> jax.Array:
        """Return a key for the noise of this call."""
        return self.seed_generator.next_key()

    def drop(self, x: Array, rate: float, shape: tuple[int, ...]) -> Array:
        """Apply inverted dropout to `x` with a mask of the given shape."""
        if rate == 0:
            return x
        if rate == 1:
            return jnp.zeros_like(x)
        kept = jax.random.bernoulli(self.next_key(), 1 - rate, shape)
        return jnp.where(kept, x / (1 - rate), jnp.zeros((), x.dtype))


def standardize_rate(rate: object, who: str, *, below_1: bool = False) -> float:
    """Return a rate after checking that it is from 0 to 1.

    Args:
        rate: what was given.
        who: the name of the layer, for the message.
        below_1: whether it must be smaller than 1.

    Raises:
        ArgumentError: if it is not from 0 to 1.
    """
    if not isinstance(rate, (int, float)) or not 0 <= rate <= 1 or (below_1 and rate == 1):
        to = "to below 1" if below_1 else "to 1"
        raise ArgumentError(f"{who} needs a rate from 0 {to}; got {rate!r}.")
    return rate


def standardize_noise_shape(shape: Sequence[int | None] | None) -> tuple[int | None, ...] | None:
    """Return the setting `noise_shape` as a tuple.

    Raises:
        ArgumentError: if it does not consist of positive integers and None.
    """
    if shape is None:
        return None
    if not isinstance(shape, Sequence) or not all(
        n is None or (isinstance(n, int) and n > 0) for n in shape
    ):
        raise ArgumentError(
            "noise_shape holds a positive whole number or None for each axis, the batch included; "
            f"got {shape!r}."
        )
    return tuple(shape)


def broadcast_noise_shape(
    pattern: tuple[int | None, ...] | None, x: Array, who: str
) -> tuple[int, ...]:
    """Return the shape of the noise for `x`: its own sizes where the pattern says None.

    Raises:
        ShapeError: if the pattern does not broadcast to `x`.
    """
    pattern = (None,) * x.ndim if pattern is None else pattern
    known = [n if isinstance(n, int) else None for n in x.shape]
    if len(pattern) != x.ndim or any(
        m not in (None, 1, n) for m, n in zip(pattern, known, strict=True) if n is not None
    ):
        raise ShapeError(
            f"Layer {who!r} has a noise_shape of {pattern}, which does not broadcast to its input "
            f"of shape {tuple(known)}."
        )
    return tuple(n if m is None else m for m, n in zip(pattern, x.shape, strict=True))
