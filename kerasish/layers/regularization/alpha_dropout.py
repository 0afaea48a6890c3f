"""AlphaDropout: dropout for self-normalizing networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.regularization._noise import (
    Noise,
    broadcast_noise_shape,
    standardize_noise_shape,
    standardize_rate,
)

__all__ = ["AlphaDropout"]

# What `selu` tends to far below zero.
_LOWEST = -1.6732632423543772 * 1.0507009873554805


@register()
class AlphaDropout(Noise):
    """Dropout that keeps mean and variance, for `selu` networks (Klambauer et al., 2017).

    All are then scaled and shifted such that inputs of mean 0 and variance 1
    keep these.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        rate: fraction of the elements that is replaced, at least 0 and below 1.
        noise_shape: shape of the random mask, which is broadcast to the input; None, also for
            single axes, for the size of the input.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `rate` is not at least 0 and below 1, or `noise_shape` is invalid.
        ShapeError: if `noise_shape` does not broadcast to the input.

    Examples:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).normal(size=(200, 200)).astype("float32")
        >>> y = AlphaDropout(0.3)(x, training=True)
        >>> float(abs(y.mean()).round(1)), float(y.std().round(1))
        (0.0, 1.0)
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = standardize_rate(rate, "AlphaDropout", below_1=True)
        self.noise_shape = standardize_noise_shape(noise_shape)

    def perturb(self, x: Array) -> Array:
        if self.rate == 0:
            return x
        shape = broadcast_noise_shape(self.noise_shape, x, self.name)
        kept = jax.random.bernoulli(self.next_key(), 1 - self.rate, shape)
        # Mean and variance of the mixture, of which the first is taken off and the second made 1.
        factor = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        shift = -factor * self.rate * _LOWEST
        return factor * jnp.where(kept, x, jnp.asarray(_LOWEST, x.dtype)) + shift
