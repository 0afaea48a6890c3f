"""GaussianNoise and GaussianDropout: additive and multiplicative normal noise."""

from __future__ import annotations

import math
from typing import Unpack

import jax

from kerasish.core.errors import ArgumentError
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.regularization._noise import Noise, standardize_rate

__all__ = ["GaussianDropout", "GaussianNoise"]


@register()
class GaussianNoise(Noise):
    """Adds normal noise in training.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        stddev: the standard deviation of the noise, from 0 to 1.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `stddev` is not from 0 to 1.

    Examples:
        >>> import numpy as np
        >>> y = GaussianNoise(0.1)(np.zeros((100, 100), "float32"), training=True)
        >>> round(float(y.std()), 2)
        0.1
    """

    def __init__(
        self, stddev: float, seed: int | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(seed, **kwargs)
        if not isinstance(stddev, (int, float)) or not 0 <= stddev <= 1:
            raise ArgumentError(f"GaussianNoise needs a stddev from 0 to 1; got {stddev!r}.")
        self.stddev = stddev

    def perturb(self, x: Array) -> Array:
        return x + self.stddev * jax.random.normal(self.next_key(), x.shape, self.compute_dtype)


@register()
class GaussianDropout(Noise):
    """Multiplies by normal noise of mean 1 in training (Srivastava et al., 2014).

    Its standard deviation is `sqrt(rate / (1 - rate))`, that of what Dropout
    multiplies by.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        rate: dropout rate with the same variance, at least 0 and below 1.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `rate` is not at least 0 and below 1.

    Examples:
        >>> import numpy as np
        >>> y = GaussianDropout(0.5)(np.ones((100, 100), "float32"), training=True)
        >>> round(float(y.mean()), 1), round(float(y.std()), 1)
        (1.0, 1.0)
    """

    def __init__(
        self, rate: float, seed: int | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = standardize_rate(rate, "GaussianDropout", below_1=True)

    def perturb(self, x: Array) -> Array:
        stddev = math.sqrt(self.rate / (1 - self.rate))
        noise = jax.random.normal(self.next_key(), x.shape, self.compute_dtype)
        return x * (1 + stddev * noise)
